/* The driver: offers every candidate of the graph once to the rules that asked for its kind. Work
 * is cut into items (a file, some classes, some containers, the project) that threads take one by
 * one; each item has its own list of findings and the lists are joined in the order of the items,
 * so that the result does not depend on the threads. */
#include "rule/rule.h"

#include "os/os.h"

enum {
    CLASSES_PER_ITEM = 64,
    CONTAINERS_PER_ITEM = 16,
    CYCLES_PER_ITEM = 64,
    CODES_PER_ITEM = 256
};

typedef struct RuleList {
    const Rule **v;
    u32 n;
} RuleList;

/* Rules by the canonical name that on_call asked for. */
typedef struct Wanted {
    Str name;
    VEC(const Rule *) rules;
} Wanted;

typedef struct Run {
    const Graph *graph;
    const Heap *heap;
    const Cpu *cpu;
    const Selection *selection;
    u32 targets;
    bool free_threaded;
    RuleList on_function, on_class, on_container, on_holding, on_resource, on_cycle, on_code;
    RuleList on_project, on_unit, on_fault;
    const NativeUnits *units;
    CExports exports;       /* what functions of all units do */
    CExports *exports_each; /* of one unit, while they are gathered */
    u32 *functions, *cut;   /* of each unit: see NativeUnits */
    RuleList is_method;     /* rules that choose methods by their names */
    VEC(Wanted) callees, stores;
    Map store_by_last;    /* hash of the last part of a name in stores -> index into stores + 1 */
    Map callee_by_name;   /* hash of a canonical name -> index into callees + 1 */
    Map callee_by_method; /* hash of a method name that is asked for whatever it is called on */
    Map is_last_name;     /* hash of a name that a call of a callee can end in -> 1 */
    u32 files, class_items, container_items, cycle_items, code_items;
    Arena *arenas;    /* one a worker: what its findings point to */
    Arena *scratches; /* one a worker */
    Findings *found;  /* one an item */
} Run;

/* ---- who wants what ---- */

static Str last_name(Str dotted) {
    i64 dot = str_rfind(dotted, '.');
    return dot < 0 ? dotted : str_sub(dotted, (u32)dot + 1, dotted.n);
}

static void add_callee(Arena *arena, Run *run, const Rule *rule, Str name) {
    u32 at = map_get(&run->callee_by_name, hash_str(name));
    if (!at) {
        vec_push(arena, &run->callees, (Wanted){.name = name});
        at = run->callees.n;
        if (str_starts(name, "."))
            map_set(arena, &run->callee_by_method, hash_str(last_name(name)), at);
        map_set(arena, &run->callee_by_name, hash_str(name), at);
        map_set(arena, &run->is_last_name, hash_str(last_name(name)), 1);
    }
    vec_push(arena, &run->callees.v[at - 1].rules, rule);
}

static void add_store(Arena *arena, Run *run, const Rule *rule, Str name) {
    u32 at = map_get(&run->store_by_last, hash_str(last_name(name)));
    if (!at) {
        vec_push(arena, &run->stores, (Wanted){.name = name});
        at = run->stores.n;
        map_set(arena, &run->store_by_last, hash_str(last_name(name)), at);
    } else if (!str_eq(run->stores.v[at - 1].name, name)) { /* `sys.excepthook`, `threading.…` */
        vec_push(arena, &run->stores, (Wanted){.name = name});
        at = run->stores.n;
    }
    vec_push(arena, &run->stores.v[at - 1].rules, rule);
}

static void sort_rules(Arena *arena, Run *run, const Selection *selection) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
#define LIST(hook)                                     \
    run->hook.v = arena_array(arena, const Rule *, n); \
    for (u32 i = 0; i < n; i++)                        \
        if (selection->enabled[i] && all[i].rule->hook) run->hook.v[run->hook.n++] = all[i].rule;
    LIST(on_function)
    LIST(on_class)
    LIST(on_container)
    LIST(on_holding)
    LIST(on_resource)
    LIST(on_cycle)
    LIST(on_code)
    LIST(on_project)
    LIST(on_unit)
    LIST(on_fault)
    LIST(is_method)
