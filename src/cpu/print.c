/* Profiles as text: limpet graph --profiles. */
#include "cpu/read.h"

static void place(const Cpu *c, u32 file, OpId op, Buf *out) {
    u32 line, column;
    facts_line(graph_facts(c->g, file), graph_facts(c->g, file)->ops[op.i].span.start, &line,
               &column);
    buf_printf(out, "%.*s:%u", STR_ARG(graph_file_path(c->g, file)), line);
}

static void spot(const Cpu *c, u32 code, const char *what, const Spot *s, Buf *out) {
    CpuStep steps[CPU_STEPS_MAX];
    if (!s->op.i) return;
    u32 n = cpu_spot_steps(c, code, s, steps);
    buf_printf(out, "  %s%s", what, s->is_conditional ? " on some ways" : "");
    for (u32 i = 0; i < n; i++) {
        buf_printf(out, "%s%.*s%sat ", i ? ", " : ": ", STR_ARG(steps[i].text),
                   steps[i].text.n ? " " : "");
        place(c, steps[i].file, steps[i].op, out);
    }
    buf_char(out, '\n');
}

static void load(const Cpu *c, u32 code, const Workload *l, Buf *out) {
    static const char *const GRADES[] = {"no", "light", "perhaps", "likely", "heavy"};
    CpuStep steps[CPU_STEPS_MAX];
    if (!l->op.i) return;
    buf_printf(out, "  work: %s, ", GRADES[l->grade]);
    if (l->kind == LOAD_RECURSION)
        buf_printf(out, "recursion");
    else
        buf_printf(out, "%llu rounds, %u computed, %u over data, %u operations",
                   (unsigned long long)l->rounds, l->numeric, l->data, l->arithmetic);
    if (l->parameter) buf_printf(out, ", by parameter %u", l->parameter);
    if (l->is_handed) buf_printf(out, ", item by item");
    if (l->is_mixed) buf_printf(out, ", mixed");
    u32 n = cpu_load_steps(c, code, l, steps);
    for (u32 i = 0; i < n; i++) {
        buf_printf(out, "%s", i ? ", " : "; ");
        if (steps[i].text.n) buf_printf(out, "%.*s at ", STR_ARG(steps[i].text));
        place(c, steps[i].file, steps[i].op, out);
    }
    buf_char(out, '\n');
}

static void handovers(const Cpu *c, u32 code, Buf *out) {
    static const char *const MANY[] = {"one", "side by side", "in a loop", "one for each element"};
    const Handover *all;
    u32 n = cpu_handovers(c, code, &all);
    for (u32 i = 0; i < n; i++) {
        const Handover *h = &all[i];
        Str target = h->target    ? graph_scope_name(c->g, graph_function_scope(c->g, h->target))
                     : h->outside ? str_from(h->outside->name)
                                  : STR("something unknown");
        buf_printf(out, "  %.*s runs %.*s, %s%s at ", STR_ARG(h->api), STR_ARG(target),
                   MANY[h->plurality], h->is_awaited ? ", awaited" : "");
        place(c, h->file, h->op, out);
        buf_char(out, '\n');
    }
}

static void print_code(const Cpu *c, u32 code, Buf *out) {
    static const char *const KINDS[] = {"waits",      "takes turns", "releases the GIL",
                                        "unresolved", "suspends",    "slow by design"};
    const CpuProfile *p = cpu_profile(c, code);
    bool has_profile = p && (p->does || p->load.op.i);
    if (!has_profile && !c->handovers_of[code].n) return;
    buf_printf(out, "%.*s\n", STR_ARG(graph_scope_name(c->g, cpu_code_scope(c, code))));
    for (u32 k = 0; has_profile && k < DOES_KINDS; k++)
        if (p->does >> k & 1) spot(c, code, KINDS[k], &p->first[k], out);
    if (has_profile) {
        spot(c, code, "long wait", &p->long_wait, out);
        spot(c, code, "short wait", &p->short_wait, out);
        load(c, code, &p->load, out);
    }
    handovers(c, code, out);
}

void cpu_print_text(const Cpu *c, Buf *out) {
    for (u32 code = 1; code <= cpu_code_count(c); code++) print_code(c, code, out);
}
