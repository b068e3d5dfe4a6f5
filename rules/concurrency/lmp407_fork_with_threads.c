/* ## What it does
 * Reports `os.fork()`, and processes and pools of `multiprocessing` that are forked, after threads
 * were started that still run: in the same function, in one that leads to it, by the constructor
 * of the object, or while the module was imported.
 *
 * ## Why it leaks
 * The child has a copy of the memory and of one thread alone, the one that forked. What the other
 * threads had locked at that moment (a logging handler, the allocator of a C library, a queue)
 * stays locked there: the child waits for it and never ends, and the parent, which waits for the
 * child, does not either. What those threads held is kept alive in the child, and they do not run
 * there: no heartbeat, no flush. It happens once in a thousand starts, which makes it hard to find.
 * CPython 3.12 and later give a DeprecationWarning; `multiprocessing` forks by default on Linux up
 * to 3.13, and uses a server from 3.14 on.
 *
 * ## Example
 * ```python bad
 * import os
 * import threading
 *
 *
 * def serve(report, work):
 *     threading.Thread(target=report, daemon=True).start()
 *     for _ in range(4):
 *         if os.fork() == 0:
 *             work()
 *             os._exit(0)
 * ```
 *
 * First the processes, then the threads:
 *
 * ```python good
 * import os
 * import threading
 *
 *
 * def serve(report, work):
 *     for _ in range(4):
 *         if os.fork() == 0:
 *             work()
 *             os._exit(0)
 *     threading.Thread(target=report, daemon=True).start()
 * ```
 *
 * ## When it is silent
 * - The fork comes first; or the threads are joined, stopped or cancelled, or their `with` has
 *   ended, in between.
 * - `os.register_at_fork(before=…)` of what joins or stops the thread.
 * - The child becomes another program: `os.exec…` after the fork, `subprocess`.
 * - `get_context("spawn")` or `"forkserver"`; `set_start_method` with one of these, or with what is
 *   computed, anywhere in the project.
 * - Processes by the default method, when the code is for Python 3.14 and later only.
 *
 * At low confidence: tests; a thread that the constructor starts; `submit` and `map` of a process
 * executor.
 *
 * ## What it misses
 * Threads that libraries start, threads that one object starts and another one's method forks
 * beside, and ways that lead over more than three calls.
 *
 * ## How to confirm
 * `python -W error::DeprecationWarning` on Python 3.12 or later: "This process is multi-threaded,
 * use of fork() may lead to deadlocks in the child".
 *
 * ## References
 * - Python documentation, `os.fork`: "If Python is able to detect that your process has multiple
 *   threads, os.fork() now raises a DeprecationWarning"
 * - CPython issue 84559: the default start method changes in 3.14
 * - POSIX, fork: the child may call async-signal-safe functions only
 */
#include "rule/rule.h"

/* "os.fork", "worker.start", "multiprocessing.Pool": as it is written. */
static Str call_text(RuleContext *c, OpRef at) {
    return rule_path_text(c, at.file, op_path(facts_op(graph_facts(c->graph, at.file), at.op)));
}

static Str message_of(RuleContext *c, const ForkedThreads *t, Str fork, Str start) {
    const char *when = t->is_chosen ? ""
                                    : ", with the default of multiprocessing on Linux before "
                                      "Python 3.14";
    return rule_text(c,
                     "a child of '%.*s()' can hang when it is forked while the thread of "
                     "'%.*s()' runs: what that one has locked stays locked in the child%s",
                     STR_ARG(fork), STR_ARG(start), when);
}

static Str help_of(const ForkedThreads *t) {
    if (t->kind == CONCURRENT_FORK)
        return STR("fork before threads are started, or start another program with `subprocess`");
    return STR("start the processes before the threads, or take them from "
               "`multiprocessing.get_context(\"spawn\")` or `(\"forkserver\")`");
}

static void step_of_call(RuleContext *c, Finding *f, StepKind kind, OpRef at, Str note) {
    rule_step(c, f, kind, rule_text(c, "%.*s()", STR_ARG(call_text(c, at))), note, at.file,
              facts_op(graph_facts(c->graph, at.file), at.op)->span);
}

static void add_steps(RuleContext *c, Finding *f, OpRef call, const ForkedThreads *t) {
    OpRef here = {t->at.file, t->here};
    bool is_direct = here.file == t->start.file && here.op.i == t->start.op.i;
    if (!t->is_elsewhere && !is_direct)
        step_of_call(c, f, STEP_NODE, here, STR("leads to a thread"));
    step_of_call(c, f, STEP_NODE, t->start, STR("the thread runs from here on"));
    if (!t->is_elsewhere && (t->at.file != call.file || t->at.op.i != call.op.i))
        step_of_call(c, f, STEP_NODE, t->at, STR("leads to the fork"));
    step_of_call(c, f, STEP_EDGE, call, STR("forks"));
    f->steps.v[f->steps.n - 1].suspect = true;
    rule_step(c, f, STEP_NODE, STR("child with one thread, and the locks of all"), (Str){0},
              call.file, facts_op(graph_facts(c->graph, call.file), call.op)->span);
}

static void check(RuleContext *c, OpRef call) {
    ForkedThreads t;
    if (!graph_forks_with_threads(c->graph, call, &t)) return;
    if (!t.is_chosen && !targets_before(rule_targets(c, call.file), PYTHON_3_14)) return;
    const Op *op = facts_op(graph_facts(c->graph, call.file), call.op);
    Str fork = call_text(c, call), start = call_text(c, t.start);
    Finding *f = rule_report(c, call.file, op->span, rule_function_around(c, call.file, op));
    bool is_low = graph_is_test_file(c->graph, call.file) || t.is_elsewhere ||
                  t.kind == CONCURRENT_PROCESS_EXECUTOR;
    f->confidence = is_low ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
    f->subject = fork;
    f->message = message_of(c, &t, fork, start);
    add_steps(c, f, call, &t);
    f->help = help_of(&t);
    f->confirm = STR("`python -W error::DeprecationWarning` on Python 3.12 or later");
}

static const char *const CALLEES[] = {".Pool",
                                      ".map",
                                      ".start",
                                      ".submit",
                                      "multiprocess.Pool",
                                      "multiprocess.pool.Pool",
                                      "multiprocessing.Pool",
                                      "multiprocessing.pool.Pool",
                                      "os.fork",
                                      "os.forkpty",
                                      "pty.fork",
                                      "torch.multiprocessing.Pool",
                                      NULL};

const Rule rule_lmp407 = {
    .code = "LMP407",
    .name = "fork-with-threads",
    .summary = "a process is forked after threads were started",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_call = check,
    .callees = CALLEES,
};
