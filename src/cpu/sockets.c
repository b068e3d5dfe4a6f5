/* Calls on sockets and of name resolution that wait for nothing: datagrams go without an answer,
 * and a number is no name that somebody has to be asked for.
 * Sources: connect(2), udp(7), getaddrinfo(3); setipaddr() of CPython's socketmodule.c. */
#include "cpu/read.h"

enum { SOURCE_DEPTH = 8 };

/* A value in a file. */
typedef struct Value {
    u32 file;
    PathId path;
} Value;

/* What the one binding of a variable gives it, or none. */
static Value bound_once(const Graph *g, Value v) {
    const Facts *f = graph_facts(g, v.file);
    const Path *p = &f->paths[v.path.i];
    SymbolRef variable = graph_variable_of(g, v.file, v.path);
    if (!variable.symbol.i && p->kind == PATH_SYMBOL)
        variable = (SymbolRef){.file = v.file, .symbol = f->symbols[p->id].target};
    if (!variable.symbol.i) return (Value){0};
    const Facts *there = graph_facts(g, variable.file);
    const Symbol *s = &there->symbols[variable.symbol.i];
    bool is_once = s->binds == 1 && s->bind.i && !(s->flags & SYMBOL_PARAM);
    if (!is_once || there->ops[s->bind.i].kind != OP_BIND) return (Value){0};
    return (Value){variable.file, bound_value(there, &there->ops[s->bind.i])};
}

/* The call of `name` that a value is, or an item of: `for af, kind, *_ in getaddrinfo(…)`. */
static const Op *source_call(const Graph *g, Value v, const char *name, const Facts **facts,
                             u32 *file) {
    for (u32 depth = SOURCE_DEPTH; v.path.i && depth; depth--) {
        const Facts *f = *facts = graph_facts(g, v.file);
        const Path *p = &f->paths[v.path.i];
        *file = v.file;
        if (p->kind == PATH_OP) {
            const Op *op = &f->ops[p->id];
            bool is_it = op->kind == OP_CALL && str_is(graph_name_of(g, v.file, op_path(op)), name);
            return is_it ? op : NULL;
        }
        if (p->kind == PATH_ANY || p->kind == PATH_CONST)
            v.path = p->parent;
        else
            v = bound_once(g, v);
    }
    return NULL;
}

/* `SOCK_DGRAM`, also with flags beside it; or the type of what was looked up for it. */
static bool is_datagram_type(const Graph *g, u32 file, PathId type) {
    if (path_has_flag(g, file, type, "socket.SOCK_DGRAM")) return true;
    const Facts *f;
    const Op *call = source_call(g, (Value){file, type}, "socket.getaddrinfo", &f, &file);
    return call && path_has_flag(g, file, call_argument(f, call, 3, "type"), "socket.SOCK_DGRAM");
}

/* One of AF_UNIX waits for a receiver that is slow. */
static bool makes_datagrams(const Graph *g, u32 file, PathId made) {
    const Facts *f;
    const Op *call = source_call(g, (Value){file, made}, "socket.socket", &f, &file);
    if (!call) return false;
    Str family = graph_name_of(g, file, call_argument(f, call, 0, "family"));
    return !str_is(family, "socket.AF_UNIX") &&
           is_datagram_type(g, file, call_argument(f, call, 1, "type"));
}

/* Every socket that the attribute is bound to. */
static bool attribute_is_datagram(const Reader *r, PathId path) {
    const Path *p = &r->f->paths[path.i];
    ClassId c = graph_type_of(r->g, r->file, p->parent);
    if (!c.i) return false;
    Arena *scratch = &r->space->scratch;
    ArenaMark mark = arena_mark(scratch);
    Attribute a = graph_attribute(r->g, c, facts_str(r->f, (StrId){p->id}), scratch);
    u32 datagrams = 0, others = a.is_cut;
    for (u32 i = 0; i < a.n_uses; i++) {
        const AttributeUse *u = &a.uses[i];
        if (u->kind != ATTRIBUTE_DEFINED || u->level || !u->value.i) continue;
        const Path *value = &graph_facts(r->g, u->file)->paths[u->value.i];
        if (value->kind == PATH_LITERAL) continue; /* None */
        *(makes_datagrams(r->g, u->file, u->value) ? &datagrams : &others) += 1;
    }
    arena_rewind(scratch, mark);
    return datagrams && !others;
}

