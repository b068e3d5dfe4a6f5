/* ## What it does
 * Reports code that runs per call and fills a table of the interpreter, or of an object of the
 * standard library that remembers: `sys.modules` and `linecache.cache` under names that are new
 * each time, `sys.path`, the memo of a `Pickler` or of `copy.deepcopy` that is used again, a list
 * of `gc.get_objects()` that is kept, `__warningregistry__` by warnings whose texts differ, and on
 * Python 3.12 the table of interned strings.
 *
 * ## Why it leaks
 * These tables live as long as the process, and nobody looks at them. A module that is registered
 * under a generated name stays with all its functions; `linecache` keeps the source under every
 * file name that it was given; the memo of a pickler holds every object that it has written, so
 * that it can refer back to it; a warning registers its text in the module that it is raised from,
 * so that it is shown once. Python 3.12 never frees an interned string, and `setattr` interns the
 * name.
 *
 * ## Example
 * ```python bad
 * import sys
 * import types
 * import uuid
 *
 *
 * def load(source):
 *     module = types.ModuleType("plugin_" + uuid.uuid4().hex)
 *     exec(source, module.__dict__)
 *     sys.modules["plugin_" + uuid.uuid4().hex] = module
 *     return module
 *
 *
 * def serve(queue):
 *     while True:
 *         load(queue.get()).run()
 * ```
 *
 * Every source that ever came in stays as a module. Code that holds the module itself does not need
 * an entry:
 *
 * ```python good
 * import types
 * import uuid
 *
 *
 * def load(source):
 *     module = types.ModuleType("plugin_" + uuid.uuid4().hex)
 *     exec(source, module.__dict__)
 *     return module
 *
 *
 * def serve(queue):
 *     while True:
 *         load(queue.get()).run()
 * ```
 *
 * ## When it is silent
 * - Code that runs once, or while modules are imported only.
 * - `sys.modules` and `linecache.cache`: keys that are given by a caller (importers), constants,
 * and tables from which the same file removes.
 * - `sys.path`: the code asks first whether the entry is there, or takes one out again.
 * - Picklers on which `clear_memo` is called, or that are made for one dump; memos that are local
 * or come in as the parameter of `__deepcopy__`.
 * - Warnings with a constant text, or one made of names of classes; DeprecationWarning and its kin
 *   from Python 3.7 on, where the default filters ignore them without a trace.
 * - Interned strings where 3.12 is no target, and names that may repeat.
 *
 * At low confidence: names that are open but may repeat, warnings, tests, and functions of which
 * nobody shows that they are called again.
 *
 * ## What it misses
 * `exec` and `compile` of sources with ever new identifiers, which Python 3.12 and 3.13 keep, and
 * tables of other libraries.
 *
 * ## How to confirm
 * Print the length of the table before and after a hundred calls.
 *
 * ## References
 * - Python documentation, `pickle.Pickler.clear_memo`, `linecache.clearcache`, `sys.intern`
 * - Python documentation, `warnings`: "The Warnings Filter"
 */
#include "rule/rule.h"

/* ---- what all of them say ---- */

typedef struct Growing {
    OpRef op;
    ScopeRef function;
    Str holder; /* as the message names it */
    Str object;
    const char *until;
    Str why;
    Str edge;
    Confidence confidence;
    const char *help;
    const char *confirm;
} Growing;

static Finding *report(RuleContext *c, const Growing *g) {
    Span span = facts_op(graph_facts(c->graph, g->op.file), g->op.op)->span;
    Finding *f = rule_report(c, g->op.file, span, g->function);
    f->confidence = graph_is_test_file(c->graph, g->op.file) ? CONFIDENCE_LOW : g->confidence;
    f->severity = SEVERITY_WARNING;
    f->subject = g->holder;
    f->message = rule_text(c, "%.*s keeps %.*s alive until %s: %.*s", STR_ARG(g->holder),
                           STR_ARG(g->object), g->until, STR_ARG(g->why));
    finding_step(c->arena, f, (Step){.kind = STEP_NODE, .text = g->holder});
    rule_step(c, f, STEP_EDGE, g->edge, STR("added here, never removed"), g->op.file, span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, g->object, (Str){0}, g->op.file, span);
    f->help = str_from(g->help);
    f->confirm = str_from(g->confirm);
    return f;
}

