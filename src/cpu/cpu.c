/* The order of it all: seeds, the functions that they lead to, profiles; and the questions. */
#include "cpu/read.h"

#include "os/os.h"

/* ---- what is looked at ---- */

static void collect_names(Cpu *c) {
    u32 n;
    const HandoverRow *rows = know_handovers(&n);
    for (u32 i = 0; i < n; i++)
        map_set(c->arena, &c->handover_names, hash_str(str_after_last(str_from(rows[i].name), '.')),
                1);
}

static bool works_with_arrays(const Facts *f) {
    for (u32 i = 1; i < f->n_imports; i++) {
        if (f->imports[i].module.i == f->imports[i - 1].module.i) continue; /* another name of it */
        const CostRow *row = know_method_cost(facts_str(f, f->imports[i].module), STR(""));
        if (row && row->origin == ORIGIN_OTHER && row->cost == COST_RELEASES) return true;
    }
    return false;
}

static void note_file(void *context, u32 worker, u32 file) {
    (void)worker;
    Cpu *c = context;
    const Facts *f = graph_facts(c->g, file);
    if (!f) return;
    c->has_arrays[file] = works_with_arrays(f);
    for (u32 s = 1; s < f->n_scopes; s++)
        if (f->scopes[s].kind == SCOPE_FUNCTION && f->scopes[s].flags & SCOPE_ASYNC)
            __atomic_store_n(&c->has_coroutines, true, __ATOMIC_RELAXED);
}

static void make_room(Cpu *c) {
    u32 regions = 0;
    for (u32 i = 0; i < c->n_files; i++)
        if (graph_facts(c->g, i)) regions = MAX(regions, graph_facts(c->g, i)->n_regions);
    c->spaces = arena_array(c->arena, Space, c->workers);
    for (u32 w = 0; w < c->workers; w++) {
        c->spaces[w].region_stamps = arena_array(c->arena, u32, regions + 1);
        c->spaces[w].region_loops = arena_array(c->arena, u32, regions + 1);
    }
}

/* ---- seeds ---- */

static void seed_file(void *context, u32 worker, u32 file) {
    Cpu *c = context;
    find_seeds(c, &c->spaces[worker], file);
}

/* Sorts what the workers found by code and place, so that it does not depend on who found it. */
#define GATHER(c, list, Type, code_at, out, ranges)                       \
    do {                                                                  \
        u32 total = 0;                                                    \
        (c)->ranges = arena_array((c)->arena, Range, (c)->n_codes + 1);   \
        for (u32 w = 0; w < (c)->workers; w++) {                          \
            const Space *s = &(c)->spaces[w];                             \
            for (u32 i = 0; i < s->list.n; i++) (c)->ranges[code_at].n++; \
            total += s->list.n;                                           \
        }                                                                 \
        (c)->out = arena_array((c)->arena, Type, total + 1);              \
        for (u32 k = 0, at = 0; k <= (c)->n_codes; k++) {                 \
            (c)->ranges[k].first = at;                                    \
            at += (c)->ranges[k].n;                                       \
            (c)->ranges[k].n = 0;                                         \
        }                                                                 \
        for (u32 w = 0; w < (c)->workers; w++) {                          \
            const Space *s = &(c)->spaces[w];                             \
            for (u32 i = 0; i < s->list.n; i++) {                         \
                Range *r = &(c)->ranges[code_at];                         \
                (c)->out[r->first + r->n++] = s->list.v[i];               \
            }                                                             \
        }                                                                 \
    } while (0)

static void gather(Cpu *c) {
    GATHER(c, handovers, Handover, s->handovers.v[i].code, handovers, handovers_of);
    GATHER(c, dropped, DroppedCoroutine, s->dropped_code.v[i], dropped, dropped_of);
    GATHER(c, polls, BusyWait, s->poll_code.v[i], polls, polls_of);
    for (u32 code = 1; code <= c->n_codes; code++) c->n_handovers += c->handovers_of[code].n;
}

/* ---- reading ---- */

typedef struct Frontier {
    Cpu *c;
    const u32 *codes;
} Frontier;