static bool is_datagram_socket(const Reader *r, PathId receiver) {
    const Path *p = &r->f->paths[receiver.i];
    if (p->kind == PATH_ATTR) return attribute_is_datagram(r, receiver);
    return makes_datagrams(r->g, r->file, receiver);
}

/* ---- addresses ---- */

/* "127.0.0.1", "::1"; "" and "<broadcast>" are numbers to the socket module; None is no host. */
static FlagState numeric_text(const Facts *f, const Path *p) {
    if (p->flags != LITERAL_STRING && p->flags != LITERAL_BYTES)
        return p->flags == LITERAL_NONE ? FLAG_SET : FLAG_ABSENT;
    Str text = facts_str(f, (StrId){p->id});
    if (str_is(text, "localhost")) return FLAG_GIVEN; /* stands in a file of the machine */
    if (str_is(text, "<broadcast>") || str_find(text, ':') >= 0) return FLAG_SET;
    for (u32 i = 0; i < text.n; i++)
        if (text.p[i] != '.' && !char_is_digit(text.p[i])) return FLAG_ABSENT;
    return FLAG_SET;
}

/* A text that stands in the source, also in a constant. */
static FlagState numeric_host(const Graph *g, Value v) {
    for (u32 depth = SOURCE_DEPTH; v.path.i && depth; depth--) {
        const Facts *f = graph_facts(g, v.file);
        const Path *p = &f->paths[v.path.i];
        if (p->kind == PATH_LITERAL) return numeric_text(f, p);
        v = bound_once(g, v);
    }
    return FLAG_ABSENT;
}

/* `(host, port)` asks for the host; what getaddrinfo() and recvfrom() gave are numbers. */
static FlagState numeric_address(const Reader *r, PathId address) {
    Value v = {r->file, address};
    u32 file;
    const Facts *f;
    if (source_call(r->g, v, "socket.getaddrinfo", &f, &file)) return FLAG_SET;
    const Path *p = &r->f->paths[address.i];
    if (p->kind == PATH_SYMBOL && !(r->f->symbols[p->id].flags & SYMBOL_PARAM)) {
        Value once = bound_once(r->g, v);
        if (once.path.i) v = once;
    }
    f = graph_facts(r->g, v.file);
    p = &f->paths[v.path.i];
    const Op *op = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    if (!op || op->kind != OP_TUPLE) return FLAG_GIVEN;
    return numeric_host(r->g, (Value){v.file, op_operand(f, op, 0)});
}

/* ---- calls ---- */

static FlagState datagram_call(const Reader *r, const Op *call, Str method) {
    static const char *const NAMES[] = {"connect", "send", "sendall", "sendto"};
    u32 i = 0;
    while (i < ARRAY_LEN(NAMES) && !str_is(method, NAMES[i])) i++;
    if (i == ARRAY_LEN(NAMES)) return FLAG_ABSENT;
    if (!is_datagram_socket(r, r->f->paths[call->subject].parent)) return FLAG_ABSENT;
    if (str_is(method, "send") || str_is(method, "sendall")) return FLAG_SET;
    u32 n = call->operands;
    PathId address =
        n ? call_argument(r->f, call, str_is(method, "connect") ? 0 : n - 1, NULL) : (PathId){0};
    return numeric_address(r, address);
}

FlagState socket_waits_not(const Reader *r, const Op *call, const CostRow *row) {
    static const char *const LOOKUPS[] = {"socket.getaddrinfo", "socket.gethostbyname",
                                          "socket.gethostbyname_ex"};
    Str name = str_from(row->name);
    if (!str_starts(name, "socket.")) return FLAG_ABSENT;
    if (str_starts(name, "socket.socket.") && r->f->paths[call->subject].kind == PATH_ATTR)
        return datagram_call(r, call, str_after_last(name, '.'));
    for (u32 i = 0; i < ARRAY_LEN(LOOKUPS); i++)
        if (str_is(name, LOOKUPS[i]))
            return numeric_host(r->g, (Value){r->file, call_argument(r->f, call, 0, "host")});
    return FLAG_ABSENT;
}
