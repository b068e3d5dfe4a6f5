/* ## What it does

`gc.freeze()` is called without a `gc.collect()` before it, or again and again.

## Why it leaks

`gc.freeze()` moves everything that the collector knows of into a generation that it never looks at
again. That is meant for the objects that a parent process shares with its children. But garbage
that waits for the collector is moved too, and is never freed; and when it is called once more in a
running program, so are the cycles of the requests in between.

## Example

```python bad
import gc
import os


def start_worker(serve):
    gc.freeze()
    if os.fork() == 0:
        serve()
```

Collect first, so that only what lives is frozen:

```python good
import gc
import os


def start_worker(serve):
    gc.collect()
    gc.freeze()
    if os.fork() == 0:
        serve()
```

## When it is silent

- `gc.collect()` stands before it in the same function, or in a caller before the call.
- The program switches the collector off with `gc.disable()`: the documentation's own recipe for a
  parent that forks, where collecting would tear holes into the shared pages.
- `gc.unfreeze()` is called somewhere in the programs that the module can be part of.
- Tests, benchmarks and examples.

## What it misses

Functions that nobody in the project calls are taken to run at start-up.

## How to confirm

A weak reference to an object of a cycle that was dropped before `gc.freeze()` is alive after
`gc.collect()`; `gc.get_freeze_count()` grows.

## References

- https://docs.python.org/3/library/gc.html#gc.freeze */
#include "rule/rule.h"

/* In a loop, or called from code that runs per call. */
static bool is_repeated(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    RegionId region = f->ops[ref.op.i].region;
    return graph_how_often(c->graph, ref.file, region) == RUNS_PER_ROUND;
}

static void check(RuleContext *c, OpRef ref) {
    if (graph_is_test_file(c->graph, ref.file)) return;
    CollectorSwitch s = graph_collector_switch(c->graph, ref);
    if (s.kind != SWITCH_FREEZES || s.is_undone || s.is_watching) return;
    bool repeats = is_repeated(c, ref) && !s.is_asked; /* `if step == 0:` in a loop */
    if (s.is_disabled || (s.is_tidied && !repeats)) return;
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *op = facts_op(f, ref.op);
    Finding *finding =
        rule_report(c, ref.file, op->span, (ScopeRef){ref.file, f->regions[op->region.i].scope});
    finding->confidence = s.is_asked ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
    finding->subject = STR("gc.freeze()");
    finding->message =
        repeats ? STR("'gc.freeze()' freezes live and dead objects of a running program when the "
                      "loop around it comes by again: none of their cycles is ever freed")
                : STR("'gc.freeze()' freezes garbage for good when cycles wait for the collector: "
                      "no 'gc.collect()' runs before it");
    rule_step(c, finding, STEP_NODE, STR("the permanent generation"),
              STR("takes everything that the collector knows of"), ref.file, op->span);
    finding->help = repeats ? STR("freeze once, after start-up and before the process forks")
                            : STR("call `gc.collect()` before it");
    finding->confirm =
        STR("a weak reference to an object of a cycle that was dropped before is alive "
            "after `gc.collect()`");
}

static const char *const callees[] = {"gc.freeze", NULL};

const Rule rule_lmp123 = {
    .code = "LMP123",
    .name = "gc-freeze-live",
    .summary = "garbage is frozen with what lives, and never collected",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_NOTE,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .flags = RULE_OPT_IN,
    .callees = callees,
    .on_call = check,
};
