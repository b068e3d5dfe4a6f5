/* ## What it does
 * Reports classes that are made again and again: by a class statement, `namedtuple`, `type`, `Enum`
 * or a similar call, in a loop or in a function that runs per call. By default only those that
 * something keeps for longer, or that hold something large or owned; all with `--select LMP112`.
 *
 * ## Why it leaks
 * Every class is a cycle: it is in its own `__mro__`, and its descriptors refer to it. So each one
 * waits for the cyclic collector, with all that its methods capture (`self` of the function around
 * it). Some caches hold it for longer: `ctypes.POINTER` and `CFUNCTYPE` keep every type that they
 * were given until the process ends, `typing.Optional` and its kin the last 128.
 *
 * ## Example
 * ```python bad
 * import ctypes
 *
 *
 * def length_at(address):
 *     class Header(ctypes.Structure):
 *         _fields_ = [("length", ctypes.c_uint32)]
 *
 *     return ctypes.cast(address, ctypes.POINTER(Header)).contents.length
 * ```
 *
 * One structure serves all calls:
 *
 * ```python good
 * import ctypes
 *
 *
 * class Header(ctypes.Structure):
 *     _fields_ = [("length", ctypes.c_uint32)]
 *
 *
 * def length_at(address):
 *     return ctypes.cast(address, ctypes.POINTER(Header)).contents.length
 * ```
 *
 * ## When it is silent
 * - The class is made at module level, or in a function that runs only while modules are imported.
 * - The function is a cache (`lru_cache`), or stores the class where it outlives the call: how many
 *   there are depends on that store, which other rules look at.
 * - A ctypes type that is the same each time, `POINTER(c_int)`, and a second `POINTER` to one.
 * - An old-style class, for Python 2.7 alone: reference counting frees it.
 *
 * At low confidence: tests, factories, functions that nothing calls, `POINTER(c_char * size)`.
 *
 * ## What it misses
 * Array types of ctypes without a pointer to them, and caches of other libraries.
 *
 * ## How to confirm
 * With the collector off, `len(object.__subclasses__())` grows with every call; with ctypes always.
 *
 * ## References
 * - CPython, Objects/typeobject.c: `type_traverse` and the comment on `__mro__`
 * - CPython, Lib/ctypes/__init__.py: `_pointer_type_cache` (until 3.13), `_c_functype_cache`
 * - CPython, Lib/typing.py: `_tp_cache`, an `lru_cache` of the default size
 */
#include "rule/rule.h"

typedef struct Made {
    OpRef op;
    Str name; /* of the class */
    Str how;  /* "class", "namedtuple": what makes it */
    ClassMaking making;
    SymbolId kept; /* the captured variable to speak of, or 0 */
    Burden burden;
} Made;