static void read_one(void *context, u32 worker, u32 item) {
    Frontier *frontier = context;
    Cpu *c = frontier->c;
    u32 code = frontier->codes[item];
    ScopeRef scope = cpu_code_scope(c, code);
    Reader r = {c,           c->g, &c->spaces[worker], scope.file, graph_facts(c->g, scope.file),
                scope.scope, code};
    code_read(&r);
}

typedef struct Wanted {
    Arena arena;
    bool *is_wanted; /* by code */
    VEC(u32) codes;
} Wanted;

static void want(Cpu *c, Wanted *w, u32 code) {
    if (!code || w->is_wanted[code]) return;
    const Facts *f = graph_facts(c->g, cpu_code_scope(c, code).file);
    if (!f || f->flags & FACTS_STUB) return;
    w->is_wanted[code] = true;
    vec_push(&w->arena, &w->codes, code);
}

static void want_seeds(Cpu *c, Wanted *w, bool all) {
    for (u32 id = 1; id <= c->n_functions; id++) {
        ScopeRef s = graph_function_scope(c->g, id);
        const Facts *f = graph_facts(c->g, s.file);
        if (all || (f && f->scopes[s.scope.i].flags & SCOPE_ASYNC)) want(c, w, id);
    }
    for (u32 i = 0; i < c->n_handovers; i++) want(c, w, c->handovers[i].target);
}

/* Rounds: what the functions of one round call is read in the next. */
static void read_all(Cpu *c, bool all) {
    Wanted w = {0};
    w.is_wanted = arena_array(&w.arena, bool, c->n_codes + 1);
    want_seeds(c, &w, all);
    for (u32 done = 0; done < w.codes.n;) {
        u32 first = done, n = w.codes.n - done;
        Frontier frontier = {c, w.codes.v + first};
        os_parallel(MIN(c->workers, n), n, read_one, &frontier);
        done += n;
        for (u32 i = first; i < first + n; i++) {
            const Code *code = &c->codes[w.codes.v[i]];
            for (u32 k = 0; k < code->n_sites; k++)
                if (code->sites[k].kind == SITE_PROJECT) want(c, &w, code->sites[k].function);
        }
    }
    c->read = w.codes.n;
    arena_free(&w.arena);
}

Cpu *cpu_build(Arena *arena, const Graph *g, u32 workers, bool all) {
    Cpu *c = arena_new(arena, Cpu);
    c->arena = arena;
    c->g = g;
    c->workers = MAX(workers, 1u);
    c->n_functions = graph_function_count(g);
    c->n_files = graph_file_count(g);
    c->n_codes = c->n_functions + 1 + c->n_files;
    c->codes = arena_array(arena, Code, c->n_codes + 1);
    c->has_arrays = arena_array(arena, bool, c->n_files + 1);
    c->minds_gil = arena_array(arena, bool, c->n_files + 1);
    c->is_nonblocking = arena_array(arena, bool, c->n_files + 1);
    c->is_thread = arena_array(arena, bool, graph_class_count(g) + 1);
    for (u32 i = 1; i <= graph_class_count(g); i++)
        c->is_thread[i] = graph_is_subclass(g, (ClassId){i}, "threading.Thread");
    os_parallel(c->workers, c->n_files, note_file, c);
    collect_names(c);
    make_room(c);
    os_parallel(c->workers, c->n_files, seed_file, c);
    gather(c);
    for (u32 i = 0; i < c->n_files; i++) c->some_mind_gil |= c->minds_gil[i];
    read_all(c, all);
    compose_all(c);
    judge_handovers(c);
    for (u32 w = 0; w < c->workers; w++) arena_free(&c->spaces[w].scratch);
    return c;
}

void cpu_free(Cpu *c) {
    for (u32 w = 0; w < c->workers; w++) arena_free(&c->spaces[w].kept);
}

/* ---- questions ---- */

u32 cpu_code_count(const Cpu *c) {
    return c->n_codes - 1;
}

ScopeRef cpu_code_scope(const Cpu *c, u32 code) {
    if (!code_is_module(c, code)) return graph_function_scope(c->g, code);
    return (ScopeRef){code - c->n_functions - 1, {1}};
}

bool cpu_has_answers(const Cpu *c, u32 code) {
    return c->codes[code].is_async || c->handovers_of[code].n || c->dropped_of[code].n ||
           c->polls_of[code].n;
}

