/* Flags among the arguments of a call that say that it does not wait: `os.WNOHANG`, alone, joined
 * to others by `|`, or in a variable that is only ever widened. */
#include "cpu/read.h"

enum { FLAG_DEPTH = 6, FLAG_OPS = 20000 };

/* Sources: waitpid(2), wait3(2), waitid(2), getaddrinfo(3), getnameinfo(3). */
typedef struct FlagRow {
    const char *name;
    u32 argument;
    const char *keyword; /* NULL: by position alone */
    const char *flag;
    FlagState means; /* AI_PASSIVE: an address to bind to, one of the machine's own */
} FlagRow;
static const FlagRow ROWS[] = {
    {"os.wait3", 0, NULL, "os.WNOHANG", FLAG_SET},
    {"os.wait4", 1, NULL, "os.WNOHANG", FLAG_SET},
    {"os.waitid", 2, NULL, "os.WNOHANG", FLAG_SET},
    {"os.waitpid", 1, NULL, "os.WNOHANG", FLAG_SET},
    {"socket.getaddrinfo", 5, "flags", "socket.AI_NUMERICHOST", FLAG_SET},
    {"socket.getaddrinfo", 5, "flags", "socket.AI_PASSIVE", FLAG_GIVEN},
    {"socket.getnameinfo", 1, NULL, "socket.NI_NUMERICHOST", FLAG_SET},
};

static FlagState flag_in(const Graph *g, u32 file, PathId path, const char *flag, u32 depth);

/* One statement binds it, and all others are `|=`: no flag is taken away. */
static bool is_only_widened(const Facts *f, SymbolId variable) {
    const Symbol *s = &f->symbols[variable.i];
    const Scope *scope = &f->scopes[s->scope.i];
    u32 widened = 0;
    if (!s->bind.i || f->ops[s->bind.i].kind != OP_BIND) return false;
    if (s->binds > 1 && scope->op_end - scope->op_first > FLAG_OPS) return false;
    for (u32 i = scope->op_first; s->binds > 1 && i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        const Path *p = &f->paths[op->kind == OP_AUGMENT ? op->subject : 0];
        bool is_it = p->kind == PATH_SYMBOL && f->symbols[p->id].target.i == variable.i;
        widened += is_it && (op->flags & OP_LOW) == OPERATOR_OR;
    }
    return s->binds == widened + 1;
}

static FlagState flag_in_variable(const Graph *g, u32 file, PathId path, const char *flag,
                                  u32 depth) {
    const Facts *f = graph_facts(g, file);
    const Path *p = &f->paths[path.i];
    SymbolRef v = graph_variable_of(g, file, path);
    if (!v.symbol.i && p->kind == PATH_SYMBOL)
        v = (SymbolRef){.file = file, .symbol = f->symbols[p->id].target};
    if (!v.symbol.i) return FLAG_ABSENT;
    const Facts *there = graph_facts(g, v.file);
    const Symbol *s = &there->symbols[v.symbol.i];
    if (s->flags & SYMBOL_PARAM) return FLAG_GIVEN;
    if (!is_only_widened(there, v.symbol)) return FLAG_ABSENT;
    return flag_in(g, v.file, bound_value(there, &there->ops[s->bind.i]), flag, depth - 1);
}

static FlagState flag_in(const Graph *g, u32 file, PathId path, const char *flag, u32 depth) {
    const Facts *f = graph_facts(g, file);
    if (!path.i || !depth) return FLAG_ABSENT;
    path = graph_alias_of(g, file, path);
    const Path *p = &f->paths[path.i];
    if (p->kind == PATH_OP) {
        const Op *op = &f->ops[p->id];
        if (op->kind != OP_BINARY || (op->flags & OP_LOW) != OPERATOR_OR) return FLAG_ABSENT;
        FlagState left = flag_in(g, file, op_operand(f, op, 0), flag, depth - 1);
        FlagState right = flag_in(g, file, op_operand(f, op, 1), flag, depth - 1);
        return MAX(left, right);
    }
    if (str_is(graph_name_of(g, file, path), flag)) return FLAG_SET;
    return flag_in_variable(g, file, path, flag, depth);
}

bool path_has_flag(const Graph *g, u32 file, PathId path, const char *flag) {
    return flag_in(g, file, path, flag, FLAG_DEPTH) == FLAG_SET;
}

FlagState flag_of_call(const Reader *r, const Op *call, const CostRow *row) {
    FlagState found = FLAG_ABSENT;
    for (u32 i = 0; i < ARRAY_LEN(ROWS); i++) {
        const FlagRow *flag = &ROWS[i];
        if (!str_is(str_from(row->name), flag->name)) continue;
        PathId given = call_argument(r->f, call, flag->argument, flag->keyword);
        FlagState state = flag_in(r->g, r->file, given, flag->flag, FLAG_DEPTH);
        found = MAX(found, MIN(state, flag->means));
    }
    return found;
}