/* Tests and functions whose callers are unknown are low, a loop of the function itself is plain. */
static Confidence confidence_of(RuleContext *c, const Made *m) {
    if (graph_is_test_file(c->graph, m->op.file)) return CONFIDENCE_LOW;
    if (m->making.is_in_loop) return CONFIDENCE_HIGH;
    return graph_is_driven(c->graph, m->making.function) ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

static Str occasion(RuleContext *c, const Made *m) {
    Str name = graph_scope_name(c->graph, m->making.function);
    if (m->making.is_in_loop)
        return rule_text(c, "each round of a loop in '%.*s' makes one", STR_ARG(name));
    return rule_text(c, "each call of '%.*s' makes one", STR_ARG(name));
}

static Finding *report(RuleContext *c, const Made *m, Span place, Str holder, Str object,
                       const char *end, Str why) {
    Finding *f = rule_report(c, m->op.file, place, m->making.function);
    f->confidence = confidence_of(c, m);
    f->subject = m->name;
    f->message = rule_text(c, "%.*s keeps %.*s alive until %s: %.*s", STR_ARG(holder),
                           STR_ARG(object), end, STR_ARG(why));
    f->help = rule_text(c, "make '%.*s' once, at module level, and give its instances what differs",
                        STR_ARG(m->name));
    f->confirm = STR("with `gc.disable()`, `len(object.__subclasses__())` grows with every call");
    return f;
}

static void report_cycle(RuleContext *c, const Made *m, Span place) {
    const Facts *f = graph_facts(c->graph, m->op.file);
    OpRef off;
    bool is_off = graph_collector_is_off(c->graph, m->op.file, &off);
    bool is_grave = m->burden.kind && !graph_is_test_file(c->graph, m->op.file);
    bool is_plain = !is_off && !is_grave;
    if (is_plain && !rule_wants_plain(c, m->op.file)) return;
    Str kept = m->kept.i ? facts_str(f, f->symbols[m->kept.i].name) : (Str){0};
    Str object = kept.n ? rule_text(c, "'%.*s'", STR_ARG(kept)) : STR("itself");
    Finding *finding =
        report(c, m, place, rule_text(c, "class '%.*s'", STR_ARG(m->name)), object,
               is_off ? "the process ends" : "the cyclic collector runs",
               is_off ? rule_text(c, "%.*s, and the collector is off", STR_ARG(occasion(c, m)))
                      : occasion(c, m));
    finding->effect = is_off ? EFFECT_NEVER_FREED : EFFECT_DELAYED;
    finding->is_plain = is_plain;
    if (is_grave)
        finding->confidence =
            MIN(MAX(finding->confidence, CONFIDENCE_MEDIUM), m->burden.confidence);
    finding->severity = is_plain ? SEVERITY_NOTE : SEVERITY_WARNING;
    Str node = rule_text(c, "class %.*s", STR_ARG(m->name));
    rule_step(c, finding, STEP_NODE, node, m->how, m->op.file, place);
    finding_step(c->arena, finding,
                 (Step){.kind = STEP_EDGE,
                        .text = STR(".__mro__"),
                        .note = STR("every class is in it: only the cyclic collector frees it"),
                        .suspect = true});
    rule_step(c, finding, STEP_NODE, node, (Str){0}, m->op.file, place);
    if (kept.n) {
        const Scope *owner = &f->scopes[f->symbols[m->kept.i].scope.i];
        finding_step(c->arena, finding, (Step){.kind = STEP_EDGE, .text = STR("its body")});
        rule_step(c, finding, STEP_NODE, kept, (Str){0}, m->op.file, owner->name_span);
    }
    if (is_off) rule_note(c, finding, STR("the collector is turned off"), (Str){0}, off);
}

static void add_cache(RuleContext *c, Finding *finding, const Made *m, Str cache, Span place,
                      Str how) {
    finding_step(c->arena, finding,
                 (Step){.kind = STEP_NODE, .text = rule_text(c, "cache of %.*s", STR_ARG(cache))});
    rule_step(c, finding, STEP_EDGE, STR("[…]"), STR("added here"), m->op.file, place);
    finding->steps.v[finding->steps.n - 1].suspect = true;
    rule_step(c, finding, STEP_NODE, rule_text(c, "class %.*s", STR_ARG(m->name)), how, m->op.file,
              facts_op(graph_facts(c->graph, m->op.file), m->op.op)->span);
}

static void report_typing(RuleContext *c, const Made *m, OpId use) {
    const Facts *f = graph_facts(c->graph, m->op.file);
    const Op *op = facts_op(f, use);
    Str name = graph_name_of(c->graph, m->op.file, f->paths[op->subject].parent);
    Finding *finding = report(c, m, op->span, rule_text(c, "the cache of '%.*s'", STR_ARG(name)),
                              rule_text(c, "'%.*s'", STR_ARG(m->name)),
                              "about a hundred other types push it out", occasion(c, m));
    finding->effect = EFFECT_BOUNDED;
    finding->is_plain = graph_is_test_file(c->graph, m->op.file);
    add_cache(c, finding, m, name, op->span, m->how);
    finding->confirm =
        rule_text(c, "a weak reference to '%.*s' is alive after `gc.collect()`", STR_ARG(m->name));
}

static void report_ctypes(RuleContext *c, Made *m, Str name) {
    const Facts *f = graph_facts(c->graph, m->op.file);
    const Op *call = facts_op(f, m->op.op);
    bool is_pointer = str_is(name, "ctypes.POINTER");
    CtypeUse use = graph_ctype_use(c->graph, m->op);
    if (!use.is_first) return;
    if (use.structure.i) m->making.is_in_loop = use.is_in_loop;
    u32 targets = rule_targets(c, m->op.file);
    if (is_pointer && !targets_before(targets, PYTHON_3_14)) return;
    bool differs = is_pointer && targets_from(targets, PYTHON_3_14);
    Str why = use.structure.i ? occasion(c, m) : STR("each new length makes one");
    Finding *finding =
        report(c, m, call->span, rule_text(c, "the cache of '%.*s'", STR_ARG(name)),
               STR("each new type"), "the process ends",
               rule_text(c, "%.*s%s", STR_ARG(why),
                         differs ? ", and up to Python 3.13 nothing removes it" : ""));
    finding->effect = EFFECT_NEVER_FREED;
    if (!use.structure.i)
        finding->confidence = CONFIDENCE_LOW;
    else if (finding->confidence == CONFIDENCE_LOW && !graph_is_test_file(c->graph, m->op.file))
        finding->confidence = CONFIDENCE_MEDIUM;
    add_cache(c, finding, m, name, call->span, m->how);
    finding->help = STR("make the type once for each length, or do without a pointer type: "
                        "`ctypes.string_at`, `memoryview`");
    finding->confirm = STR("`len(ctypes._pointer_type_cache)`, or `_c_functype_cache`, grows");
}

static void check_class(RuleContext *c, ClassId id) {
    ScopeRef class = graph_class_scope(c->graph, id);
    const Facts *f = graph_facts(c->graph, class.file);
    const Scope *scope = &f->scopes[class.scope.i];
    bool is_old_style =
        scope->base_first == scope->base_end && rule_targets(c, class.file) == 1u << PYTHON_2_7;
    if (f->scopes[scope->parent.i].kind != SCOPE_FUNCTION || is_old_style) return;
    Made m = {.op = {class.file, scope->def}, .name = facts_str(f, scope->name)};
    m.how = STR("made by this statement");
    m.making = graph_class_making(c->graph, m.op);
    if (m.making.how_often < RUNS_PER_INSTANCE || m.making.is_kept) return;
    OpId use = graph_typing_use(c->graph, class.file, scope->def, m.making.symbol);
    if (use.i) {
        report_typing(c, &m, use);
        return;
    }
    SymbolId *held;
    u32 n = graph_class_captures(c->graph, c->scratch, class, &held);
    m.kept = graph_heaviest(c->graph, class.file, held, n, &m.burden);
    report_cycle(c, &m, scope->name_span);
}

static void check_call(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    Str name = graph_name_of(c->graph, ref.file, op_path(call));
    Made m = {.op = ref, .making = graph_class_making(c->graph, ref)};
    if (m.making.how_often < RUNS_PER_INSTANCE || !m.making.is_class) return;
    m.how = rule_text(c, "made by '%.*s'", STR_ARG(name));
    m.name = rule_text(c, "%.*s(…)", STR_ARG(str_after_last(name, '.')));
    if (m.making.symbol.i) m.name = facts_str(f, f->symbols[m.making.symbol.i].name);
    const Path *first = &f->paths[op_operand(f, call, 0).i];
    if (first->kind == PATH_LITERAL) m.name = facts_str(f, (StrId){first->id});
    bool is_fresh = false, is_ctypes = str_starts(name, "ctypes.");
    for (u32 i = 0; i < call->operands && is_ctypes; i++)
        is_fresh |= graph_is_fresh_ctype(c->graph, ref.file, op_operand(f, call, i), 3);
    if (m.making.is_kept) return;
    if (is_fresh) report_ctypes(c, &m, name);
    if (is_ctypes) return;
    OpId use = graph_typing_use(c->graph, ref.file, ref.op, m.making.symbol);
    if (use.i) report_typing(c, &m, use);
    if (!use.i) report_cycle(c, &m, call->span);
}

/* clang-format off */
static const char *const callees[] = {
    "abc.ABCMeta", "attr.make_class", "attrs.make_class", "builtins.type",
    "collections.namedtuple", "ctypes.CFUNCTYPE", "ctypes.POINTER", "ctypes.PYFUNCTYPE",
    "ctypes.WINFUNCTYPE", "dataclasses.make_dataclass", "enum.Enum", "enum.Flag", "enum.IntEnum",
    "enum.IntFlag", "enum.StrEnum", "pydantic.create_model", "types.new_class",
    "typing.NamedTuple", "typing.TypedDict", "typing_extensions.TypedDict", NULL,
};
/* clang-format on */

const Rule rule_lmp112 = {
    .code = "LMP112",
    .name = "class-per-call",
    .summary = "a class made with every call waits for the cyclic collector, or is kept by a cache",
    .effect = EFFECT_NEVER_FREED,
    .effects = "delayed, bounded, never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .flags = RULE_PLAIN_OPT_IN,
    .callees = callees,
    .on_call = check_call,
    .on_class = check_class,
};
