/* ## What it does
 * Reports an asyncio task that nobody keeps: the result of `asyncio.create_task`, `ensure_future`
 * or `loop.create_task` is dropped, or it is in a local variable that is never read, or in a local
 * container that is only filled, or it is what a callback of the loop returns.
 *
 * ## Why it leaks
 * It does the contrary: the task can vanish. The event loop refers to its tasks weakly. A task is
 * held by what it waits for, and when that is referred to by nothing but the task itself (a future
 * or a queue of its own, another such task), the collector takes both: the coroutine stops at its
 * `await`, and the log says "Task was destroyed but it is pending!". An exception that it raises is
 * told to nobody before the task is collected.
 *
 * ## Example
 * ```python bad
 * import asyncio
 *
 *
 * class Mailer:
 *     def __init__(self, send):
 *         self.send = send
 *
 *     async def deliver(self, mail):
 *         await self.send(mail)
 *
 *     def post(self, mail):
 *         asyncio.create_task(self.deliver(mail))
 * ```
 *
 * A set that refers to the task until it is done costs two lines. A set without the callback would
 * keep every task for ever (LMP215):
 *
 * ```python good
 * import asyncio
 *
 *
 * class Mailer:
 *     def __init__(self, send):
 *         self.send = send
 *         self.deliveries = set()
 *
 *     async def deliver(self, mail):
 *         await self.send(mail)
 *
 *     def post(self, mail):
 *         task = asyncio.create_task(self.deliver(mail))
 *         self.deliveries.add(task)
 *         task.add_done_callback(self.deliveries.discard)
 * ```
 *
 * ## When it is silent
 * - The task is awaited, returned, yielded, stored in an attribute, an element, a global or a
 *   container that outlives the function, or passed on.
 * - The function takes all tasks of the loop later, by `asyncio.all_tasks()`.
 * - `create_task` of a task group, of a nursery, and of everything that is no event loop; an
 *   `ensure_future` of what is a future already (`gather`, `run_in_executor`, a variable of tasks).
 * - A local list or set that is filled in an endless loop: it keeps the tasks, all of them
 * (LMP215).
 * - A variable that an inner function has, or that is read in any other way than to add a callback.
 * - A callback of a loop that stands still: `run_until_complete` is behind it.
 *
 * The default level asks for a coroutine that waits for a future, an event or a queue that only it
 * has, or for what others bring: a callback (a parameter, an attribute that is set from outside or
 * declared as `Callable`, an element of a container, what `iscoroutinefunction` is asked about),
 * another coroutine, a method that is there to be overridden (one that is not public, by the
 * project alone where that does so). What it calls is followed three calls deep; a parameter to
 * which several callers give functions of the project, and none anything else, is these functions,
 * also by `partial(self._run, handler)` or by calls of its name where nothing else calls it, and
 * that of a decorator is what it decorates (tests do not count). `asyncio.wait(tasks)` waits for
 * what the function made for it. What the followed call itself gives for a parameter counts first:
 * `logged(self.save())` waits for `save`. `self` is of the class on which the coroutine was
 * started; an empty method of an abstract class of which the project makes one kind is that one's.
 * Where the object is unknown, all methods of the name are asked. A note shows the place that waits
 * so, and why nothing is seen to hold it.
 *
 * A helper that makes the task and of which many callers drop the result is reported once, where it
 * makes the task.
 *
 * At low confidence: a coroutine that waits for nothing, or for timers and requests, whose sockets
 * the loop holds, also through a client that is called (`self.client(…)`), the `send` and `receive`
 * of a server of ASGI, and libraries whose waits end with a transport or a thread (`httpx`, `redis`
 * …); any function from outside, and a method of a name that no class of the project has, unless it
 * is named like a hook (`listener.on_close()`) or is given a callback or a coroutine that waits
 * openly; for a process or stream that an attribute holds (`self.process.wait()` after
 * `self.process = await asyncio.create_subprocess_exec(…)`); one that waits for what it has just
 * cancelled, for a future that an attribute, a closure or a bound method
 * (`dialog.rejected.connect(answer.cancel)`) has, too; one that closes a connection or hands a task
 * to a group (`group.spawn`); for a task that somebody keeps; for locks, events and queues of
 * objects, since whoever has these has the task (but not of the object itself where a connection
 * ends: `eof_received`, `close`); one that awaits a callback only after an exception; one that
 * sleeps until it is cancelled; several methods of one name of which none has an `await`; what a
 * finalizer or a signal starts; a variable of a function that waits for something later, since its
 * frame holds the task until then; tests.
 *
 * ## What it misses
 * A task in an attribute that is overwritten, a `gather` that nobody awaits, callbacks of other
 * libraries that make tasks.
 *
 * ## How to confirm
 * Call `gc.collect()` while the task waits: if it is lost, the log says that it was destroyed while
 * it was pending.
 *
 * ## References
 * - Python documentation, `asyncio.create_task`: "Save a reference to the result of this function"
 * - ruff RUF006, flake8-async ASYNC300 and Sonar S7502 report a part of this
 */