#undef LIST
    for (u32 i = 0; i < n; i++) {
        const Rule *rule = all[i].rule;
        if (!selection->enabled[i]) continue;
        for (const char *const *name = rule->callees; name && *name; name++)
            add_callee(arena, run, rule, str_from(*name));
        for (const char *const *name = rule->stores; name && *name; name++)
            add_store(arena, run, rule, str_from(*name));
    }
}

/* `from weakref import finalize as fin` anywhere lets calls of `fin` and of `m.fin` mean a callee.
 * Rounds, because an alias may be imported under yet another name. */
static void add_aliases(Arena *arena, Run *run) {
    for (u32 known = 0; known != run->is_last_name.n;) {
        known = run->is_last_name.n;
        for (u32 file = 0; file < run->files; file++) {
            const Facts *f = graph_facts(run->graph, file);
            for (u32 i = 1; f && i < f->n_imports; i++) {
                const Import *import = &f->imports[i];
                if (!import->alias.i || !import->name.i) continue;
                u64 name = f->strings[import->name.i].hash;
                u64 alias = f->strings[import->alias.i].hash;
                if (map_get(&run->is_last_name, name)) map_set(arena, &run->is_last_name, alias, 1);
            }
        }
    }
}

/* ---- calls ---- */

/* A local name bound to another path (`f = weakref.finalize`) may mean anything. */
static bool is_alias(const Facts *f, SymbolId id) {
    SymbolId owner = f->symbols[id.i].target;
    if (!owner.i) return false;
    const Symbol *symbol = &f->symbols[owner.i];
    const Op *bind = facts_op(f, symbol->bind);
    if (bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_ASSIGN) return false;
    PathKind value = facts_root(f, op_operand(f, bind, 0))->kind;
    return value == PATH_SYMBOL;
}

/* True when it is worth asking the graph for the name of a call's callee: most calls are of
 * something whose last name no rule asked for. */
static bool is_candidate(const Run *run, const Facts *f, PathId callee) {
    const Path *path = &f->paths[callee.i];
    if (path->kind == PATH_ATTR) return map_get(&run->is_last_name, f->strings[path->id].hash);
    if (path->kind != PATH_SYMBOL) return false;
    SymbolId symbol = {path->id};
    u64 name = f->strings[f->symbols[path->id].name.i].hash;
    return map_get(&run->is_last_name, name) || is_alias(f, symbol);
}

/* What is_method said of the names of one file: 0 not asked yet, 1 no, 2 yes. */
typedef struct Asked {
    u8 *said;
    u32 n_strings;
} Asked;

static bool is_chosen(const Run *run, Asked *asked, const Facts *f, u32 rule, StrId method) {
    u8 *said = &asked->said[(size_t)rule * asked->n_strings + method.i];
    if (!*said) {
        bool yes = run->is_method.v[rule]->is_method(run->graph, facts_str(f, method));
        *said = yes ? 2 : 1;
    }
    return *said == 2;
}

static void offer_one(RuleContext *c, const Rule *rule, OpRef call) {
    c->rule = rule;
    ArenaMark mark = arena_mark(c->scratch);
    rule->on_call(c, call);
    arena_rewind(c->scratch, mark);
}

/* To the rules that asked for the callee, but those that chose it by its name already. */
static void offer_call(Run *run, RuleContext *c, OpRef call, u32 callee, const bool *offered) {
    for (u32 k = 0; k < run->callees.v[callee].rules.n; k++) {
        const Rule *rule = run->callees.v[callee].rules.v[k];
        bool again = false;
        for (u32 i = 0; i < run->is_method.n; i++)
            again |= offered[i] && run->is_method.v[i] == rule;
        if (!again) offer_one(c, rule, call);
    }
}

