/* ## What it does
 * Reports a class that is made while the program runs, with each call of a function, and that
 * something keeps: a list or dictionary of the project, `functools.singledispatch`, `copyreg`, the
 * adapters of `sqlite3`, or a list that `__init_subclass__` or a metaclass fills. A `sessionmaker`
 * or declarative base of SQLAlchemy that is made per call is one, too.
 *
 * ## Why it leaks
 * A class is a large object: its dictionary, its bases, its methods with what they capture. Made
 * per call, each registration is one more class that stays with all of it. Python's own lists of
 * subclasses and of ABCs are weak, but a list that a program keeps is not.
 *
 * ## Example
 * ```python bad
 * import functools
 *
 *
 * @functools.singledispatch
 * def render(value):
 *     return str(value)
 *
 *
 * def handle(rows):
 *     class Row:
 *         def __init__(self, cells):
 *             self.cells = cells
 *
 *     render.register(Row, lambda row: ",".join(row.cells))
 *     return [render(Row(cells)) for cells in rows]
 *
 *
 * def serve(queue):
 *     while True:
 *         handle(queue.get())
 * ```
 *
 * Each call leaves a class and a function in the registry, and the class is the same for all calls:
 *
 * ```python good
 * import functools
 *
 *
 * @functools.singledispatch
 * def render(value):
 *     return str(value)
 *
 *
 * class Row:
 *     def __init__(self, cells):
 *         self.cells = cells
 *
 *
 * @render.register(Row)
 * def render_row(row):
 *     return ",".join(row.cells)
 *
 *
 * def handle(rows):
 *     return [render(Row(cells)) for cells in rows]
 *
 *
 * def serve(queue):
 *     while True:
 *         handle(queue.get())
 * ```
 *
 * ## When it is silent
 * - Classes at module level, in functions that run at import, in factories that are cached.
 * - `ABC.register` and `isinstance`: these tables are weak.
 * - Registries that are weak, bounded, or that something removes from, and those keyed by the name
 *   of the class: the next one of that name replaces it.
 * - Classes that the guard of a metaclass or of an `__init_subclass__` turns away: it asks the
 * name, the body or a keyword of the class (`if namespace.get("abstract"): return`), and each class
 * that a function makes says what keeps it out.
 *
 * At low confidence: functions that nobody is seen to call again, factories that ask first, a guard
 * that asks for what the class does not show, tests, and a `sessionmaker` per call.
 *
 * ## What it misses
 * Registries of other libraries, computed names, and `ctypes.POINTER`, which is LMP112.
 *
 * ## How to confirm
 * A weak reference to the class is still alive after `gc.collect()`.
 *
 * ## References
 * - Python documentation, `functools.singledispatch`, `copyreg.pickle`
 * - SQLAlchemy documentation, "Using a Sessionmaker": once, at module level
 */
#include "rule/rule.h"

typedef struct Registered {
    u32 file;
    OpId op;           /* what registers */
    ScopeRef function; /* that makes the class */
    Str holder;        /* as the message names it */
    Str edge;
    Str class;
    OpRef made;
    bool is_repeated; /* somebody is seen to call the function again and again */
    bool is_asked;    /* the table is asked first, or the class for what it does not show */
} Registered;

static bool is_repeated(RuleContext *c, const ClassMaking *m) {
    return m->is_in_loop || graph_is_driven(c->graph, m->function);
}

static Finding *report(RuleContext *c, const Registered *r) {
    const Facts *facts = graph_facts(c->graph, r->file);
    Span span = facts_op(facts, r->op)->span;
    Finding *f = rule_report(c, r->file, span, r->function);
    f->confidence = r->is_repeated ? CONFIDENCE_HIGH : CONFIDENCE_LOW;
    if (r->is_asked || graph_is_test_file(c->graph, r->file)) f->confidence = CONFIDENCE_LOW;
    f->severity = SEVERITY_WARNING;
    f->subject = r->holder;
    f->message = rule_text(
        c,
        "%.*s keeps each class '%.*s' alive until the process ends: every call of "
        "'%.*s' makes a new one, and none is removed",
        STR_ARG(r->holder), STR_ARG(r->class), STR_ARG(graph_scope_name(c->graph, r->function)));
    finding_step(c->arena, f, (Step){.kind = STEP_NODE, .text = r->holder});
    rule_step(c, f, STEP_EDGE, r->edge, STR("added here, never removed"), r->file, span);
    f->steps.v[f->steps.n - 1].suspect = true;
    const Facts *home = graph_facts(c->graph, r->made.file);
    rule_step(c, f, STEP_NODE, rule_text(c, "class %.*s", STR_ARG(r->class)),
              STR("a new class with each call"), r->made.file, facts_op(home, r->made.op)->span);
    f->help = STR("make the class once, at module level, or hold it weakly (`weakref.WeakSet`)");
    f->confirm = rule_text(c, "a weak reference to '%.*s' is still alive after `gc.collect()`",
                           STR_ARG(r->class));
    return f;
}

/* ---- registries of the project ---- */

