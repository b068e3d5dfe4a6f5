/* ## What it does
 * Reports a resource that a function acquires and owns (a file, socket, descriptor, connection,
 * archive, pool, process …) when some way out of the function neither releases it nor hands it to
 * anybody: no `with`, no `close` on that way, no `return`, no attribute, no call that takes it
 * over. Functions of the project that return what they acquire count as well, and so do those that
 * get a resource and do not close it.
 *
 * ## Why it leaks
 * What happens then depends on the kind and on the version, and the effect says so. *never-freed*:
 * descriptors are numbers (`os.open`, `os.pipe`, `mkstemp`), so dropping them closes nothing.
 * *delayed*: the object is part of a cycle, and only the collector closes it: `sqlite3` connections
 * from Python 3.11 on, `gzip` writers from 3.12 on, `tarfile` writers, selectors, event loops.
 * *hazard*: CPython closes it when the last reference goes, with a ResourceWarning; with a
 * traceback that is kept, in a cycle or on another implementation it stays open much longer, and
 * what was written may be lost.
 *
 * ## Example
 * ```python bad
 * import os
 * import tempfile
 *
 *
 * def save(data):
 *     descriptor, path = tempfile.mkstemp()
 *     with open(path, "wb") as file:
 *         file.write(data)
 *     return path
 * ```
 *
 * `mkstemp` has opened the file already. Use that descriptor:
 *
 * ```python good
 * import os
 * import tempfile
 *
 *
 * def save(data):
 *     descriptor, path = tempfile.mkstemp()
 *     with os.fdopen(descriptor, "wb") as file:
 *         file.write(data)
 *     return path
 * ```
 *
 * ## When it is silent
 * - `with`, `async with`, `contextlib.closing`, `ExitStack.enter_context`, `callback(f.close)`,
 *   `weakref.finalize`, `addCleanup`, also when the stack is a parameter.
 * - It is returned, yielded, raised, stored in an attribute or a container, given a second name, or
 *   captured by an inner function; LMP502 looks at what classes own.
 * - It is an argument of something that may keep it: any function that limpet cannot see. Known
 *   functions that only use it (`json.load`, `os.write`, `subprocess.run`) take nothing over; the
 *   same holds for functions of the project that neither close nor keep it.
 * - Readers of an open file, which they leave open: `wave.open(file)`, `ZipFile(file)`.
 * - `open(path, "w").close()`, `os.scandir` that is read to its end, executors: their threads end
 *   with them.
 * - Pools that nothing closes (LMP406); one that only an exception leaves: dropping it ends it.
 * - A release under a condition about the object itself (`if f is not sys.stdin: f.close()`), or
 *   after which both branches go on together.
 * - A loop opens it under `if not writer:`, and sets `writer` there: no later round does.
 * - The process ends there: `sys.exit`, `os._exit`, `os.exec…`.
 *
 * At low confidence: ways out that only an exception of a call takes; tests and code that runs
 * once; the null device, to which standard streams are redirected; `open(path).read()` and its kin,
 * which CPython closes at once; `open(p) if p else sys.stdin`; and what is made to be dropped or to
 * live on (temporary files, clients with pools of their own).
 *
 * ## What it misses
 * Resources of libraries that limpet does not know, resources in containers, functions with more
 * than 6000 operations, and releases that happen under a condition that is never true.
 *
 * ## How to confirm
 * Count descriptors (`/proc/self/fd`), threads or children before and after a hundred calls; run
 * with `python -X dev`, which shows every ResourceWarning.
 *
 * ## References
 * - Python documentation, "Context Manager Types"; `ResourceWarning`; `tempfile.mkstemp`
 * - ruff SIM115, pylint R1732, CodeQL py/file-not-closed: these look at `open` and its kin; this
 * rule follows the ways out, knows who takes a resource over, and says what becomes of it
 * - hdfs: a pool of threads made for each call and never closed (25778f8)
 */
#include "rule/rule.h"

/* A handler of the function goes on without it. */
static bool is_handled(RuleContext *c, const Ownership *o, OpId returns) {
    const Facts *f = graph_facts(c->graph, o->function.file);
    return returns.i && graph_in_handler(c->graph, o->function.file, facts_op(f, returns)->region);
}

static OwnedWay way_of(RuleContext *c, const Ownership *o) {
    const Leaving *l = &o->normal;
    if (o->kind != OWNED_LOCAL) return (OwnedWay){0};
    if (l->rebound.i && l->rebound.i == o->from.i)
        return (OwnedWay){.op = l->rebound, .is_round = true};
    if (l->raise.i) return (OwnedWay){.op = l->raise, .verb = "raises"};
    if (l->returns.i && (o->release.i || o->handed.i || !l->at_end))
        return (OwnedWay){.op = l->returns, .verb = "returns"};
    if (l->at_end || l->rebound.i) return (OwnedWay){.verb = "ends"};
    l = &o->thrown;
    if (o->acquired.row->flags & RESOURCE_STAYS && is_handled(c, o, l->returns))
        return (OwnedWay){.op = l->returns, .verb = "returns in its handler"};
    OpId op = l->call.i ? l->call : l->raise.i ? l->raise : l->returns;
    return (OwnedWay){.op = op, .verb = "is left by an exception", .is_thrown = true};
}

static bool is_left(const Ownership *o) {
    if (o->kind != OWNED_LOCAL) return true;
    const Leaving *l = &o->normal;
    bool is_replaced = l->rebound.i && l->rebound.i != o->from.i;
    /* LMP503 speaks of it */
    if (is_replaced && !l->raise.i && !l->returns.i && !l->at_end) return false;
    if (is_left_behind(l)) return true;
    /* until it is handed over, and then no number goes astray */
    if (!o->release.i && !(o->acquired.row->flags & RESOURCE_STAYS)) return false;
    return is_left_behind(&o->thrown) || o->thrown.call.i;
}

/* One finding a call: of the two ends of a pipe, the one that is surer left. */
static void check(RuleContext *c, OpRef call, const Acquired *a) {
    (void)a;
    Ownership owned[OWNED_MAX];
    const Ownership *worst = NULL;
    OwnedWay worst_way = {0};
    Confidence sure = CONFIDENCE_LOW;
    u32 n = graph_owned(c->graph, call, owned);
    for (u32 i = 0; i < n; i++) {
        const Ownership *o = &owned[i];
        if (o->kind == OWNED_ELSEWHERE || rule_owned_is_exempt(o) || !is_left(o)) continue;
        OwnedWay way = way_of(c, o);
        Confidence each = rule_owned_confidence(c, call, o, &way);
        if (worst && each <= sure) continue;
        worst = o;
        worst_way = way;
        sure = each;
    }
    if (worst) rule_report_owned(c, call, worst, &worst_way, sure);
}

const Rule rule_lmp501 = {
    .code = "LMP501",
    .name = "resource-not-released",
    .summary = "a function leaves a file, descriptor, connection … open on some way out",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed, delayed, hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_resource = check,
};
