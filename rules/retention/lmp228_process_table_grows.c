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
 * - Interned strings where 3.12 is no target, and names that may repeat; `id(self)` in a method,
 *   where nothing shows that instances are made again and again.
 *
 * At low confidence: names that are open but may repeat, warnings, tests, functions of which
 * nobody shows that they are called again, and `sys.path` outside of what a framework or a loop
 * without end calls: a program does so while it starts.
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

/* What is said of each table; without a holder it is the path as written, without a reason the
 * name that is made anew. */
static const struct {
    const char *holder, *object, *until, *why, *edge, *help, *confirm;
} TEXTS[TABLES] = {
    [TABLE_MODULES] = {"'sys.modules'", "a module", "the process ends", NULL, "[…]",
                       "hold the module where it is used, or remove the entry when it is no longer "
                       "needed: `sys.modules.pop(name, None)`",
                       "`len(sys.modules)` before and after 100 calls"},
    [TABLE_LINES] = {"'linecache.cache'", "the lines of a source", "the process ends", NULL, "[…]",
                     "remove the entry with the code that it belongs to: `weakref.finalize(f, "
                     "linecache.cache.pop, name, None)`",
                     "`len(linecache.cache)` before and after 100 calls"},
    [TABLE_PATH] = {"'sys.path'", "the entry", "the process ends",
                    "adds one more, and every import searches all of them", "the call",
                    "ask first (`if entry not in sys.path`), or take it out in a `finally`",
                    "`len(sys.path)` before and after 100 calls"},
    [TABLE_PICKLER] = {NULL, "every object that was dumped", "'clear_memo()' is called",
                       "adds to its memo, and nothing in this file clears it", ".dump()",
                       "call `clear_memo()` after each dump, or make a new Pickler for each",
                       "a weak reference to a dumped object is alive after `gc.collect()`"},
    [TABLE_DEEPCOPY] = {NULL, "every original and its copy", "the memo goes",
                        "copies with the same memo", "copy.deepcopy(…)",
                        "give each `copy.deepcopy` a memo of its own: leave the argument out",
                        "the length of the memo before and after 100 calls"},
    [TABLE_OBJECTS] = {NULL, "every object that the collector tracks",
                       "it is bound to something else", "lists all of them, so that none is freed",
                       "gc.get_objects()",
                       "keep what is compared (`len(…)`, counts by type), not the objects",
                       "an object that was made before and dropped is still in the list"},
    [TABLE_INTERNED] = {"the table of interned strings", "the text",
                        "the process ends, on Python 3.12", NULL, "sys.intern()",
                        "do not intern what does not come again",
                        "the memory of the process over 100000 calls, under Python 3.12"},
    [TABLE_NAMES] = {"the table of interned strings", "the name",
                     "the process ends, on Python 3.12", NULL, "setattr()",
                     "put what varies into a dict, whose keys are not interned",
                     "the memory of the process over 100000 calls, under Python 3.12"},
    [TABLE_WARNINGS] = {"'__warningregistry__'", "the text of every warning",
                        "the filters change or the process ends", NULL, "warnings.warn(…)",
                        "warn with a constant text, and log what varies",
                        "`len(__warningregistry__)` of the module before and after 100 calls"},
};

static Confidence confidence_of(RuleContext *c, const TableGrowth *g) {
    bool is_driven = graph_is_driven(c->graph, g->function);
    if (graph_is_test_file(c->graph, g->op.file)) return CONFIDENCE_LOW;
    switch (g->table) {
    case TABLE_LINES: /* as many as there is code that was made, which may stay, too */
        if (!g->parts.is_fresh) return CONFIDENCE_LOW;
        return graph_is_served(c->graph, g->function) ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    case TABLE_MODULES:
        if (!g->parts.is_fresh) return CONFIDENCE_LOW;
        return is_driven ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    case TABLE_PATH: /* most such functions are called once, as a program begins */
        return g->is_in_loop && graph_caller_count(c->graph, g->function) &&
                       graph_is_served(c->graph, g->function)
                   ? CONFIDENCE_MEDIUM
                   : CONFIDENCE_LOW;
    case TABLE_INTERNED:
    case TABLE_NAMES:
        return is_driven ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    case TABLE_WARNINGS:
        return CONFIDENCE_LOW;
    default:
        return CONFIDENCE_MEDIUM;
    }
}

static Str why_text(RuleContext *c, const TableGrowth *g) {
    Str name = scope_is_none(g->function) ? graph_module_name(c->graph, g->op.file)
                                          : graph_scope_name(c->graph, g->function);
    if (TEXTS[g->table].why)
        return rule_text(c, "each call of '%.*s' %s", STR_ARG(name), TEXTS[g->table].why);
    if (g->parts.is_fresh)
        return rule_text(c, "each call of '%.*s' makes a new name by '%.*s'", STR_ARG(name),
                         STR_ARG(g->parts.fresh));
    return rule_text(c, "one per call of '%.*s', and nothing shows that the names repeat",
                     STR_ARG(name));
}

static void report(RuleContext *c, const TableGrowth *g) {
    Span span = facts_op(graph_facts(c->graph, g->op.file), g->op.op)->span;
    Str what = rule_path_text(c, g->op.file, g->what);
    Str holder = rule_text(c, "'%.*s'", STR_ARG(what));
    if (TEXTS[g->table].holder) holder = str_from(TEXTS[g->table].holder);
    Str object = str_from(TEXTS[g->table].object);
    Finding *f = rule_report(c, g->op.file, span, g->function);
    f->confidence = confidence_of(c, g);
    f->severity = SEVERITY_WARNING;
    f->subject = holder;
    if (g->table == TABLE_OBJECTS) f->effect = EFFECT_BOUNDED;
    f->message = rule_text(c, "%.*s keeps %.*s alive until %s: %.*s", STR_ARG(holder),
                           STR_ARG(object), TEXTS[g->table].until, STR_ARG(why_text(c, g)));
    finding_step(c->arena, f, (Step){.kind = STEP_NODE, .text = holder});
    rule_step(c, f, STEP_EDGE, str_from(TEXTS[g->table].edge), STR("added here, never removed"),
              g->op.file, span);
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, object, (Str){0}, g->op.file, span);
    f->help = str_from(TEXTS[g->table].help);
    f->confirm = str_from(TEXTS[g->table].confirm);
}

static void check_call(RuleContext *c, OpRef call) {
    TableGrowth g;
    if (!graph_table_growth(c->graph, call, &g)) return;
    u32 targets = rule_targets(c, call.file);
    bool is_interned = g.table == TABLE_INTERNED || g.table == TABLE_NAMES;
    if (is_interned && !(targets & 1u << PYTHON_3_12)) return;
    if (g.is_ignored && !targets_before(targets, PYTHON_3_7)) return;
    report(c, &g);
}

/* Once a file: when its first function is offered. */
static void check_file(RuleContext *c, ScopeRef function) {
    if (graph_next_function(c->graph, function.file, (ScopeId){0}).i != function.scope.i) return;
    TableGrowth *stores;
    u32 n = graph_table_stores(c->graph, function.file, c->scratch, &stores);
    for (u32 i = 0; i < n; i++) report(c, &stores[i]);
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