static void report_kept(RuleContext *c, const Container *k, const Use *use, Registered *r) {
    r->file = use->file;
    r->op = use->op;
    r->holder = rule_text(c, "'%.*s'", STR_ARG(k->name));
    r->edge = use->key.i ? rule_text(c, "[%.*s]", STR_ARG(rule_path_text(c, use->file, use->key)))
                         : rule_text(c, ".%.*s()", STR_ARG(use->how));
    Finding *f = report(c, r);
    f->container = graph_place(c->graph, k->file, k->definition);
    f->has_container = true;
}

static bool check_use(RuleContext *c, const Container *k, const Use *use) {
    RunTimeClass made;
    if (!graph_registered_class(c->graph, k, use, &made)) return false;
    Registered r = {.made = made.op, .class = made.name, .is_asked = made.is_asked};
    r.function = made.making.function;
    r.is_repeated = is_repeated(c, &made.making);
    report_kept(c, k, use, &r);
    return true;
}

static void check_container(RuleContext *c, ContainerId id) {
    const Container *k = graph_container(c->graph, id);
    Verdict verdict = graph_growth(c->graph, id).verdict;
    if (verdict != VERDICT_GROWS && verdict != VERDICT_SETTLED) return;
    for (u32 i = 0; i < k->n_uses; i++)
        if (check_use(c, k, &k->uses[i])) return;
}

/* ---- registries of the standard library ---- */

static void check_registration(RuleContext *c, OpRef ref, Str name) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    const Path *callee = &f->paths[call->subject];
    bool is_known = name.n && !str_ends(name, ".register");
    if (!graph_is_class_registry(c->graph, ref.file, op_path(call))) return;
    Registered r = {.file = ref.file, .op = ref.op};
    ClassMaking making;
    r.made = (OpRef){ref.file, graph_run_time_class(c->graph, ref.file, op_operand(f, call, 0),
                                                    &r.class, &making)};
    if (!r.made.op.i) return;
    Str of = is_known ? name : rule_path_text(c, ref.file, callee->parent);
    r.holder = rule_text(c, "the registry of '%.*s'", STR_ARG(of));
    r.edge = is_known ? rule_text(c, "%.*s()", STR_ARG(name)) : STR(".register()");
    r.function = making.function;
    r.is_repeated = is_repeated(c, &making);
    report(c, &r);
}

/* ---- SQLAlchemy ---- */

static void check_sqlalchemy(RuleContext *c, OpRef ref, Str name) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    ScopeRef function = {ref.file,
                         facts_enclosing(f, f->regions[call->region.i].scope, SCOPE_FUNCTION)};
    if (!function.scope.i) return;
    if (graph_how_often(c->graph, ref.file, call->region) < RUNS_PER_INSTANCE) return;
    ClassMaking making = graph_class_making(c->graph, ref);
    if (making.is_kept) return;
    Str maker = str_after_last(name, '.');
    Finding *finding = rule_report(c, ref.file, call->span, function);
    finding->effect = EFFECT_DELAYED;
    finding->confidence = CONFIDENCE_LOW; /* a kilobyte, until the collector comes */
    finding->severity = SEVERITY_WARNING;
    finding->subject = name;
    finding->message = rule_text(
        c,
        "'%.*s' keeps the class that it makes alive until the cyclic collector runs: every "
        "call of '%.*s' makes one, and 'sqlalchemy' before 0.7.10 never lets it go",
        STR_ARG(maker), STR_ARG(graph_scope_name(c->graph, function)));
    rule_step(c, finding, STEP_NODE, maker, STR("makes a class with each call"), ref.file,
              call->span);
    finding_step(c->arena, finding,
                 (Step){.kind = STEP_EDGE,
                        .text = STR(".__mro__"),
                        .suspect = true,
                        .note = STR("a class is in a cycle with itself")});
    rule_step(c, finding, STEP_NODE, STR("the class"), (Str){0}, ref.file, call->span);
    finding->help = rule_text(c, "make the `%.*s` once, at module level, or once for each engine",
                              STR_ARG(maker));
    finding->confirm = STR("with `gc.disable()`, a weak reference to `maker.class_` stays alive");
}

/* ---- who is asked ---- */

static void check_call(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    Str name = graph_name_of(c->graph, ref.file, op_path(facts_op(f, ref.op)));
    if (str_ends(name, ".sessionmaker"))
        check_sqlalchemy(c, ref, name);
    else
        check_registration(c, ref, name);
}

static const char *const callees[] = {".register",
                                      "copy_reg.pickle", /* Python 2 */
                                      "copyreg.pickle",
                                      "sqlalchemy.orm.sessionmaker",
                                      "sqlalchemy.orm.session.sessionmaker",
                                      "sqlite3.register_adapter",
                                      "yaml.add_representer",
                                      NULL};

const Rule rule_lmp222 = {
    .code = "LMP222",
    .name = "dynamic-class-registered",
    .summary = "a class that is made with every call is registered where it stays",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, delayed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check_call,
    .on_container = check_container,
};