enum { CHOOSERS_MAX = 16 };

static void offer_method(Run *run, RuleContext *c, OpRef call, Asked *asked, bool *offered) {
    const Facts *f = graph_facts(run->graph, call.file);
    const Path *path = &f->paths[f->ops[call.op.i].subject];
    for (u32 k = 0; k < run->is_method.n; k++) {
        offered[k] = path->kind == PATH_ATTR && is_chosen(run, asked, f, k, (StrId){path->id});
        if (offered[k]) offer_one(c, run->is_method.v[k], call);
    }
}

static void offer_one_call(Run *run, RuleContext *c, OpRef call, Asked *asked) {
    const Facts *f = graph_facts(run->graph, call.file);
    PathId callee = op_path(&f->ops[call.op.i]);
    bool offered[CHOOSERS_MAX] = {false};
    offer_method(run, c, call, asked, offered);
    if (!is_candidate(run, f, callee)) return;
    const Path *path = &f->paths[callee.i];
    u64 method = path->kind == PATH_ATTR ? f->strings[path->id].hash : 0;
    u32 any = method ? map_get(&run->callee_by_method, method) : 0;
    if (any) offer_call(run, c, call, any - 1, offered);
    Str name = graph_name_of(run->graph, call.file, callee);
    u32 at = name.n ? map_get(&run->callee_by_name, hash_str(name)) : 0;
    if (at && str_eq(run->callees.v[at - 1].name, name)) offer_call(run, c, call, at - 1, offered);
}

static void offer_store(Run *run, RuleContext *c, OpRef store) {
    const Facts *f = graph_facts(run->graph, store.file);
    PathId subject = op_path(&f->ops[store.op.i]);
    const Path *path = &f->paths[subject.i];
    if (path->kind != PATH_ATTR || path->depth != 1) return;
    if (!map_get(&run->store_by_last, f->strings[path->id].hash)) return;
    Str name = graph_name_of(run->graph, store.file, subject);
    for (u32 i = 0; name.n && i < run->stores.n; i++) {
        if (!str_eq(run->stores.v[i].name, name)) continue;
        for (u32 k = 0; k < run->stores.v[i].rules.n; k++) {
            c->rule = run->stores.v[i].rules.v[k];
            ArenaMark mark = arena_mark(c->scratch);
            c->rule->on_store(c, store);
            arena_rewind(c->scratch, mark);
        }
    }
}

static void offer_resource(Run *run, RuleContext *c, OpRef call) {
    Acquired a;
    if (!graph_acquires(run->graph, call, &a)) return;
    for (u32 k = 0; k < run->on_resource.n; k++) {
        c->rule = run->on_resource.v[k];
        ArenaMark mark = arena_mark(c->scratch);
        c->rule->on_resource(c, call, &a);
        arena_rewind(c->scratch, mark);
    }
}

static void offer_operations(Run *run, RuleContext *c, u32 file, const Facts *f) {
    if (!run->callees.n && !run->is_method.n && !run->stores.n && !run->on_resource.n) return;
    ArenaMark mark = arena_mark(c->scratch);
    Asked asked = {.n_strings = f->n_strings};
    REQUIRE(run->is_method.n <= CHOOSERS_MAX);
    asked.said = arena_array(c->scratch, u8, (size_t)run->is_method.n * f->n_strings + 1);
    for (u32 i = 1; i < f->n_ops; i++) {
        if (f->ops[i].kind == OP_CALL) offer_one_call(run, c, (OpRef){file, {i}}, &asked);
        if (f->ops[i].kind == OP_STORE && run->stores.n) offer_store(run, c, (OpRef){file, {i}});
        if (f->ops[i].kind == OP_CALL && run->on_resource.n)
            offer_resource(run, c, (OpRef){file, {i}});
    }
    arena_rewind(c->scratch, mark);
}

/* ---- the other candidates ---- */