#include "rule/rule.h"

enum { CALL_TEXT = 40 };

/* The coroutine as it is written; of a variable what was put into it. */
static Str coroutine_text(RuleContext *c, const LooseTask *task) {
    const Facts *f = graph_facts(c->graph, task->made_file);
    PathId alias = graph_alias_of(c->graph, task->made_file, task->coroutine);
    const Op *call = facts_call(f, alias);
    bool is_plain = call && f->paths[call->subject].kind == PATH_SYMBOL;
    ScopeRef known =
        is_plain ? graph_definition_of(c->graph, task->made_file, op_path(call)) : (ScopeRef){0};
    Str text = {0}; /* of a variable, what it is given says more than its name */
    if (is_plain && scope_is_none(known))
        text = rule_call_text(c, task->made_file, call, CALL_TEXT);
    if (text.n) return text;
    text = rule_path_text(c, task->made_file, call ? alias : task->coroutine);
    Str unnamed = STR("(expression).");
    return str_starts(text, "(expression).") ? str_sub(text, unnamed.n, text.n) : text;
}

/* What the task runs, as a message names it. */
static Str subject_of(RuleContext *c, const LooseTask *task) {
    Str text = coroutine_text(c, task);
    bool is_short = text.n && text.n <= 60;
    if (is_short && scope_is_none(task->helper))
        return rule_text(c, "the task of '%.*s'", STR_ARG(text));
    if (scope_is_none(task->helper)) return STR("the task");
    Str helper = str_after_last(graph_scope_name(c->graph, task->helper), '.');
    return rule_text(c, "the task that '%.*s()' returns", STR_ARG(helper));
}

/* Why nobody keeps it. */
static Str fate_text(RuleContext *c, const LooseTask *task) {
    Str local = task->fate.local;
    if (task->by_loop)
        return rule_text(c, "'%.*s' drops what its callback returns", STR_ARG(task->callback));
    switch (task->fate.kind) {
    case FATE_CHAINED:
        return STR("its callback does not hold it");
    case FATE_UNREAD:
        return rule_text(c, "'%.*s' is never read", STR_ARG(local));
    case FATE_UNKEPT:
        return rule_text(c, "'%.*s' only gets a callback", STR_ARG(local));
    case FATE_CONTAINER:
        return rule_text(c, "the local '%.*s' is only filled", STR_ARG(local));
    default:
        return STR("its result is dropped");
    }
}

/* By WaitsFor. */
static const char *const WAITING_TEXTS[] = {
    "waits here, for what is not seen",
    "waits here, for a future that nothing else is seen to have",
    "waits here, for code that others bring",
};

