/* ## What it does
 * Reports `lock.acquire()` as a statement when the same function releases the lock later, but some
 * way out of the function does not come to the `release()`: a `raise` or `return` in between, or an
 * exception of what is called or awaited there. Locks, conditions and semaphores of `threading`,
 * `multiprocessing`, `asyncio` and of other libraries are meant.
 *
 * ## Why it leaks
 * A lock that is not released stays locked: nobody does it later, not even the end of the thread.
 * The next one who takes it waits for ever, and everything that waits for that one. It happens in
 * the rare case, when an error has just been raised, and what one sees is a program that stands
 * still somewhere else. A semaphore loses one of its places with each error.
 *
 * ## Example
 * ```python bad
 * import threading
 *
 *
 * class Journal:
 *     def __init__(self, stream):
 *         self.stream = stream
 *         self.lock = threading.Lock()
 *
 *     def write(self, line):
 *         self.lock.acquire()
 *         self.stream.send(line)
 *         self.lock.release()
 * ```
 *
 * When `send` raises, the next `write` waits for ever. A `with` releases on every way out:
 *
 * ```python good
 * import threading
 *
 *
 * class Journal:
 *     def __init__(self, stream):
 *         self.stream = stream
 *         self.lock = threading.Lock()
 *
 *     def write(self, line):
 *         with self.lock:
 *             self.stream.send(line)
 * ```
 *
 * ## When it is silent
 * - `with lock:`; a `release()` in a `finally`, or in handlers that take every exception and on the
 *   normal way.
 * - The function does not release it, or its normal end does not: it takes the lock for its caller.
 * - An inner function releases it, or `lock.release` is handed on to be called later.
 * - The function makes the lock for itself, and its `__del__` releases it (`filelock`).
 * - `acquire` with a time-out or without waiting, and every `acquire` whose result is used.
 * - Nothing between the two raises as a rule: assignments, logging, methods of containers, `notify`
 *   and `wait` of the lock itself.
 *
 * At low confidence: tests; calls that only tell or ask, by their names (`log_state(…)`,
 * `x.is_late()`, `x.get_state()` without arguments); objects of which nothing but these two methods
 * says that they are locks; a lock that is handed to somebody while it is held; a `return` of a
 * function that shares its lock with others that only release it.
 *
 * ## What it misses
 * A lock that is taken by a helper and released by the function, locks under two names, and
 * exceptions that operators and subscripts raise.
 *
 * ## How to confirm
 * Let the call in between raise, and take the lock with a time-out afterwards.
 *
 * ## References
 * - Python documentation, threading: "Using locks, conditions, and semaphores in the with
 * statement"
 * - pylint R1732 asks for `with` wherever a lock is acquired
 */
#include "rule/rule.h"

/* The statement that leaves, and how a message speaks of it. */
static OpId way_out(RuleContext *c, u32 file, const Skip *skip, Str *text) {
    const Facts *f = graph_facts(c->graph, file);
    *text = STR("a 'raise'");
    if (skip->raise.i) return skip->raise;
    *text = STR("a 'return'");
    if (skip->returns.i) return skip->returns;
    const Op *op = facts_op(f, skip->call);
    *text = STR("an exception thrown at its 'yield'");
    if (op->kind == OP_CALL || op->kind == OP_AWAIT) {
        Str callee = rule_path_text(c, file, op_path(op));
        bool is_short = callee.n && callee.n < 48;
        *text = is_short ? rule_text(c, "an exception of '%.*s'", STR_ARG(callee))
                         : STR("an exception of a call");
    }
    return skip->call;
}

/* ---- semaphores ---- */

/* The value that makes a lock: of its variable, or of its attribute when there is one alone. */
static PathId made_by(RuleContext *c, u32 *file, PathId lock) {
    const Facts *f = graph_facts(c->graph, *file);
    const Path *p = &f->paths[lock.i];
    SymbolRef v = graph_variable_of(c->graph, *file, lock);
    if (!v.symbol.i && p->kind == PATH_SYMBOL)
        v = (SymbolRef){.file = *file, .symbol = f->symbols[p->id].target};
    if (v.symbol.i) {
        f = graph_facts(c->graph, *file = v.file);
        const Symbol *s = &f->symbols[v.symbol.i];
        bool is_once = s->binds == 1 && f->ops[s->bind.i].kind == OP_BIND;
        return is_once ? bound_value(f, &f->ops[s->bind.i]) : (PathId){0};
    }
    ClassId of = p->kind == PATH_ATTR ? graph_type_of(c->graph, *file, p->parent) : (ClassId){0};
    if (!of.i) return (PathId){0};
    Attribute a = graph_attribute(c->graph, of, facts_str(f, (StrId){p->id}), c->scratch);
    PathId made = {0};
    for (u32 i = 0, n = 0; i < a.n_uses; i++) {
        if (a.uses[i].kind != ATTRIBUTE_DEFINED || a.uses[i].level) continue;
        made = n++ ? (PathId){0} : a.uses[i].value;
        *file = a.uses[i].file;
    }
    return made;
}