#define OFFER(list, hook, ...)                   \
    for (u32 k = 0; k < (list).n; k++) {         \
        c->rule = (list).v[k];                   \
        ArenaMark mark = arena_mark(c->scratch); \
        c->rule->hook(c, __VA_ARGS__);           \
        arena_rewind(c->scratch, mark);          \
    }

static void offer_file(Run *run, RuleContext *c, u32 file) {
    const Facts *f = graph_facts(run->graph, file);
    /* a stub only tells types: nothing in it runs */
    if (!f || f->flags & FACTS_STUB) return;
    offer_operations(run, c, file, f);
    if (!run->on_function.n) return;
    ScopeId function = {0};
    while ((function = graph_next_function(run->graph, file, function)).i)
        OFFER(run->on_function, on_function, (ScopeRef){file, function})
}

/* Made once for all rules. */
static void offer_holding(Run *run, RuleContext *c, const Holding *h) {
    OFFER(run->on_holding, on_holding, h)
}

static void offer_attributes(Run *run, RuleContext *c, ClassId id) {
    Str name = {0};
    while ((name = graph_next_holding(run->graph, id, name)).n) {
        ArenaMark start = arena_mark(c->scratch);
        Holding h = graph_holding_of_attribute(run->graph, id, name, c->scratch);
        offer_holding(run, c, &h);
        arena_rewind(c->scratch, start);
    }
}

static void offer_long_lived(Run *run, RuleContext *c, ContainerId id) {
    if (graph_is_test_file(run->graph, graph_container(run->graph, id)->file)) return;
    ArenaMark start = arena_mark(c->scratch);
    Holding h = graph_holding_of_container(run->graph, id, c->scratch);
    offer_holding(run, c, &h);
    arena_rewind(c->scratch, start);
}

static bool is_stub(const Run *run, u32 file) {
    const Facts *f = graph_facts(run->graph, file);
    return f && f->flags & FACTS_STUB;
}

static void offer_classes(Run *run, RuleContext *c, u32 item) {
    u32 first = item * CLASSES_PER_ITEM + 1;
    u32 end = MIN(first + CLASSES_PER_ITEM, graph_class_count(run->graph) + 1);
    for (u32 i = first; i < end; i++) {
        if (is_stub(run, graph_class_scope(run->graph, (ClassId){i}).file)) continue;
        OFFER(run->on_class, on_class, (ClassId){i})
        if (run->on_holding.n) offer_attributes(run, c, (ClassId){i});
    }
}

static void offer_containers(Run *run, RuleContext *c, u32 item) {
    u32 first = item * CONTAINERS_PER_ITEM + 1;
    u32 end = MIN(first + CONTAINERS_PER_ITEM, graph_container_count(run->graph) + 1);
    for (u32 i = first; i < end; i++) {
        if (is_stub(run, graph_container(run->graph, (ContainerId){i})->file)) continue;
        OFFER(run->on_container, on_container, (ContainerId){i})
        if (run->on_holding.n) offer_long_lived(run, c, (ContainerId){i});
    }
}

static void offer_cycles(Run *run, RuleContext *c, u32 item) {
    u32 first = item * CYCLES_PER_ITEM;
    u32 end = MIN(first + CYCLES_PER_ITEM, heap_cycle_count(run->heap));
    for (u32 i = first; i < end; i++) OFFER(run->on_cycle, on_cycle, heap_cycle(run->heap, i))
}

static void offer_codes(Run *run, RuleContext *c, u32 item) {
    u32 first = item * CODES_PER_ITEM + 1;
    u32 end = MIN(first + CODES_PER_ITEM, cpu_code_count(run->cpu) + 1);
    for (u32 i = first; i < end; i++)
        if (cpu_has_answers(run->cpu, i)) OFFER(run->on_code, on_code, i)
}

