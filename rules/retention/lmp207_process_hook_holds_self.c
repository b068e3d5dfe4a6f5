/* ## What it does
 * Reports hooks of the interpreter that are given a bound method of an instance, a closure over it,
 * or the instance itself, in a class of which the program makes more than one, when the class never
 * takes the hook back:
 *
 * - lists that only grow: `atexit.register`, `sys.addaudithook`, `os.register_at_fork`,
 *   `codecs.register`, `gc.callbacks`, `sys.meta_path`, `sys.path_hooks`,
 *   `multiprocessing.util.register_after_fork` (never-freed);
 * - slots that hold the last one: `signal.signal`, `loop.add_signal_handler`, `sys.settrace`,
 *   `sys.setprofile`, `sys.excepthook`, `sys.stdout` and their kin (bounded).
 *
 * ## Why it leaks
 * These hooks belong to the process. What they hold lives until the process ends, and with it all
 * that the instance holds. A slot lets go when something else is put there, so that it keeps one
 * instance too long; a list keeps every instance that was ever made, and calls them all.
 *
 * ## Example
 * ```python bad
 * import atexit
 *
 *
 * class Journal:
 *     def __init__(self, path):
 *         self.file = open(path, "a")
 *         atexit.register(self.close)
 *
 *     def close(self):
 *         self.file.close()
 *
 *
 * def write_all(requests):
 *     for request in requests:
 *         journal = Journal(request.path)
 *         journal.file.write(request.body)
 * ```
 *
 * Every journal stays in the list of `atexit`, closed or not. Take it back when the work is done:
 *
 * ```python good
 * import atexit
 *
 *
 * class Journal:
 *     def __init__(self, path):
 *         self.file = open(path, "a")
 *         atexit.register(self.close)
 *
 *     def close(self):
 *         atexit.unregister(self.close)
 *         self.file.close()
 * ```
 *
 * `weakref.finalize(self, function, …)` runs at exit too, and holds nothing of `self` as long as
 * function and arguments do not.
 *
 * ## When it is silent
 * - Functions of the module, static and class methods, weak references, plain values.
 * - The class takes it back: `atexit.unregister`, `gc.callbacks.remove`, another value for the
 * slot.
 * - The program makes a bounded number of instances: at module level, at start, as a singleton, or
 *   the hook is set once, under a flag of the module or class.
 * - `weakref.finalize`, and `contextlib.redirect_stdout`, which puts the old one back.
 * - Timers of GLib whose callback may end with anything but `return True`, or whose number is kept.
 *
 * At high confidence when the project makes instances again and again: a loop, an event, a request,
 * a coroutine or what the library offers leads there, not only a function that nothing calls, where
 * the main part of the program is among the files; at medium for a part of such an instance, and
 * for a slot that the constructor sets. At low confidence: classes that the project may make once
 * (among them those that run the main loop, the application of a toolkit, what an attribute
 * remembers, what the main function makes, with what the constructors of that make in turn), or
 * that only others make (a library), singletons, a slot whose last instance stays in an attribute
 * of the object that made it as well, what its maker keeps in any case, one for each key of a table
 * that it asks first (`if host not in self.links`) and takes nothing out of, texts (`class
 * Folder(str)`), hooks that `run_until_…` sets, which returns when all is over, what a process does
 * as it begins, or as it leaves its terminal (`os.fork` and `os.setsid`), tests, and closures over
 * variables of a function, unless that holds something grave and runs again and again by all that
 * shows.
 *
 * ## What it misses
 * `@atexit.register` as a decorator without a call, hooks that a helper sets, attributes of
 * `builtins` that are replaced.
 *
 * ## How to confirm
 * Make a hundred instances and drop them; weak references to them are still alive after
 * `gc.collect()`. `atexit._ncallbacks()` counts what is registered.
 *
 * ## References
 * - Python documentation: `atexit.unregister`, `sys.addaudithook` ("cannot be removed"),
 *   `os.register_at_fork` ("cannot be unregistered"), `codecs.unregister` (Python 3.10)
 * - CPython, Lib/multiprocessing/util.py: the registry refers weakly to the object, strongly to the
 *   function
 */
#include "rule/rule.h"

/* ---- how sure ---- */

/* Each instance sets it, not only those that are started. */
static bool is_set_by_constructor(const RuleContext *c, const Hook *h) {
    const Facts *f = graph_facts(c->graph, h->grip.method.file);
    return str_is(facts_str(f, f->scopes[h->grip.method.scope.i].name), "__init__");
}

/* `run_until_shutdown`, `serve_forever`: it returns when the work of the process is done. */
static bool is_set_by_run(const RuleContext *c, const Hook *h) {
    const Facts *f = graph_facts(c->graph, h->grip.method.file);
    if (scope_is_none(h->grip.method)) return false;
    Str name = facts_str(f, f->scopes[h->grip.method.scope.i].name);
    return str_starts(name, "run_forever") || str_starts(name, "run_until") ||
           str_starts(name, "serve_forever");
}

/* `class TempDir(str)`: what stays is a name, which is wanted at exit. */
static bool is_text(const RuleContext *c, ClassId class) {
    return graph_is_subclass(c->graph, class, "builtins.str") ||
           graph_is_subclass(c->graph, class, "builtins.bytes") ||
           graph_is_subclass(c->graph, class, "builtins.int");
}

