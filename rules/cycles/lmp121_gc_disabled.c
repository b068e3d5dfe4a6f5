/* ## What it does

`gc.disable()` or `gc.set_threshold(0)` stays in force: nothing in the programs that the module is
part of switches the collector on again.

## Why it leaks

Reference counting frees what is in no cycle. Everything else waits for the cyclic collector:
parents and children that know each other, exceptions with their frames, classes, closures that call
themselves. Without it all of that stays until the process ends. So every finding of limpet that
says "until the collector runs" becomes one that says "until the process ends" in such a program.
`gc.set_threshold(0)` does the same, and `gc.isenabled()` still says True.

## Example

```python bad
import gc


def load_all(rows, make):
    gc.disable()  # loading is faster without it
    return [make(row) for row in rows]
```

The collector stays off after the loading is done. Switch it on again, on every way out:

```python good
import gc


def load_all(rows, make):
    gc.disable()
    try:
        return [make(row) for row in rows]
    finally:
        gc.enable()
```

## When it is silent

- `gc.enable()` (for a threshold: `gc.set_threshold` with another number) is called, or handed to
  somebody, anywhere in the programs that the module can be part of: it, who imports it, and all
  that these import; or a switch before it in the same function has done the same already.
- Tests, benchmarks and examples, and code that is named so or asks for a debug switch.
- At `--min-confidence low` only: the program collects by itself (`gc.collect()` is called, and
  not only once before the collector is switched off), freezes what is there before it forks,
  depends on somebody's wish (`if options.no_gc`), measures time, or switches the collector on
  again on the normal way out of the function alone, so that an exception leaves it off.

## What it misses

- `gc.disable` that is handed to somebody as a callback.
- Programs that end within seconds: for them it is harmless, and limpet cannot tell.
- Switches outside the source, and in C code.

## How to confirm

`len(gc.get_objects())` grows from call to call and falls after `gc.collect()`; `gc.isenabled()` is
False, or `gc.get_threshold()` begins with 0.

## References

- https://docs.python.org/3/library/gc.html#gc.disable
- https://instagram-engineering.com/dismissing-python-garbage-collection-at-instagram-4dca40b29172
*/
#include "rule/rule.h"

static bool is_silent(const CollectorSwitch *s) {
    if (s->kind != SWITCH_DISABLES && s->kind != SWITCH_THRESHOLD) return true;
    return s->is_watching || s->is_doubled || (s->is_undone && !s->undo.op.i);
}

/* Somebody knows what he does, or may. */
static bool is_deliberate(const CollectorSwitch *s) {
    return s->is_undone || s->is_collected || s->is_frozen || s->is_asked || s->is_timed;
}

/* When the switch has taken effect. */
static Str event_of(RuleContext *c, OpRef ref, const CollectorSwitch *s) {
    const Facts *f = graph_facts(c->graph, ref.file);
    ScopeId scope = f->regions[f->ops[ref.op.i].region.i].scope;
    Str name = graph_scope_name(c->graph, (ScopeRef){ref.file, scope});
    bool is_module = f->scopes[scope.i].kind == SCOPE_MODULE;
    return rule_text(c, "'%.*s' has %s%s", STR_ARG(name), is_module ? "been loaded" : "run",
                     s->is_asked ? " and the condition holds" : "");
}

static Str message_of(RuleContext *c, OpRef ref, const CollectorSwitch *s, Str call) {
    if (s->undo.op.i)
        return rule_text(c,
                         "'%.*s' leaves the collector off when an exception skips 'gc.enable()' "
                         "in the same function",
                         STR_ARG(call));
    Str event = event_of(c, ref, s);
    if (s->is_collected)
        return rule_text(
            c, "'%.*s' leaves reference cycles to calls of 'gc.collect()' alone when %.*s",
            STR_ARG(call), STR_ARG(event));
    return rule_text(c,
                     "'%.*s' leaves reference cycles in memory for ever when %.*s: nothing calls "
                     "'%s' or 'gc.collect()'",
                     STR_ARG(call), STR_ARG(event),
                     s->kind == SWITCH_DISABLES ? "gc.enable()" : "gc.set_threshold()");
}

static void check(RuleContext *c, OpRef ref) {
    if (graph_is_test_file(c->graph, ref.file)) return;
    CollectorSwitch s = graph_collector_switch(c->graph, ref);
    if (is_silent(&s)) return;
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *op = facts_op(f, ref.op);
    Finding *finding =
        rule_report(c, ref.file, op->span, (ScopeRef){ref.file, f->regions[op->region.i].scope});
    finding->confidence = is_deliberate(&s) ? CONFIDENCE_LOW
                          : s.in_a_program  ? CONFIDENCE_HIGH
                                            : CONFIDENCE_MEDIUM;
    if (s.is_collected && !s.undo.op.i) finding->severity = SEVERITY_NOTE;
    Str call = s.kind == SWITCH_DISABLES ? STR("gc.disable()") : STR("gc.set_threshold(0)");
    finding->subject = call;
    finding->message = message_of(c, ref, &s, call);
    rule_step(c, finding, STEP_NODE, STR("the cyclic collector"), STR("switched off here"),
              ref.file, op->span);
    if (s.undo.op.i)
        rule_note(c, finding, STR("gc.enable()"), STR("an exception before it skips it"), s.undo);
    finding->help =
        s.kind == SWITCH_DISABLES
            ? STR("call `gc.enable()` in a `finally`, or `gc.collect()` at moments of your choice")
            : STR("set the old threshold again in a `finally`, or call `gc.collect()` at times");
    finding->confirm = STR("`len(gc.get_objects())` grows until `gc.collect()` is called by hand");
}

static const char *const callees[] = {"gc.disable", "gc.set_threshold", NULL};

const Rule rule_lmp121 = {
    .code = "LMP121",
    .name = "gc-disabled",
    .summary = "the cyclic collector is switched off and stays off",
    .effect = EFFECT_HAZARD,
    .effects = "hazard",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_HIGH,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check,
};
