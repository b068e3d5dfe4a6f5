/* ## What it does

`gc.set_debug` is called with `DEBUG_LEAK` or `DEBUG_SAVEALL` in code that is no test and asks for
no debug switch.

## Why it leaks

With `DEBUG_SAVEALL` the collector does not free what it finds: it appends every unreachable object
to `gc.garbage`, for somebody to look at. `DEBUG_LEAK`, whose name sounds like a search for leaks,
includes it. So each cycle that would have been freed stays until the process ends: the tool that
was to find a leak is one. `DEBUG_STATS` and `DEBUG_UNCOLLECTABLE` keep nothing.

## Example

```python bad
import gc

gc.set_debug(gc.DEBUG_STATS | gc.DEBUG_LEAK)
```

Keep the flags that only print, or set the others where you empty the list again:

```python good
import gc

gc.set_debug(gc.DEBUG_STATS | gc.DEBUG_UNCOLLECTABLE)
```

## When it is silent

- Flags without `DEBUG_SAVEALL`, or flags that cannot be told.
- Tests, benchmarks and examples; behind a condition, or in a function, class or module, that is
  named for debugging, leaks, traces or profiles.
- Something in the programs that the module can be part of sets other flags or empties
  `gc.garbage`.
- At `--min-confidence low` only: behind any other condition, or where the same function looks into
  `gc.garbage`.

## What it misses

Flags that are computed, or come from a configuration; garbage that is kept elsewhere.

## How to confirm

`len(gc.garbage)` grows; with the flag it does not fall after `gc.collect()`.

## References

- https://docs.python.org/3/library/gc.html#gc.DEBUG_SAVEALL */
#include "rule/rule.h"

static Str reason_of(RuleContext *c, const CollectorSwitch *s) {
    if (str_is(s->flag, "DEBUG_SAVEALL")) return STR("'DEBUG_SAVEALL' asks for it");
    return rule_text(c, "'%.*s' includes 'DEBUG_SAVEALL'", STR_ARG(s->flag));
}

static void check(RuleContext *c, OpRef ref) {
    if (graph_is_test_file(c->graph, ref.file)) return;
    CollectorSwitch s = graph_collector_switch(c->graph, ref);
    if (s.kind != SWITCH_SAVES || s.is_undone || s.is_watching) return;
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *op = facts_op(f, ref.op);
    Finding *finding =
        rule_report(c, ref.file, op->span, (ScopeRef){ref.file, f->regions[op->region.i].scope});
    finding->confidence = s.is_asked || s.is_inspected ? CONFIDENCE_LOW : CONFIDENCE_HIGH;
    finding->severity = finding->confidence == CONFIDENCE_HIGH ? SEVERITY_ERROR : SEVERITY_WARNING;
    finding->subject = STR("gc.garbage");
    finding->message = rule_text(
        c,
        "'gc.garbage' keeps everything that the collector finds alive until the process ends: %.*s",
        STR_ARG(reason_of(c, &s)));
    rule_step(c, finding, STEP_NODE, STR("gc.garbage"), STR("filled by the collector from here on"),
              ref.file, op->span);
    rule_step(c, finding, STEP_EDGE, STR("[…]"), STR("every object of every dead cycle"), ref.file,
              op->span);
    finding->steps.v[finding->steps.n - 1].suspect = true;
    finding_step(c->arena, finding, (Step){.kind = STEP_NODE, .text = STR("unreachable object")});
    finding->help =
        STR("use `gc.DEBUG_STATS | gc.DEBUG_UNCOLLECTABLE`, which keep nothing, or set the "
            "flags in tests and behind a debug switch only");
    finding->confirm = STR("`len(gc.garbage)` grows and does not fall after `gc.collect()`");
}

/* The second is what a text without imports means: a session, a star import. */
static const char *const callees[] = {"gc.set_debug", "builtins.gc.set_debug", NULL};

const Rule rule_lmp122 = {
    .code = "LMP122",
    .name = "gc-saves-garbage",
    .summary = "the collector is told to keep what it finds instead of freeing it",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_ERROR,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check,
};
