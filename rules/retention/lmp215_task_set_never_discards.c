/* ## What it does
 * Reports tasks, futures and greenlets (of asyncio, an executor, gevent) that are added to a
 * container which outlives them, while nothing in the program ever takes one out: no
 * `add_done_callback(tasks.discard)`, no `discard`, `remove`, `clear` or `del`, no fresh container.
 * Where each message that an object is given adds one, what only its `close` empties is reported.
 *
 * ## Why it leaks
 * A task is done after a moment; the set that kept it from being collected keeps it for ever, with
 * its result or its exception, and the frames that this went through, with all their locals. An
 * exception of a task that is kept is never reported: asyncio tells it when the task is collected.
 *
 * ## Example
 * ```python bad
 * import asyncio
 *
 * TASKS = set()
 *
 *
 * async def deliver(mail):
 *     await mail.send()
 *
 *
 * async def serve(queue):
 *     while True:
 *         mail = await queue.get()
 *         TASKS.add(asyncio.create_task(deliver(mail)))
 * ```
 *
 * One callback takes the task out when it is done:
 *
 * ```python good
 * import asyncio
 *
 * TASKS = set()
 *
 *
 * async def deliver(mail):
 *     await mail.send()
 *
 *
 * async def serve(queue):
 *     while True:
 *         mail = await queue.get()
 *         task = asyncio.create_task(deliver(mail))
 *         TASKS.add(task)
 *         task.add_done_callback(TASKS.discard)
 * ```
 *
 * ## When it is silent
 * - Something removes from the container anywhere in the program, through an alias, a subclass or a
 *   callback; its length is compared; it is bounded or weak; a fresh one is bound to the name.
 * - The container is a local of a function that ends.
 * - Somebody waits for all of it (`gather(*tasks)`): a batch, unless an endless loop fills it.
 * - The method runs once for an object, by its name (`start`, `connect` …), in no endless loop.
 * - The key under which the task is stored is constant: the next task replaces it.
 *
 * At low confidence: a container that unseen code gets; keys that may repeat (`name`); attributes
 * of objects that no module holds, that are no server, manager or pool by name and are given no
 * messages, outside of endless loops.
 *
 * ## What it misses
 * Containers of unknown objects, threads and processes (LMP201), and a removal that never runs.
 *
 * ## How to confirm
 * Compare the length before and after a hundred tasks that are done.
 *
 * ## References
 * - Python documentation, `asyncio.create_task`: its example discards the task when it is done
 * - ruff RUF006 asks for the set, and does not look whether anything is taken out of it
 */
#include "rule/rule.h"

/* ---- containers of modules and classes ---- */

static void check_container(RuleContext *c, ContainerId id) {
    const Container *container = graph_container(c->graph, id);
    if (container->holder == HOLDER_SINGLETON) return; /* check_class speaks */
    Growth growth = graph_growth(c->graph, id);
    if (growth.verdict != VERDICT_GROWS || container->kind == CONTAINER_QUEUE) return;
    const Use *use = growth.site;
    if (use->level || growth.moving || !((use->value_shape | use->key_shape) & SHAPE_TASK)) return;
    PathId value = use->value.i ? use->value : use->key;
    Str task = graph_task_text(c->graph, use->file, value);
    if (!task.n) return;
    RegionId region = graph_facts(c->graph, use->file)->ops[use->op.i].region;
    bool is_endless = graph_is_endless(c->graph, use->file, region);
    if (!is_endless && graph_tasks_are_joined(c->graph, (ScopeRef){container->file, {1}},
                                              str_after_last(container->name, '.')))
        return;
    Confidence sure = growth.by_callers ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
    bool is_few = growth.escapes || graph_is_called_name(c->graph, use->file, use->key);
    rule_report_hoard(
        c, &(TaskHoard){.holder = rule_text(c, "%s %.*s", rule_holder_word(container->holder),
                                            STR_ARG(container->name)),
                        .name = container->name,
                        .task = task,
                        .until = STR("the process ends"),
                        .how = use->how,
                        .file = container->file,
                        .definition = container->definition,
                        .use_file = use->file,
                        .op = use->op,
                        .function = use->function,
                        .value = value,
                        .kind = container->kind,
                        .confidence = is_few ? CONFIDENCE_LOW : sure});
}

/* ---- attributes ---- */

/* The key, where there is one, is another one with each call. */
static bool is_open_key(const RuleContext *c, const AttributeUse *use) {
    if (!use->key.i || str_is(use->how, "append") || str_is(use->how, "add")) return true;
    u32 shape = graph_shape(c->graph, use->file, use->key);
    return (shape & (SHAPE_ID | SHAPE_REQUEST | SHAPE_TASK)) != 0;
}

static bool is_constant_key(const RuleContext *c, const AttributeUse *use) {
    u32 shape = use->key.i ? graph_shape(c->graph, use->file, use->key) : SHAPE_OPEN;
    return !(shape & ~(u32)(SHAPE_CONSTANT | SHAPE_CLOSED));
}

static Confidence confidence_of(const RuleContext *c, ClassId id, const AttributeUse *use,
                                bool escapes, bool is_endless) {
    if (escapes || !is_open_key(c, use)) return CONFIDENCE_LOW;
    if (is_endless) return CONFIDENCE_HIGH;
    /* most objects that have tasks of their own go with the last of them, and not those that live
     * for many messages */
    bool is_fed = graph_is_for_each_message(c->graph, use->function);
    if (!graph_is_long_lived(c->graph, id)) return is_fed ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
    return graph_is_driven(c->graph, use->function) ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
}