/* How many may hold it at once: "1" for a lock, empty when it does not show. */
static Str permits(RuleContext *c, u32 file, PathId lock) {
    if (!str_ends(graph_maker_of(c->graph, file, lock), "Semaphore")) return STR("1");
    const Path *p = &graph_facts(c->graph, file)->paths[0];
    PathId made = made_by(c, &file, lock);
    const Facts *f = graph_facts(c->graph, file);
    if (made.i) p = &f->paths[made.i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_CALL) return (Str){0};
    const Op *call = &f->ops[p->id];
    bool is_trio = str_starts(graph_name_of(c->graph, file, op_path(call)), "trio.") ||
                   str_starts(graph_name_of(c->graph, file, op_path(call)), "anyio.");
    PathId value = call_argument(f, call, 0, is_trio ? "initial_value" : "value");
    if (!value.i) return call->operands ? (Str){0} : STR("1");
    p = &f->paths[value.i];
    bool is_number = p->kind == PATH_LITERAL && p->flags == LITERAL_INT;
    return is_number ? facts_str(f, (StrId){p->id}) : (Str){0};
}

/* What becomes of those who come later. */
static Str later(RuleContext *c, Str lock, Str n) {
    if (str_is(n, "1"))
        return rule_text(c, "'%.*s' stays locked, and the next one who takes it waits for ever,",
                         STR_ARG(lock));
    return rule_text(c,
                     "'%.*s' loses one of its %.*s%spermits for good, and who finds none left "
                     "waits for ever,",
                     STR_ARG(lock), STR_ARG(n), n.n ? " " : "");
}

static Str how_to_confirm(RuleContext *c, const LockTake *take, Str lock, Str name, Str n) {
    Str times = STR("");
    if (!n.n) times = STR(" as often as it has permits");
    if (n.n && !str_is(n, "1")) times = rule_text(c, " %.*s times", STR_ARG(n));
    if (take->is_async)
        return rule_text(c, "`%.*s.locked()` is still true after '%.*s' has failed%.*s",
                         STR_ARG(lock), STR_ARG(name), STR_ARG(times));
    return rule_text(c, "`%.*s.acquire(timeout=1)` in another thread fails after '%.*s' has%.*s",
                     STR_ARG(lock), STR_ARG(name), STR_ARG(times));
}

static Confidence confidence_of(RuleContext *c, u32 file, const LockTake *take) {
    bool is_sure = take->skip.raise.i && take->confidence == CONFIDENCE_HIGH;
    Confidence sure = is_sure ? CONFIDENCE_HIGH : MIN(take->confidence, CONFIDENCE_MEDIUM);
    bool is_protocol = !take->skip.raise.i && take->skip.returns.i && take->is_shared;
    const Skip *skip = &take->skip;
    bool is_told = !skip->raise.i && !skip->returns.i && skip->is_told;
    if (graph_is_test_file(c->graph, file) || take->is_handed_out || is_protocol || is_told)
        sure = CONFIDENCE_LOW;
    return sure;
}

static void add_steps(RuleContext *c, Finding *f, OpRef call, const LockTake *take, OpId out) {
    const Facts *facts = graph_facts(c->graph, call.file);
    Str lock = rule_path_text(c, call.file, take->lock);
    Span span = facts_op(facts, call.op)->span;
    rule_step(c, f, STEP_NODE, rule_text(c, "lock %.*s", STR_ARG(lock)), (Str){0}, call.file, span);
    rule_step(c, f, STEP_EDGE, STR(".acquire()"), STR("taken here"), call.file, span);
    rule_note(c, f, STR("the way out"), STR("leaves it locked"), (OpRef){call.file, out});
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_note(c, f, STR("the release"), STR("not reached then"), (OpRef){call.file, take->release});
}

static void check(RuleContext *c, OpRef call) {
    LockTake take;
    if (!graph_lock_take(c->graph, call, &take)) return;
    const Facts *facts = graph_facts(c->graph, call.file);
    const Op *op = facts_op(facts, call.op);
    ScopeRef function = rule_function_around(c, call.file, op);
    Str lock = rule_path_text(c, call.file, take.lock), way;
    OpId out = way_out(c, call.file, &take.skip, &way);
    Str name = str_after_last(graph_scope_name(c->graph, function), '.');
    Finding *f = rule_report(c, call.file, op->span, function);
    f->confidence = confidence_of(c, call.file, &take);
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = lock;
    Str n = permits(c, call.file, take.lock), then = later(c, lock, n);
    f->message = rule_text(c, "%.*s when %.*s leaves '%.*s' before the 'release()'", STR_ARG(then),
                           STR_ARG(way), STR_ARG(name));
    add_steps(c, f, call, &take, out);
    f->help = rule_text(c,
                        "use `%s %.*s:`, or put what follows into a `try` and `release()` into its "
                        "`finally`",
                        take.is_async ? "async with" : "with", STR_ARG(lock));
    f->confirm = how_to_confirm(c, &take, lock, name, n);
}

static const char *const CALLEES[] = {".acquire", NULL};

const Rule rule_lmp410 = {
    .code = "LMP410",
    .name = "lock-not-released",
    .summary = "a lock that is taken by a statement stays locked when the function fails",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = CALLEES,
    .on_call = check,
};