/* The function around an operation that runs per call; none for the rest. */
static ScopeRef repeated_function(RuleContext *c, OpRef at) {
    const Facts *f = graph_facts(c->graph, at.file);
    RegionId region = facts_op(f, at.op)->region;
    ScopeId s = facts_enclosing(f, f->regions[region.i].scope, SCOPE_FUNCTION);
    bool repeats = graph_how_often(c->graph, at.file, region) >= RUNS_PER_INSTANCE;
    return s.i && repeats ? (ScopeRef){at.file, s} : (ScopeRef){0};
}

static Confidence when_fresh(RuleContext *c, ScopeRef function, const TextParts *parts) {
    if (!parts->is_fresh) return CONFIDENCE_LOW;
    return graph_is_driven(c->graph, function) ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

static Str fresh_text(RuleContext *c, const TextParts *parts, ScopeRef function) {
    Str name = graph_scope_name(c->graph, function);
    if (parts->is_fresh)
        return rule_text(c, "each call of '%.*s' makes a new name by '%.*s'", STR_ARG(name),
                         STR_ARG(parts->fresh));
    return rule_text(c, "one per call of '%.*s', and nothing shows that the names repeat",
                     STR_ARG(name));
}

/* ---- sys.modules, linecache.cache ---- */

static bool is_composed(RuleContext *c, u32 file, PathId name) {
    const Facts *f = graph_facts(c->graph, file);
    const Path *p = &f->paths[graph_alias_of(c->graph, file, name).i];
    return p->kind == PATH_OP &&
           (f->ops[p->id].kind == OP_FSTRING || f->ops[p->id].kind == OP_BINARY);
}

static bool is_open(u32 shape) {
    return shape & (SHAPE_ID | SHAPE_REQUEST | SHAPE_ROUND | SHAPE_PARAMETER | SHAPE_OPEN);
}

static void check_store(RuleContext *c, u32 file, const TableStore *s) {
    Growing g = {.op = {file, s->op}, .until = "the process ends"};
    g.function = repeated_function(c, g.op);
    if (s->is_emptied || scope_is_none(g.function)) return;
    TextParts parts = graph_text_parts(c->graph, file, s->key);
    if (!parts.is_fresh && !(is_open(parts.shape) && is_composed(c, file, s->key))) return;
    g.confidence = when_fresh(c, g.function, &parts);
    g.holder = rule_text(c, "'%s'", process_table_text(s->table));
    bool is_modules = s->table == TABLE_MODULES;
    g.object = is_modules ? STR("a module") : STR("the lines of a source");
    g.edge = rule_text(c, "[%.*s]", STR_ARG(rule_path_text(c, file, s->key)));
    g.why = fresh_text(c, &parts, g.function);
    g.help = is_modules
                 ? "hold the module where it is used, or remove the entry when it is no longer "
                   "needed: `sys.modules.pop(name, None)`"
                 : "remove the entry with the code that it belongs to: `weakref.finalize(f, "
                   "linecache.cache.pop, name, None)`";
    g.confirm = is_modules ? "`len(sys.modules)` before and after 100 calls"
                           : "`len(linecache.cache)` before and after 100 calls";
    report(c, &g);
}

/* Once a file: when its first function is offered. */
static void check_file(RuleContext *c, ScopeRef function) {
    if (graph_next_function(c->graph, function.file, (ScopeId){0}).i != function.scope.i) return;
    TableStore *stores;
    u32 n = graph_table_stores(c->graph, function.file, c->scratch, &stores);
    for (u32 i = 0; i < n; i++) check_store(c, function.file, &stores[i]);
}

/* ---- sys.path ---- */

/* `sys.path` is asked, shortened or replaced in the file. */
static bool is_path_tended(RuleContext *c, u32 file) {
    static const char *const METHODS[] = {"remove", "pop", "clear"};
    const Facts *f = graph_facts(c->graph, file);
    for (u32 o = 1; o < f->n_ops; o++) {
        const Op *op = &f->ops[o];
        if (op_subject((OpKind)op->kind) != SUBJECT_PATH) continue;
        PathId about = op_path(op);
        const Path *p = &f->paths[about.i];
        bool is_in = op->kind == OP_TEST && (op->flags & OP_LOW) == TEST_IN;
        if (op->kind == OP_COMPARE || is_in)
            about = op_operand(f, op, is_in ? 0 : 1);
        else if (op->kind == OP_CALL && p->kind == PATH_ATTR) {
            bool removes = false;
            for (u32 i = 0; i < ARRAY_LEN(METHODS); i++)
                removes |= str_is(facts_str(f, (StrId){p->id}), METHODS[i]);
            about = removes ? p->parent : (PathId){0};
        } else if ((op->kind == OP_STORE || op->kind == OP_DELETE) &&
                   (p->kind == PATH_ANY || p->kind == PATH_CONST)) {
            about = p->parent;
        } else if (op->kind != OP_STORE) {
            continue;
        }
        if (about.i && str_is(graph_name_of(c->graph, file, about), "sys.path")) return true;
    }
    return false;
}

static void check_path(RuleContext *c, OpRef ref, Str method) {
    Growing g = {.op = ref, .holder = STR("'sys.path'"), .until = "the process ends"};
    g.function = repeated_function(c, ref);
    if (scope_is_none(g.function) || is_path_tended(c, ref.file)) return;
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    PathId entry = op_operand(f, call, str_is(method, "sys.path.insert") ? 1 : 0);
    g.object = rule_text(c, "'%.*s'", STR_ARG(rule_path_text(c, ref.file, entry)));
    g.edge = rule_text(c, ".%.*s()", STR_ARG(str_after_last(method, '.')));
    /* most such functions are called once, as a program begins */
    bool is_round = graph_how_often(c->graph, ref.file, call->region) == RUNS_PER_ROUND;
    g.confidence = is_round ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    g.why = rule_text(c, "each call of '%.*s' adds one more, and every import searches all of them",
                      STR_ARG(graph_scope_name(c->graph, g.function)));
    g.help = "ask first (`if entry not in sys.path`), or take it out in a `finally`";
    g.confirm = "`len(sys.path)` before and after 100 calls";
    report(c, &g);
}

/* ---- memos ---- */

/* An attribute or a module's variable, and not a local that goes with the call. */
static bool outlives_call(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    if (p->kind == PATH_ATTR) return f->paths[p->parent.i].kind == PATH_SYMBOL;
    if (p->kind != PATH_SYMBOL) return false;
    SymbolId owner = f->symbols[p->id].target;
    return owner.i && f->scopes[f->symbols[owner.i].scope.i].kind == SCOPE_MODULE;
}

/* The file mentions `clear_memo` or `fast`, or the memo of this pickler. */
static bool is_memo_tended(const Facts *f, PathId pickler) {
    for (u32 i = 1; i < f->n_paths; i++) {
        if (f->paths[i].kind != PATH_ATTR) continue;
        Str name = facts_str(f, (StrId){f->paths[i].id});
        bool is_own = str_is(name, "memo") && f->paths[i].parent.i == pickler.i;
        if (str_is(name, "clear_memo") || str_is(name, "fast") || is_own) return true;
    }
    return false;
}

static void check_dump(RuleContext *c, OpRef ref) {
    static const char *const PICKLERS[] = {"pickle.Pickler", "cPickle.Pickler", "dill.Pickler",
                                           "cloudpickle.CloudPickler", "cloudpickle.Pickler"};
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    PathId receiver = f->paths[call->subject].parent;
    if (call->operands != 1 || !outlives_call(f, receiver)) return;
    Str maker = graph_maker_of(c->graph, ref.file, receiver);
    bool is_pickler = false;
    for (u32 i = 0; i < ARRAY_LEN(PICKLERS); i++) is_pickler |= str_is(maker, PICKLERS[i]);
    Growing g = {.op = ref, .until = "'clear_memo()' is called", .confidence = CONFIDENCE_MEDIUM};
    g.function = repeated_function(c, ref);
    if (!is_pickler || scope_is_none(g.function) || is_memo_tended(f, receiver)) return;
    g.holder = rule_text(c, "the memo of '%.*s'", STR_ARG(rule_path_text(c, ref.file, receiver)));
    g.object = STR("every object that was dumped");
    g.edge = STR(".dump()");
    g.why = STR("it remembers them to refer back, and nothing in this file clears it");
    g.help = "call `clear_memo()` after each dump, or make a new Pickler for each";
    g.confirm = "a weak reference to a dumped object is still alive after `gc.collect()`";
    report(c, &g);
}

/* The file empties the path or binds it again outside of its constructor: `clear`, `pop`, `= {}`.
 */
static bool is_emptied(const Facts *f, PathId path) {
    u32 stores = 0;
    for (u32 o = 1; o < f->n_ops; o++) {
        const Op *op = &f->ops[o];
        if (op->kind == OP_STORE || op->kind == OP_BIND) stores += op->subject == path.i;
        const Path *p = &f->paths[op->kind == OP_CALL ? op->subject : 0];
        if (p->kind != PATH_ATTR || p->parent.i != path.i) continue;
        const MethodRow *row = know_method(facts_str(f, (StrId){p->id}));
        if (row && row->effect == METHOD_REMOVES) return true;
    }
    return stores > 1;
}

static void check_deepcopy(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    PathId memo = call_argument(f, call, 1, "memo");
    Growing g = {.op = ref, .until = "the memo goes", .confidence = CONFIDENCE_MEDIUM};
    g.function = repeated_function(c, ref);
    if (!memo.i || !outlives_call(f, memo) || scope_is_none(g.function)) return;
    if (is_emptied(f, memo)) return;
    g.holder = rule_text(c, "'%.*s'", STR_ARG(rule_path_text(c, ref.file, memo)));
    g.object = STR("every original and its copy");
    g.edge = STR("copy.deepcopy(…)");
    g.why = STR("the same memo is used again with each call");
    g.help = "give each `copy.deepcopy` a memo of its own: leave the argument out";
    g.confirm = "the length of the memo before and after 100 calls";
    report(c, &g);
}

/* ---- gc.get_objects() ---- */

static void check_objects(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    for (u32 o = ref.op.i + 1; o < f->n_ops && o < ref.op.i + 3; o++) {
        const Op *op = &f->ops[o];
        if (op->kind != OP_STORE && op->kind != OP_BIND) continue;
        const Path *value = &f->paths[bound_value(f, op).i];
        if (value->kind != PATH_OP || value->id != ref.op.i) continue;
        bool is_local =
            op->kind == OP_BIND &&
            f->scopes[f->symbols[facts_root_symbol(f, op_path(op)).i].scope.i].kind != SCOPE_MODULE;
        if (is_local) return;
        Growing g = {.op = ref, .until = "it is bound to something else"};
        g.function = (ScopeRef){
            ref.file, facts_enclosing(f, f->regions[call->region.i].scope, SCOPE_FUNCTION)};
        g.confidence = CONFIDENCE_MEDIUM;
        g.holder = rule_text(c, "'%.*s'", STR_ARG(rule_path_text(c, ref.file, op_path(op))));
        g.object = STR("every object that the collector tracks");
        g.edge = STR("gc.get_objects()");
        g.why = STR("the list refers to all of them, so that none can be freed");
        g.help = "keep what is compared (`len(…)`, counts by type, `id()`s), not the objects";
        g.confirm = "an object that was made before and dropped is still in the list";
        report(c, &g)->effect = EFFECT_BOUNDED;
        return;
    }
}

/* ---- interned strings ---- */

static void check_interned(RuleContext *c, OpRef ref, u32 position, const char *how) {
    const Facts *f = graph_facts(c->graph, ref.file);
    u32 targets = rule_targets(c, ref.file);
    if (!(targets & 1u << PYTHON_3_12)) return;
    Growing g = {.op = ref, .until = "the process ends, on Python 3.12"};
    g.function = repeated_function(c, ref);
    if (scope_is_none(g.function)) return;
    PathId text = op_operand(f, facts_op(f, ref.op), position);
    TextParts parts = graph_text_parts(c->graph, ref.file, text);
    if (!parts.is_fresh) return;
    g.confidence = graph_is_driven(c->graph, g.function) ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    g.holder = STR("the table of interned strings");
    g.object = rule_text(c, "'%.*s'", STR_ARG(rule_path_text(c, ref.file, text)));
    g.edge = str_from(how);
    g.why = fresh_text(c, &parts, g.function);
    g.help = "put what varies into a dict, whose keys are not interned";
    g.confirm = "the memory of the process over 100000 calls, under Python 3.12";
    report(c, &g);
}

/* ---- warnings ---- */

static bool is_ignored_category(RuleContext *c, u32 file, PathId category) {
    static const char *const IGNORED[] = {"builtins.DeprecationWarning",
                                          "builtins.PendingDeprecationWarning",
                                          "builtins.ImportWarning", "builtins.ResourceWarning"};
    Str name = graph_name_of(c->graph, file, category);
    for (u32 i = 0; i < ARRAY_LEN(IGNORED); i++)
        if (str_is(name, IGNORED[i])) return !targets_before(rule_targets(c, file), PYTHON_3_7);
    return false;
}

static void check_warning(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    PathId text = call_argument(f, call, 0, "message");
    Growing g = {.op = ref, .until = "the filters change or the process ends"};
    g.function = repeated_function(c, ref);
    if (scope_is_none(g.function)) return;
    if (is_ignored_category(c, ref.file, call_argument(f, call, 1, "category"))) return;
    TextParts parts = graph_text_parts(c->graph, ref.file, text);
    bool is_new = parts.is_fresh || parts.shape & (SHAPE_ID | SHAPE_REQUEST);
    if (!is_new || !is_composed(c, ref.file, text)) return;
    g.confidence = CONFIDENCE_LOW;
    g.holder = STR("'__warningregistry__'");
    g.object = STR("the text of every warning");
    g.edge = STR("warnings.warn(…)");
    g.why = fresh_text(c, &parts, g.function);
    g.help = "warn with a constant text, and log what varies";
    g.confirm = "`len(__warningregistry__)` of the module before and after 100 calls";
    report(c, &g);
}

/* ---- who is asked ---- */

static void check_call(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    Str name = graph_name_of(c->graph, ref.file, op_path(facts_op(f, ref.op)));
    if (str_starts(name, "sys.path."))
        check_path(c, ref, name);
    else if (str_is(name, "sys.intern"))
        check_interned(c, ref, 0, "sys.intern()");
    else if (str_is(name, "builtins.setattr"))
        check_interned(c, ref, 1, "setattr()");
    else if (str_is(name, "copy.deepcopy"))
        check_deepcopy(c, ref);
    else if (str_is(name, "gc.get_objects"))
        check_objects(c, ref);
    else if (str_is(name, "warnings.warn"))
        check_warning(c, ref);
    else
        check_dump(c, ref);
}

static const char *const callees[] = {"sys.path.append",  "sys.path.insert", "sys.intern",
                                      "builtins.setattr", "copy.deepcopy",   "gc.get_objects",
                                      "warnings.warn",    ".dump",           NULL};

const Rule rule_lmp228 = {
    .code = "LMP228",
    .name = "process-table-grows",
    .summary = "a table of the interpreter, or a memo that is used again, is filled per call",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, bounded",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check_call,
    .on_function = check_file,
};