/* A leak in the initialisation of a module is its own kind, whatever its shape. */
static CFaultKind kind_of(const CFault *fault) {
    bool is_release = fault->kind == C_FAULT_TWICE || fault->kind == C_FAULT_USED_AFTER ||
                      fault->kind == C_FAULT_RETURNED || fault->kind == C_FAULT_STOLEN ||
                      fault->kind == C_FAULT_GIVEN || fault->kind == C_FAULT_GIL ||
                      fault->kind == C_FAULT_NO_GIL || fault->kind == C_FAULT_WAITS;
    return fault->is_init && !is_release ? C_FAULT_IN_INIT : fault->kind;
}

static void offer_unit(Run *run, RuleContext *c, u32 item) {
    const NativeUnit *u = &run->units->v[item];
    OFFER(run->on_unit, on_unit, u)
    if (!run->on_fault.n) return;
    ArenaMark mark = arena_mark(c->scratch);
    CFaults faults = {.arena = c->scratch};
    cunit_faults(u->unit, &run->exports, &faults);
    run->functions[item] = faults.functions;
    run->cut[item] = faults.cut;
    for (u32 i = 0; i < faults.list.n; i++)
        for (u32 k = 0; k < run->on_fault.n; k++) {
            c->rule = run->on_fault.v[k];
            if (c->rule->faults & 1u << kind_of(&faults.list.v[i]))
                c->rule->on_fault(c, u, &faults.list.v[i]);
        }
    arena_rewind(c->scratch, mark);
}

static void offer_item(void *context, u32 worker, u32 item) {
    Run *run = context;
    RuleContext context_of_item = {
        .graph = run->graph,
        .heap = run->heap,
        .cpu = run->cpu,
        .arena = &run->arenas[worker],
        .scratch = &run->scratches[worker],
        .findings = &run->found[item],
        .targets = run->targets,
        .free_threaded = run->free_threaded,
        .selection = run->selection,
    };
    RuleContext *c = &context_of_item;
    if (item < run->files) {
        offer_file(run, c, item);
        return;
    }
    item -= run->files;
    if (item < run->units->n) {
        offer_unit(run, c, item);
        return;
    }
    item -= run->units->n;
    if (item < run->class_items) {
        offer_classes(run, c, item);
        return;
    }
    item -= run->class_items;
    if (item < run->container_items) {
        offer_containers(run, c, item);
        return;
    }
    item -= run->container_items;
    if (item < run->cycle_items) {
        offer_cycles(run, c, item);
        return;
    }
    item -= run->cycle_items;
    if (item < run->code_items) {
        offer_codes(run, c, item);
        return;
    }
    for (u32 k = 0; k < run->on_project.n; k++) {
        c->rule = run->on_project.v[k];
        ArenaMark mark = arena_mark(c->scratch);
        c->rule->on_project(c);
        arena_rewind(c->scratch, mark);
    }
}

/* ---- joining ---- */

/* Findings are few: they are copied out of the workers' arenas, which then go. */
static Finding copy_finding(Arena *arena, const Finding *from) {
    Finding f = *from;
    f.scope = str_copy(arena, from->scope);
    f.subject = str_copy(arena, from->subject);
    f.message = str_copy(arena, from->message);
    f.help = str_copy(arena, from->help);
    f.confirm = str_copy(arena, from->confirm);
    f.steps.v = NULL;
    f.steps.n = f.steps.cap = 0;
    for (u32 i = 0; i < from->steps.n; i++) {
        Step step = from->steps.v[i];
        step.text = str_copy(arena, step.text);
        step.note = str_copy(arena, step.note);
        finding_step(arena, &f, step);
    }
    f.fix.title = str_copy(arena, from->fix.title);
    f.fix.edits.v = NULL;
    f.fix.edits.n = f.fix.edits.cap = 0;
    for (u32 i = 0; i < from->fix.edits.n; i++) {
        Edit edit = from->fix.edits.v[i];
        edit.text = str_copy(arena, edit.text);
        finding_edit(arena, &f, edit);
    }
    return f;
}

/* True for a finding of a rule that is off in its file, and for one that is only wanted when its
 * rule was chosen by name. */
