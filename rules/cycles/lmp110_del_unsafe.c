/* ## What it does
 * Reports what goes wrong in a `__del__`: it reads an attribute that a constructor which failed has
 * not set; it raises; it is `async` or a generator; it takes a lock that others share; somebody
 * calls it by name; on Python 3 it uses `open`, `import` or a new thread, which no longer work when
 * the interpreter ends; on Python 2.7 it uses globals, which may be None by then.
 *
 * ## Why it leaks
 * `__del__` runs wherever the last reference goes: in any thread, inside any function, at exit, and
 * also when `__init__` raised half-way. An exception in it is printed and dropped, and what it had
 * still to release stays as it is. A lock that the interrupted code holds is never let go: the
 * thread waits for itself. From Python 3.8 to 3.11 a thread that is started at exit hangs the
 * interpreter.
 *
 * ## Example
 * ```python bad
 * class Log:
 *     def __init__(self, path):
 *         if not path:
 *             raise ValueError("no path")
 *         self.file = open(path, "a")
 *
 *     def __del__(self):
 *         self.file.close()
 * ```
 *
 * Set the attribute before anything can fail (a default of the class does), and ask for it:
 *
 * ```python good
 * class Log:
 *     file = None
 *
 *     def __init__(self, path):
 *         if not path:
 *             raise ValueError("no path")
 *         self.file = open(path, "a")
 *
 *     def __del__(self):
 *         if self.file is not None:
 *             self.file.close()
 * ```
 *
 * ## When it is silent
 * - The attribute has a default in the class, is set before anything can raise, or the read stands
 *   in a `try`, behind `getattr`, `hasattr` or any other condition.
 * - The class has `__new__`, `__getattr__`, a decorator or a metaclass, or sets attributes by name.
 * - The lock is reentrant, is the instance's own (nobody can hold it: who did would refer to the
 *   instance), or is tried without waiting.
 * - `super().__del__()` and `Base.__del__(self)` inside a `__del__`. Called by name on an object of
 *   unknown class, or where it sets anew what it asks for, it is reported at low confidence.
 * - `sys.is_finalizing()` is asked, the failure is caught, or what raises for some gets literals.
 *
 * At low confidence: a call that limpet knows nothing of stands before the attribute is set, or one
 * that raises for some arguments only, where all callers give constants; a `__del__` that only logs
 * misses it; a base class is unknown; all that is ever made are subclasses with another method of
 * the name; `import warnings`, an import in an `except`, imports of context managers, which a
 * `with` ends before; globals on Python 2.7; tests.
 *
 * ## What it misses
 * Helpers more than one call away, attributes behind a condition, locks whose making is not seen.
 *
 * ## How to confirm
 * `C.__new__(C)`, dropped, is what is left of a constructor that failed: see what is printed.
 *
 * ## References
 * - Python documentation, "Data model", `object.__del__`: warnings about exceptions, locks and exit
 * - Pylint C2801, ruff PLC2801 and CodeQL py/explicit-call-to-delete for the explicit call
 */
#include "rule/rule.h"

/* How each kind is worded. %1 is the name, %2 the class. */
typedef struct Words {
    const char *message;
    const char *note; /* at the statement */
    const char *help;
    const char *confirm;
} Words;

static const char CONFIRM_EXIT[] = "keep an instance in a global and let the program end";