static void report(RuleContext *c, const LooseTask *task, Str crowd) {
    const Facts *facts = graph_facts(c->graph, task->file);
    const Op *op = &facts->ops[task->op.i];
    ScopeId around = facts_enclosing(facts, facts->regions[op->region.i].scope, SCOPE_FUNCTION);
    Finding *f = rule_report(c, task->file, op->span, (ScopeRef){task->file, around});
    Str what = subject_of(c, task), why = crowd.n ? crowd : fate_text(c, task);
    f->confidence = task->confidence;
    f->subject = what;
    f->message = rule_text(c,
                           "%.*s can be destroyed half-way when the collector runs while it waits: "
                           "%.*s, and the loop refers to tasks weakly",
                           STR_ARG(what), STR_ARG(why));
    rule_step(c, f, STEP_NODE, STR("event loop"), (Str){0}, task->file, op->span);
    rule_step(c, f, STEP_EDGE, STR("weak reference"), why, task->file, op->span);
    f->steps.v[f->steps.n - 1].suspect = true;
    bool is_open = task->confidence > CONFIDENCE_LOW && task->waiting.kind == WAITS_FOREIGN;
    OpRef open = is_open ? task->waiting.at : (OpRef){0};
    bool is_brought = is_open && !open.op.i && task->waiting.what == WAITS_FOR_BROUGHT;
    Str code = is_brought ? STR("code that others bring") : (Str){0};
    rule_step(c, f, STEP_NODE, what, code, task->made_file,
              graph_facts(c->graph, task->made_file)->ops[task->made.i].span);
    if (task->fate.op.i && task->fate.op.i != task->op.i)
        rule_note(c, f, STR("last seen"), why, (OpRef){task->file, task->fate.op});
    if (open.op.i) rule_note(c, f, str_from(WAITING_TEXTS[task->waiting.what]), (Str){0}, open);
    f->help = STR("keep it until it is done: add it to a set that lives on, with "
                  "`task.add_done_callback(tasks.discard)`, or use an `asyncio.TaskGroup`");
    f->confirm = STR("`gc.collect()` while it waits, and look for 'Task was destroyed but it is "
                     "pending!' in the log");
}

enum { CROWD = 6 };

/* So many callers drop what one helper returns that the helper is the place to mend it. */
static u32 report_crowd(RuleContext *c, const LooseTask *tasks, u32 n) {
    LooseTask crowd = {0};
    u32 many = 0;
    for (u32 i = 0; i < n; i++) {
        if (tasks[i].confidence == CONFIDENCE_LOW) continue;
        if (!many++) crowd = tasks[i];
    }
    if (many <= CROWD) return 0;
    crowd.file = crowd.made_file;
    crowd.op = crowd.made;
    crowd.fate = (Fate){.kind = FATE_DROPPED, .op = crowd.made};
    report(c, &crowd, rule_text(c, "%u callers drop it", many));
    return many;
}

static void check(RuleContext *c, OpRef call) {
    LooseTask task, *results;
    if (graph_loose_callback(c->graph, call, &task))
        report(c, &task, (Str){0});
    else if (graph_loose_task(c->graph, call, &task) && !task.is_hoarded)
        report(c, &task, (Str){0});
    u32 n = graph_loose_results(c->graph, call, c->scratch, &results);
    u32 told = report_crowd(c, results, n);
    for (u32 i = 0; i < n; i++)
        if (!told || results[i].confidence == CONFIDENCE_LOW) report(c, &results[i], (Str){0});
}

static const char *const CALLEES[] = {".add_done_callback",
                                      ".add_reader",
                                      ".add_signal_handler",
                                      ".add_writer",
                                      ".call_at",
                                      ".call_later",
                                      ".call_soon",
                                      ".call_soon_threadsafe",
                                      ".create_task",
                                      "asyncio.Task",
                                      "asyncio.create_task",
                                      "asyncio.ensure_future",
                                      NULL};

const Rule rule_lmp216 = {
    .code = "LMP216",
    .name = "dangling-task",
    .summary = "nobody keeps a task of asyncio: it can be destroyed before it is done",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = CALLEES,
    .on_call = check,
};