static bool is_unwanted(const Selection *selection, const Finding *f) {
    if (!f->is_plain && !selection->files) return false;
    FileRules rules = rules_of_file(selection, f->place.file);
    u32 n;
    const RuleEntry *all = rules_all(&n);
    for (u32 i = 0; i < n; i++)
        if (str_is(f->code, all[i].rule->code))
            return !rules.enabled[i] || (f->is_plain && !rules.chosen[i]);
    return false;
}

bool rules_want_heap(const Selection *selection) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
    for (u32 i = 0; i < n; i++)
        if (selection->enabled[i] && all[i].rule->on_cycle) return true;
    return false;
}

bool rules_want_cpu(const Selection *selection) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
    for (u32 i = 0; i < n; i++)
        if (selection->enabled[i] && all[i].rule->on_code) return true;
    return false;
}

static void gather_exports(void *context, u32 worker, u32 item) {
    Run *run = context;
    cunit_export(run->units->v[item].unit, &run->arenas[worker], &run->exports_each[item]);
}

/* Before faults are looked for: what functions do that are called from other units. */
static void collect_exports(Run *run, Arena *arena, u32 workers) {
    if (!run->on_fault.n || run->units->n < 2) return;
    run->exports_each = arena_array(arena, CExports, run->units->n);
    os_parallel(workers, run->units->n, gather_exports, run);
    for (u32 i = 0; i < run->units->n; i++)
        cexports_add(&run->exports, arena, &run->exports_each[i]);
}

static void count_units(const Run *run, NativeUnits *units) {
    units->functions = units->cut = 0;
    for (u32 i = 0; i < units->n; i++) {
        units->functions += run->functions[i];
        units->cut += run->cut[i];
    }
}

void rules_run(Arena *arena, const Graph *graph, const Heap *heap, const Cpu *cpu,
               NativeUnits *units, const Selection *selection, u32 workers, Findings *out) {
    Run run = {.graph = graph,
               .heap = heap,
               .cpu = cpu,
               .units = units,
               .selection = selection,
               .functions = arena_array(arena, u32, units->n + 1),
               .cut = arena_array(arena, u32, units->n + 1),
               .files = graph_file_count(graph),
               .targets = selection->targets,
               .free_threaded = selection->free_threaded};
    sort_rules(arena, &run, selection);
    if (run.callees.n) add_aliases(arena, &run);
    if (run.on_class.n || run.on_holding.n)
        run.class_items = (graph_class_count(graph) + CLASSES_PER_ITEM - 1) / CLASSES_PER_ITEM;
    if (run.on_container.n || run.on_holding.n)
        run.container_items =
            (graph_container_count(graph) + CONTAINERS_PER_ITEM - 1) / CONTAINERS_PER_ITEM;
    if (run.on_cycle.n && heap)
        run.cycle_items = (heap_cycle_count(heap) + CYCLES_PER_ITEM - 1) / CYCLES_PER_ITEM;
    if (run.on_code.n && cpu)
        run.code_items = (cpu_code_count(cpu) + CODES_PER_ITEM - 1) / CODES_PER_ITEM;
    u32 items = run.files + units->n + run.class_items + run.container_items + run.cycle_items +
                run.code_items + 1;
    run.arenas = arena_array(arena, Arena, workers);
    run.scratches = arena_array(arena, Arena, workers);
    run.found = arena_array(arena, Findings, items);
    collect_exports(&run, arena, workers);
    os_parallel(workers, items, offer_item, &run);
    count_units(&run, units);
    for (u32 item = 0; item < items; item++)
        for (u32 i = 0; i < run.found[item].n; i++)
            if (!is_unwanted(selection, &run.found[item].v[i]))
                vec_push(arena, out, copy_finding(arena, &run.found[item].v[i]));
    for (u32 i = 0; i < workers; i++) {
        arena_free(&run.arenas[i]);
        arena_free(&run.scratches[i]);
    }
}