static const Words WORDS[UNSAFE_KINDS] = {
    [UNSAFE_UNSET] = {NULL, "read without a test",
                      "give the attribute a default in the class, and test it in `__del__`",
                      "`C.__new__(C)`, dropped, prints the AttributeError"},
    [UNSAFE_RAISES] = {"'__del__' of '%.*s' prints its exception and drops it when it raises here",
                       "nobody can catch it",
                       "release in a method that may fail (`close`), and only warn in `__del__`",
                       "drop an instance: stderr has the traceback, and nobody can catch it"},
    [UNSAFE_ASYNC] =
        {"'__del__' of '%.*s' does nothing when an instance dies: it is no plain function",
         "makes an object that nobody runs",
         "release in `__aexit__` or a coroutine that users await",
         "drop an instance: no line of `__del__` runs"},
    [UNSAFE_LOCK] = {"'__del__' of '%.*s' deadlocks when it runs while its thread holds '%.*s'",
                     "waits for its own thread",
                     "use no lock in `__del__`: append to a `collections.deque`, or use an RLock",
                     "drop the last reference inside the lock's `with`"},
    [UNSAFE_OPEN] = {"'__del__' of '%.*s' fails when the interpreter ends: '%.*s' is gone by then",
                     "NameError on Python 3",
                     "use `weakref.finalize` or `atexit`, which run before", CONFIRM_EXIT},
    [UNSAFE_IMPORT] =
        {"'__del__' of '%.*s' fails when the interpreter ends: it cannot import '%.*s' any more",
         "ImportError: sys.meta_path is None",
         "import at the head of the module, or use `weakref.finalize`", CONFIRM_EXIT},
    [UNSAFE_THREAD] =
        {"'__del__' of '%.*s' hangs or fails when the interpreter ends: a %.*s cannot start then",
         "hangs on Python 3.8 to 3.11, an error from 3.12",
         "do the work in a method that users call, or in `weakref.finalize`", CONFIRM_EXIT},
    [UNSAFE_GLOBAL] =
        {"'__del__' of '%.*s' fails when the interpreter ends: '%.*s' may be None by then "
         "on Python 2.7",
         "AttributeError or TypeError", "bind what it needs as a default argument of `__del__`",
         CONFIRM_EXIT},
};

static const char *const UNSET_TEXTS[] = {
    "'__init__' has raised before setting it", "a call in '__init__' has failed before it is set",
    "'__init__' took the branch that does not set it", "no other method has set it before"};
static const char *const CAUSE_TEXTS[] = {"may raise", "may raise", "set in a branch", "set here"};

static bool is_wanted(RuleContext *c, const Unsafe *u) {
    u32 targets = rule_targets(c, u->file);
    if (u->kind == UNSAFE_GLOBAL) return targets_before(targets, PYTHON_3_4);
    bool is_exit = u->kind == UNSAFE_OPEN || u->kind == UNSAFE_IMPORT || u->kind == UNSAFE_THREAD;
    return !is_exit || targets_from(targets, PYTHON_3_3);
}

static Str message_of(RuleContext *c, const Unsafe *u, Str class) {
    if (u->kind == UNSAFE_UNSET)
        return rule_text(c, "'__del__' of '%.*s' misses the attribute '%.*s' when %s",
                         STR_ARG(class), STR_ARG(u->name), UNSET_TEXTS[u->unset]);
    const char *format = WORDS[u->kind].message;
    /* one name or two: all formats take the class first */
    Buf text = {.arena = c->arena};
    Str args[] = {class, u->name};
    u32 next = 0;
    for (const char *p = format; *p; p++) {
        if (str_starts(str_from(p), "%.*s")) {
            buf_str(&text, args[next]);
            next = 1, p += 3;
        } else {
            buf_char(&text, *p);
        }
    }
    return buf_get(&text);
}

static void grade(RuleContext *c, Finding *f, u32 file, Confidence confidence) {
    f->confidence = graph_is_test_file(c->graph, file) ? CONFIDENCE_LOW : confidence;
    f->severity = SEVERITY_WARNING;
}

/* Another method runs in all objects that there are, or only a line of a log or a warning is lost.
 */
static bool is_idle(RuleContext *c, ScopeRef del, const Unsafe *u) {
    ClassId class = graph_method_class(c->graph, del);
    if (u->kind == UNSAFE_UNSET && !u->call.op.i && graph_is_idle_finalizer(c->graph, del))
        return true;
    /* a `with` ends it long before the interpreter does */
    if (u->kind == UNSAFE_IMPORT)
        return str_is(u->name, "warnings") ||
               !scope_is_none(graph_method(c->graph, class, "__exit__"));
    const Facts *f = graph_facts(c->graph, u->file);
    Str name = facts_str(f, f->scopes[u->function.scope.i].name);
    return u->call.op.i && graph_is_stand_in(c->graph, class, name);
}