static Confidence of_class(const RuleContext *c, const Hook *h, bool *is_silent) {
    Instances made = graph_instances(c->graph, h->grip.class);
    bool is_often = made.making == MADE_OFTEN;
    *is_silent = made.making == MADE_ONCE || graph_only_module_instances(c->graph, h->grip.class);
    if (made.is_singleton || is_text(c, h->grip.class) || is_set_by_run(c, h) ||
        graph_is_run_by_main(c->graph, h->grip.method))
        return CONFIDENCE_LOW;
    if (h->is_slot) {
        bool is_last = is_often && is_set_by_constructor(c, h);
        /* who made the last one has it, too */
        return is_last && !graph_stays_with_maker(c->graph, h->grip.class, false)
                   ? CONFIDENCE_MEDIUM
                   : CONFIDENCE_LOW;
    }
    bool is_kept = is_often && graph_stays_with_maker(c->graph, h->grip.class, true);
    return is_often && !is_kept ? CONFIDENCE_HIGH : CONFIDENCE_LOW;
}

/* A closure over variables of a function: one more with each call. */
static Confidence of_function(const RuleContext *c, const Hook *h, bool *is_silent) {
    *is_silent = h->is_slot || scope_is_none(h->grip.method);
    bool is_grave = h->grip.burden.kind && h->grip.burden.confidence == CONFIDENCE_HIGH;
    bool is_again = graph_is_driven(c->graph, h->grip.method) &&
                    graph_again(c->graph, (OpRef){h->file, h->op}).confidence > CONFIDENCE_LOW;
    return is_grave && is_again ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
}

static Confidence confidence_of(const RuleContext *c, const Hook *h, bool *is_silent) {
    bool is_local = h->grip.kind == GRIP_LOCAL;
    Confidence sure = is_local ? of_function(c, h, is_silent) : of_class(c, h, is_silent);
    if (h->grip.kind == GRIP_PART) sure = MIN(sure, CONFIDENCE_MEDIUM);
    if (graph_is_test_file(c->graph, h->file)) return CONFIDENCE_LOW;
    return MIN(sure, h->grip.carry.confidence);
}

/* ---- the check ---- */

static bool is_taken_back(const RuleContext *c, const Hook *h, const Listener *l) {
    OpRef where;
    if (h->is_slot && h->grip.class.i)
        return graph_slot_is_restored(c->graph, (OpRef){h->file, h->op}, h->row, h->grip.class);
    return l && graph_is_undone(c->graph, h->file, h->op, l, &where);
}

static void check_hook(RuleContext *c, const Hook *h, const Listener *l) {
    const Facts *f = graph_facts(c->graph, h->file);
    const Op *op = facts_op(f, h->op);
    bool is_silent;
    if (h->grip.kind == GRIP_NONE || graph_is_in_finalizer(c->graph, h->grip.method)) return;
    if (graph_how_often(c->graph, h->file, op->region) < RUNS_PER_INSTANCE) return;
    Confidence sure = confidence_of(c, h, &is_silent);
    if (is_silent || graph_is_once(c->graph, h->file, h->op) || is_taken_back(c, h, l)) return;
    rule_report_hook(c, h, sure);
}

static void check_call(RuleContext *c, OpRef call) {
    Listener l;
    if (!graph_listener(c->graph, call.file, call.op, &l)) return;
    if (!l.row || !(l.row->flags & PAIR_PROCESS)) return;
    if (l.row->flags & PAIR_TIMER && !graph_always_goes_on(c->graph, &l, call)) return;
    Hook h = {l.row, l.grip, call.file, call.op, l.row->flags & PAIR_SLOT};
    check_hook(c, &h, &l);
}

static void check_store(RuleContext *c, OpRef store) {
    const Facts *f = graph_facts(c->graph, store.file);
    const Op *op = facts_op(f, store.op);
    const PairRow *row = know_pair(graph_name_of(c->graph, store.file, op_path(op)));
    if (!row || !(row->flags & PAIR_ASSIGN)) return;
    Grip grip = graph_grip(c->graph, store.file, store.op, bound_value(f, op));
    Hook h = {row, grip, store.file, store.op, true};
    check_hook(c, &h, NULL);
}

static const char *const callees[] = {"atexit.register",
                                      "billiard.util.register_after_fork",
                                      "codecs.register",
                                      "codecs.register_error",
                                      "gc.callbacks.append",
                                      "gc.callbacks.insert",
                                      "gi.repository.GLib.timeout_add",
                                      "gi.repository.GLib.timeout_add_seconds",
                                      "gi.repository.GObject.timeout_add",
                                      "gi.repository.GObject.timeout_add_seconds",
                                      "gobject.timeout_add",
                                      "gobject.timeout_add_seconds",
                                      "kombu.utils.compat.register_after_fork",
                                      "multiprocessing.util.register_after_fork",
                                      "os.register_at_fork",
                                      "readline.set_completer",
                                      "signal.signal",
                                      "sys.addaudithook",
                                      "sys.meta_path.append",
                                      "sys.meta_path.insert",
                                      "sys.path_hooks.append",
                                      "sys.path_hooks.insert",
                                      "sys.setprofile",
                                      "sys.settrace",
                                      "threading.setprofile",
                                      "threading.settrace",
                                      "twisted.internet.reactor.addSystemEventTrigger",
                                      ".add_signal_handler",
                                      NULL};

static const char *const stores[] = {"sys.breakpointhook",
                                     "sys.displayhook",
                                     "sys.excepthook",
                                     "sys.stderr",
                                     "sys.stdin",
                                     "sys.stdout",
                                     "sys.unraisablehook",
                                     "threading.excepthook",
                                     "warnings.showwarning",
                                     "warnings.formatwarning",
                                     NULL};

const Rule rule_lmp207 = {
    .code = "LMP207",
    .name = "process-hook-holds-self",
    .summary = "a hook of the process holds an instance, and the class never takes it back",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, bounded",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check_call,
    .stores = stores,
    .on_store = check_store,
};
