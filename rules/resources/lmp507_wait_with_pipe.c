/* ## What it does
 * Reports a wait for the end of a child process whose output goes into a pipe that nobody has read
 * by then: `Popen(…, stdout=PIPE).wait()`, a loop around `poll()`, `subprocess.call(…,
 * stdout=PIPE)`, and the same with asyncio. At low confidence also processes that nobody waits for.
 *
 * ## Why it leaks
 * A pipe holds a little, 64 KiB on Linux. When it is full the child waits until somebody reads, and
 * the parent waits for the child: both for ever, with all that they hold. With a little output all
 * goes well, so that tests pass. A process that has ended and that nobody waits for stays in the
 * table of processes until the next `Popen` looks after it, or the parent ends.
 *
 * ## Example
 * ```python bad
 * import subprocess
 *
 *
 * def listing(path):
 *     process = subprocess.Popen(["ls", "-R", path], stdout=subprocess.PIPE)
 *     process.wait()
 *     return process.stdout.read()
 * ```
 *
 * ```python good
 * import subprocess
 *
 *
 * def listing(path):
 *     process = subprocess.Popen(["ls", "-R", path], stdout=subprocess.PIPE)
 *     output, _ = process.communicate()
 *     return output
 * ```
 *
 * ## When it is silent
 * - Something reads before: `communicate()`, `process.stdout.read()`, a loop over its lines, a
 *   thread that is given `process.stdout`; in a loop around `poll()`, the body of the loop.
 * - The process, or its variable, is handed over, stored, returned or captured.
 * - It is killed or terminated before.
 * - Only its input is a pipe; output goes to a file, to `DEVNULL` or to where the parent's goes.
 *
 * At low confidence: `wait(timeout=…)`, which ends; one of two pipes that is not read; tests; and a
 * process that nobody waits for, which is often meant so.
 *
 * ## What it misses
 * Processes in attributes, and reads on some ways only.
 *
 * ## How to confirm
 * Let the child write a megabyte: the parent does not come back.
 *
 * ## References
 * - Python documentation, Popen.wait: "This will deadlock when using stdout=PIPE or stderr=PIPE and
 *   the child process generates enough output to a pipe"
 * - Amazon CodeGuru, python/multiprocessing-deadlock-prevention
 */
#include "rule/rule.h"

static Str process_of(RuleContext *c, u32 file, const Piped *p) {
    return p->process.i ? rule_path_text(c, file, p->process) : (Str){0};
}

static const char *pipe_of(const Piped *p) {
    return p->is_out ? "stdout" : "stderr";
}

static Str message_of(RuleContext *c, u32 file, const Piped *p, Str function) {
    Str process = process_of(c, file, p);
    const Facts *f = graph_facts(c->graph, file);
    if (!p->wait.i)
        return rule_text(c, "%.*s%.*s%sstays a zombie when it has ended: '%.*s' never waits for it",
                         process.n ? 9 : 12, process.n ? "process '" : "the process ",
                         STR_ARG(process), process.n ? "' " : "", STR_ARG(function));
    Str wait = rule_path_text(c, file, op_path(facts_op(f, p->wait)));
    const char *when = p->has_timeout ? "fails in the end" : "never returns";
    if (p->is_polled)
        return rule_text(c,
                         "the loop around '%.*s()' never ends when the process writes more than a "
                         "pipe holds: nothing reads its '%s' before",
                         STR_ARG(wait), pipe_of(p));
    return rule_text(c,
                     "'%.*s()' %s when the process writes more than a pipe holds: nothing reads "
                     "its '%s' before",
                     STR_ARG(wait), when, pipe_of(p));
}

static Confidence confidence_of(RuleContext *c, OpRef call, const Piped *p) {
    if (!p->wait.i || p->has_timeout || p->is_half_read) return CONFIDENCE_LOW;
    if (graph_is_test_file(c->graph, call.file)) return CONFIDENCE_LOW;
    return p->read.i ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

static void add_evidence(RuleContext *c, Finding *f, OpRef call, const Piped *p) {
    const Facts *facts = graph_facts(c->graph, call.file);
    rule_step(c, f, STEP_NODE, rule_text(c, "%.*s()", STR_ARG(p->name)),
              !p->wait.i ? STR("started here") : rule_text(c, "writes %s into a pipe", pipe_of(p)),
              call.file, facts_op(facts, call.op)->span);
    if (!p->wait.i) return;
    rule_note(c, f, STR("the wait"), STR("nothing has read by now"), (OpRef){call.file, p->wait});
    f->steps.v[f->steps.n - 1].suspect = true;
    if (p->read.i) rule_note(c, f, STR("the read"), STR("too late"), (OpRef){call.file, p->read});
}

static Str help_of(RuleContext *c, const Piped *p) {
    if (!p->wait.i)
        return STR("use it in a `with`, or call `wait()` or `communicate()`; a child that is to "
                   "live on is started with `start_new_session=True` and polled now and then");
    bool is_call = str_ends(p->name, "call");
    if (is_call || !p->read.i)
        return rule_text(c, "use `subprocess.DEVNULL` for output that nobody wants, else %s",
                         is_call ? "`subprocess.run(…, capture_output=True)`"
                                 : "`communicate()`, which reads and waits");
    return STR("call `communicate()`, which reads and waits, or read before the wait");
}

static void check(RuleContext *c, OpRef call) {
    Piped p;
    if (!graph_piped(c->graph, call, &p)) return;
    const Facts *facts = graph_facts(c->graph, call.file);
    const Op *op = facts_op(facts, p.wait.i ? p.wait : call.op);
    ScopeRef function = rule_function_around(c, call.file, op);
    Str name = str_after_last(graph_scope_name(c->graph, function), '.');
    if (!name.n) name = str_after_last(graph_module_name(c->graph, call.file), '.');
    Finding *f = rule_report(c, call.file, op->span, function);
    f->confidence = confidence_of(c, call, &p);
    f->severity = f->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    f->subject = p.process.i ? process_of(c, call.file, &p) : p.name;
    f->message = message_of(c, call.file, &p, name);
    add_evidence(c, f, call, &p);
    f->help = help_of(c, &p);
    f->confirm = p.wait.i ? STR("let the child write a megabyte: the call does not come back")
                          : STR("`ps --ppid` shows a `<defunct>` child after its end");
}

static const char *const CALLEES[] = {"asyncio.create_subprocess_exec",
                                      "asyncio.create_subprocess_shell",
                                      "subprocess.Popen",
                                      "subprocess.call",
                                      "subprocess.check_call",
                                      "subprocess32.Popen",
                                      NULL};

const Rule rule_lmp507 = {
    .code = "LMP507",
    .name = "wait-with-pipe",
    .summary =
        "a wait for a process whose output nobody reads: it never ends when the pipe is full",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = CALLEES,
    .on_call = check,
};