const CpuProfile *cpu_profile(const Cpu *c, u32 code) {
    return c->codes[code].is_read ? &c->codes[code].profile : NULL;
}

bool cpu_has_arrays(const Cpu *c, u32 file) {
    return c->has_arrays[file];
}

u32 cpu_handovers(const Cpu *c, u32 code, const Handover **out) {
    *out = c->handovers + c->handovers_of[code].first;
    return c->handovers_of[code].n;
}

u32 cpu_dropped_coroutines(const Cpu *c, u32 code, const DroppedCoroutine **out) {
    *out = c->dropped + c->dropped_of[code].first;
    return c->dropped_of[code].n;
}

u32 cpu_busy_waits(const Cpu *c, u32 code, Arena *arena, BusyWait **out) {
    VEC(BusyWait) list = {0};
    u32 file = cpu_code_scope(c, code).file;
    Range range = c->polls_of[code];
    for (u32 i = range.first; i < range.first + range.n; i++)
        if (poll_stands(c, file, c->polls[i].loop)) vec_push(arena, &list, c->polls[i]);
    *out = list.v;
    return list.n;
}

static Str folder_of(Str path) {
    i64 slash = str_rfind(path, '/');
    return slash < 0 ? (Str){0} : str_sub(path, 0, (u32)slash + 1);
}

static bool begins_with(Str text, Str start) {
    return text.n >= start.n && str_eq(str_sub(text, 0, start.n), start);
}

static Str package_of(const Graph *g, u32 file) {
    Str name = graph_module_name(g, file);
    i64 dot = str_find(name, '.');
    return dot < 0 ? (Str){0} : str_sub(name, 0, (u32)dot);
}

bool cpu_minds_free_threading(const Cpu *c, u32 file) {
    Str here = folder_of(graph_file_path(c->g, file)), package = package_of(c->g, file);
    for (u32 i = 0; c->some_mind_gil && i < c->n_files; i++) {
        if (!c->minds_gil[i]) continue;
        Str there = folder_of(graph_file_path(c->g, i));
        if (begins_with(here, there) || begins_with(there, here)) return true;
        if (package.n && str_eq(package, package_of(c->g, i))) return true;
    }
    return false;
}

CpuCounts cpu_counts(const Cpu *c) {
    CpuCounts counts = {.functions = c->read, .handovers = c->n_handovers};
    for (u32 w = 0; w < c->workers; w++) counts.unknown += c->spaces[w].unknown;
    return counts;
}

/* ---- evidence ---- */

static CpuStep step_at(const Cpu *c, u32 code, OpId op, u32 function) {
    CpuStep step = {.file = cpu_code_scope(c, code).file, .op = op, .function = function};
    if (function) step.text = graph_scope_name(c->g, graph_function_scope(c->g, function));
    return step;
}

/* The spot of a function that a chain to this row goes on with. */
static const Spot *next_spot(const CpuProfile *p, const CostRow *row) {
    if (row && row->cost == COST_WAITS)
        return p->long_wait.row == row ? &p->long_wait : &p->short_wait;
    for (u32 kind = 0; kind < DOES_KINDS; kind++)
        if (p->first[kind].op.i && p->first[kind].row == row) return &p->first[kind];
    return NULL;
}

u32 cpu_spot_steps(const Cpu *c, u32 code, const Spot *spot, CpuStep *steps) {
    u32 n = 0;
    for (const Spot *at = spot; at && at->op.i && n < CPU_STEPS_MAX;) {
        steps[n++] = step_at(c, code, at->op, at->via);
        bool is_whole = at->row && !str_ends(str_from(at->row->name), ".");
        if (!at->via && is_whole) steps[n - 1].text = str_from(at->row->name);
        if (!at->via) break;
        code = at->via;
        at = next_spot(&c->codes[code].profile, spot->row);
    }
    return n;
}

u32 cpu_load_steps(const Cpu *c, u32 code, const Workload *load, CpuStep *steps) {
    u32 n = 0;
    for (const Workload *at = load; at->op.i && n < CPU_STEPS_MAX;) {
        steps[n++] = step_at(c, code, at->op, at->via);
        if (!at->via) break;
        code = at->via;
        at = &c->codes[code].profile.load;
    }
    return n;
}