/* Where the container is made. */
static const AttributeUse *definition_of(const Attribute *a, bool *is_of_class) {
    const AttributeUse *first = NULL;
    *is_of_class = false;
    for (u32 i = 0; i < a->n_uses; i++) {
        bool is_defined = a->uses[i].kind == ATTRIBUTE_DEFINED;
        if (is_defined && !first) first = &a->uses[i];
        *is_of_class |= is_defined && a->uses[i].in_class_body;
    }
    return first;
}

static void check_growth(RuleContext *c, ClassId id, const Attribute *a, const AttributeUse *made,
                         const AttributeUse *use) {
    Str task = graph_task_text(c->graph, use->file, use->value);
    if (!task.n || is_constant_key(c, use)) return;
    Removal removal = graph_attribute_removal(c->graph, id, a->name, use->level);
    bool is_late = graph_is_emptied_late(c->graph, a);
    bool is_of_end = removal.kind == REMOVAL_SURE && is_late &&
                     graph_is_for_each_message(c->graph, use->function);
    if (removal.kind != REMOVAL_NONE && !is_of_end) return;
    const Facts *there = graph_facts(c->graph, use->file);
    bool is_endless = graph_is_endless(c->graph, use->file, there->ops[use->op.i].region);
    if (!is_endless && rule_runs_once(c, use->function)) return;
    if (!is_endless && !is_of_end && graph_class_joins_tasks(c->graph, id, a->name)) return;
    Str class = graph_class_name(c->graph, id);
    Str name = rule_text(c, "%.*s.%.*s", STR_ARG(class), STR_ARG(a->name));
    bool is_lasting = graph_only_module_instances(c->graph, id);
    const Facts *f = graph_facts(c->graph, made->file);
    rule_report_hoard(
        c, &(TaskHoard){
               .holder = rule_text(c, "attribute %.*s", STR_ARG(name)),
               .name = name,
               .task = task,
               .until = is_lasting
                            ? STR("the process ends")
                            : rule_text(c, "the '%.*s' goes", STR_ARG(str_after_last(class, '.'))),
               .how = use->how,
               .file = made->file,
               .definition = f->ops[made->op.i].span,
               .use_file = use->file,
               .op = use->op,
               .function = use->function,
               .value = use->value,
               .kind = a->container,
               .confidence = confidence_of(c, id, use, removal.escapes && !is_late, is_endless)});
}

static void check_class(RuleContext *c, ClassId id) {
    Str name = {0};
    while ((name = graph_next_attribute(c->graph, id, name)).n) {
        Attribute a = graph_attribute_outline(c->graph, id, name);
        if (a.kind != ATTRIBUTE_CONTAINER || a.container == CONTAINER_WEAK ||
            a.container == CONTAINER_BOUNDED || a.container == CONTAINER_QUEUE || a.owner.i != id.i)
            continue;
        a = graph_attribute(c->graph, id, name, c->scratch);
        bool is_of_class;
        const AttributeUse *made = definition_of(&a, &is_of_class);
        if (!made || is_of_class || a.is_cut) continue;
        for (u32 i = 0; i < a.n_uses; i++) {
            const AttributeUse *use = &a.uses[i];
            bool grows = use->kind == ATTRIBUTE_GROWS && use->how_often >= RUNS_PER_INSTANCE;
            if (grows && !graph_is_test_file(c->graph, use->file))
                check_growth(c, id, &a, made, use);
        }
    }
}

/* ---- locals of endless loops ---- */

static void check_call(RuleContext *c, OpRef call) {
    LooseTask task;
    if (!graph_loose_task(c->graph, call, &task) || !task.is_hoarded) return;
    const Facts *f = graph_facts(c->graph, call.file);
    const Op *op = &f->ops[task.fate.op.i];
    ScopeId around = facts_enclosing(f, f->regions[op->region.i].scope, SCOPE_FUNCTION);
    ScopeRef function = {call.file, around};
    Str name = rule_text(c, "%.*s.%.*s", STR_ARG(graph_scope_name(c->graph, function)),
                         STR_ARG(task.fate.local));
    rule_report_hoard(c, &(TaskHoard){.holder = rule_text(c, "local variable %.*s", STR_ARG(name)),
                                      .name = name,
                                      .task = STR("task"),
                                      .until = STR("its loop ends"),
                                      .how = STR("add"),
                                      .file = call.file,
                                      .definition = op->span,
                                      .use_file = call.file,
                                      .op = task.fate.op,
                                      .function = function,
                                      .value = (PathId){0},
                                      .kind = CONTAINER_SET,
                                      .confidence = graph_is_test_file(c->graph, call.file)
                                                        ? CONFIDENCE_LOW
                                                        : CONFIDENCE_MEDIUM});
}

static const char *const CALLEES[] = {".create_task", "asyncio.create_task",
                                      "asyncio.ensure_future", NULL};

const Rule rule_lmp215 = {
    .code = "LMP215",
    .name = "task-set-never-discards",
    .summary = "tasks are added to a container that lives on, and stay when they are done",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = CALLEES,
    .on_call = check_call,
    .on_class = check_class,
    .on_container = check_container,
};