static void report(RuleContext *c, ScopeRef del, const Unsafe *u) {
    const Facts *home = graph_facts(c->graph, del.file), *there = graph_facts(c->graph, u->file);
    const Span name = home->scopes[del.scope.i].name_span;
    Str class = graph_class_name(c->graph, graph_method_class(c->graph, del));
    Span span = u->op.i ? facts_op(there, u->op)->span : name;
    Finding *f =
        rule_report(c, del.file, u->call.op.i ? facts_op(home, u->call.op)->span : span, del);
    grade(c, f, del.file, is_idle(c, del, u) ? CONFIDENCE_LOW : u->confidence);
    if (u->kind == UNSAFE_LOCK && f->confidence == CONFIDENCE_HIGH) f->severity = SEVERITY_ERROR;
    f->subject = rule_text(c, "%.*s %u %.*s", STR_ARG(class), (u32)u->kind, STR_ARG(u->name));
    f->message = message_of(c, u, class);
    rule_step(c, f, STEP_NODE, rule_text(c, "__del__ of %.*s", STR_ARG(class)), (Str){0}, del.file,
              name);
    if (u->call.op.i)
        rule_step(c, f, STEP_NODE, graph_scope_name(c->graph, u->function),
                  STR("called by __del__"), u->file, there->scopes[u->function.scope.i].name_span);
    rule_step(c, f, STEP_EDGE, u->name, str_from(WORDS[u->kind].note), u->file, span);
    f->steps.v[f->steps.n - 1].suspect = true;
    if (u->has_cause)
        rule_step(c, f, STEP_NOTE, str_from(CAUSE_TEXTS[u->unset]), (Str){0}, u->cause_file,
                  u->cause);
    f->help = str_from(WORDS[u->kind].help);
    f->confirm = str_from(WORDS[u->kind].confirm);
}

static void check(RuleContext *c, ScopeRef function) {
    const Facts *f = graph_facts(c->graph, function.file);
    Str name = facts_str(f, f->scopes[function.scope.i].name);
    if (!str_is(name, "__del__") || !graph_method_class(c->graph, function).i) return;
    Unsafe unsafe[UNSAFE_KINDS];
    u32 n = graph_unsafe(c->graph, function, unsafe);
    for (u32 i = 0; i < n; i++)
        if (is_wanted(c, &unsafe[i])) report(c, function, &unsafe[i]);
}

/* Of an unknown class, or one whose finalizer does nothing the second time. */
static bool is_meant_twice(RuleContext *c, u32 file, PathId object) {
    ClassId class = graph_type_of(c->graph, file, object);
    ScopeRef del = class.i ? graph_method(c->graph, class, "__del__") : (ScopeRef){0};
    return scope_is_none(del) || graph_is_repeatable(c->graph, del);
}

/* `x.__del__()`, but not a base's `__del__` from a subclass: `super()` or the class itself. */
static void check_call(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    PathId object = f->paths[call->subject].parent;
    if (graph_is_super(c->graph, ref.file, object)) return;
    if (call->operands) return; /* Base.__del__(self) */
    ScopeRef scope = {ref.file, f->regions[call->region.i].scope};
    Str text = rule_path_text(c, ref.file, object);
    Finding *finding = rule_report(c, ref.file, call->span, scope);
    grade(c, finding, ref.file,
          is_meant_twice(c, ref.file, object) ? CONFIDENCE_LOW : CONFIDENCE_HIGH);
    finding->subject = rule_text(c, "%.*s explicit", STR_ARG(text));
    finding->message = rule_text(
        c, "'__del__' runs a second time when '%.*s' dies: this call does not end its life",
        STR_ARG(text));
    rule_step(c, finding, STEP_NODE, text, (Str){0}, ref.file, call->span);
    rule_step(c, finding, STEP_EDGE, STR(".__del__()"), STR("called by name"), ref.file,
              call->span);
    finding->steps.v[finding->steps.n - 1].suspect = true;
    finding->help = STR("give the work a name (`close`), and call that here and in `__del__`");
    finding->confirm = STR("count the calls of `__del__` for one instance");
}

static const char *const callees[] = {".__del__", NULL};

const Rule rule_lmp110 = {
    .code = "LMP110",
    .name = "del-unsafe",
    .summary = "__del__ fails, deadlocks or does nothing in situations that it has to expect",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check_call,
    .on_function = check,
};
