/* What an expression evaluates to, as a reader would say it. */
#include "root/tree.h"

enum { THING_DEPTH = 4 };

static Thing find(Tree *t, u32 file, PathId value, u32 depth);

static Thing plain(const char *text) {
    return (Thing){.text = str_from(text), .is_plain = true, .is_value = true};
}

static Str path_text(Tree *t, u32 file, PathId path) {
    enum { TEXT_MAX = 60 };
    Buf text = {.arena = t->arena};
    facts_path_text(graph_facts(t->g, file), path, &text);
    Str all = buf_get(&text);
    if (all.n <= TEXT_MAX) return all;
    u32 end = TEXT_MAX;
    while (end && ((u8)all.p[end] & 0xC0) == 0x80) end--; /* not inside a character */
    return str_format(t->arena, "%.*s…", (int)end, all.p);
}

Thing instance_thing(Tree *t, ClassId c) {
    return (Thing){.text =
                       str_format(t->arena, "instance of %.*s", STR_ARG(graph_class_name(t->g, c))),
                   .class = c};
}

/* ---- functions ---- */

static bool is_inner(const Graph *g, ScopeRef function) {
    const Facts *f = graph_facts(g, function.file);
    ScopeId parent = f->scopes[function.scope.i].parent;
    return facts_enclosing(f, parent, SCOPE_FUNCTION).i || f->scopes[parent.i].kind == SCOPE_LAMBDA;
}

Thing function_thing(Tree *t, ScopeRef function) {
    Str name = graph_scope_name(t->g, function);
    if (!is_inner(t->g, function))
        return (Thing){.text = str_format(t->arena, "function %.*s", STR_ARG(name)),
                       .is_plain = true};
    return (Thing){.text = str_format(t->arena, "inner function %.*s", STR_ARG(name)),
                   .code = function};
}

/* `x.method`, when the class of x has it. */
static bool bound_method(Tree *t, u32 file, const Path *p, Thing *out) {
    const Facts *f = graph_facts(t->g, file);
    if (p->kind != PATH_ATTR) return false;
    ClassId c = graph_type_of(t->g, file, p->parent);
    u64 name = f->strings[p->id].hash;
    if (!c.i || graph_is_stored(t->g, c, name)) return false;
    Member m = graph_member(t->g, c, name);
    if (m.kind != MEMBER_METHOD) return false;
    Str method = graph_scope_name(t->g, m.function);
    *out = (Thing){.text = str_format(t->arena, "bound method %.*s", STR_ARG(method)), .bound = c};
    return true;
}

/* ---- calls ---- */

static bool is_holding(Str name) {
    u32 n;
    const CallRow *row = know_call(name);
    const EffectRow *effects = know_effects(name, &n);
    for (u32 i = 0; effects && i < n; i++)
        if (effects[i].holder == HELD_BY_RESULT && !(effects[i].flags & EFFECT_REMOVES))
            return true;
    return row && row->flags & (CALL_HOLDS | CALL_LAZY);
}

/* A call of an async function or generator: what it makes holds the arguments. */
static bool suspended(Tree *t, u32 file, OpId call, Thing *out) {
    const Op *op = &graph_facts(t->g, file)->ops[call.i];
    Callee callee = graph_callee(t->g, file, call);
    if (!callee.function || op->flags & OP_AWAITED) return false;
    ScopeRef function = graph_function_scope(t->g, callee.function);
    u32 flags = graph_facts(t->g, function.file)->scopes[function.scope.i].flags;
    if (!(flags & (SCOPE_ASYNC | SCOPE_GENERATOR))) return false;
    *out = (Thing){.text = str_format(t->arena, "%s %.*s",
                                      flags & SCOPE_GENERATOR ? "generator" : "coroutine",
                                      STR_ARG(graph_scope_name(t->g, function))),
                   .made = op};
    const Path *p = &graph_facts(t->g, file)->paths[op->subject];
    Thing method;
    if (bound_method(t, file, p, &method)) out->bound = method.bound;
    return true;
}

static Thing weak(Tree *t, u32 file, const Op *call, Str name, u32 depth) {
    const Facts *f = graph_facts(t->g, file);
    Thing of = find(t, file, op_operand(f, call, 0), depth - 1);
    Str text = str_format(t->arena, "%.*s of %.*s", STR_ARG(name), STR_ARG(of.text));
    return (Thing){.text = text, .class = of.class, .bound = of.bound, .is_weak = true};
}

static bool is_typing(Str name) {
    return str_starts(name, "typing.") || str_starts(name, "typing_extensions.");
}

u32 lending_of(const Tree *t, u32 file, OpId made) {
    const Facts *f = graph_facts(t->g, file);
    const Op *op = &f->ops[made.i];
    const Path *value = &f->paths[op->kind == OP_CALL ? 0 : bound_value(f, op).i];
    if (value->kind == PATH_OP) op = &f->ops[value->id]; /* the statement that binds it */
    Str name = op->kind == OP_CALL ? graph_name_of(t->g, file, op_path(op)) : (Str){0};
    return str_ends(name, "WeakKeyDictionary") ? HOLD_LENDS_KEYS : HOLD_LENDS;
}

static Thing call_thing(Tree *t, u32 file, PathId value, OpId id, u32 depth) {
    const Facts *f = graph_facts(t->g, file);
    const Op *op = &f->ops[id.i];
    ContainerKind kind = graph_made_kind(t->g, file, value);
    Thing thing;
    if (kind != CONTAINER_OTHER)
        return (Thing){.text = str_from(graph_container_text(kind)),
                       .is_container = true,
                       .lends = kind == CONTAINER_WEAK ? lending_of(t, file, id) : 0};
    if (suspended(t, file, id, &thing)) return thing;
    ClassId c = graph_type_of(t->g, file, value);
    if (c.i) return instance_thing(t, c);
    Str name = graph_name_of(t->g, file, op_path(op));
    const CallRow *row = know_call(name);
    if (row && row->flags & CALL_WEAK) return weak(t, file, op, name, depth);
    if (row && row->flags & (CALL_PLAIN | CALL_ID)) return plain("plain value");
    if (str_is(name, "typing.cast")) return find(t, file, op_operand(f, op, 1), depth - 1);
    if (is_typing(name)) return plain("type");
    if (name.n && is_holding(name)) return (Thing){.text = name, .made = op};
    if (name.n) return (Thing){.text = str_format(t->arena, "result of %.*s", STR_ARG(name))};
    return (Thing){.text = path_text(t, file, value)};
}

/* ---- operations ---- */

static Thing display(const char *text, const Op *op) {
    return (Thing){.text = str_from(text), .made = op, .is_container = true};
}

/* The first side that says something. */
static Thing choice(Tree *t, u32 file, const Op *op, u32 depth) {
    Thing best = plain("plain value");
    for (u32 i = 0; i < op->operands; i++) {
        Thing each = find(t, file, op_operand(graph_facts(t->g, file), op, i), depth - 1);
        if (best.is_plain || (!best.class.i && each.class.i)) best = each;
    }
    return best;
}

static Thing op_thing(Tree *t, u32 file, PathId value, OpId id, u32 depth) {
    const Op *op = &graph_facts(t->g, file)->ops[id.i];
    switch ((OpKind)op->kind) {
    case OP_CALL:
        return call_thing(t, file, value, id, depth);
    case OP_LIST:
    case OP_LISTCOMP:
        return display("list", op);
    case OP_TUPLE:
        return display("tuple", op);
    case OP_SET:
    case OP_SETCOMP:
        return display("set", op);
    case OP_DICT:
    case OP_DICTCOMP:
        return display("dict", op);
    case OP_GENERATOR:
        return (Thing){.text = STR("generator"), .code = {file, {op->subject}}};
    case OP_LAMBDA:
        return (Thing){.text = STR("lambda"), .code = {file, {op->subject}}};
    case OP_FUNCTION:
        return function_thing(t, (ScopeRef){file, {op->subject}});
    case OP_CLASS:
        return plain("class");
    case OP_CHOICE:
        return choice(t, file, op, depth);
    case OP_FSTRING:
    case OP_BINARY:
    case OP_UNARY:
    case OP_COMPARE:
    case OP_NOT:
        return plain("plain value");
    default: {
        ClassId c = graph_type_of(t->g, file, value);
        return c.i ? instance_thing(t, c) : (Thing){.text = path_text(t, file, value)};
    }
    }
}

/* ---- names ---- */

static Thing named_thing(Tree *t, u32 file, PathId value, const Path *p) {
    const Facts *f = graph_facts(t->g, file);
    Thing thing;
    ClassId c = graph_type_of(t->g, file, value);
    if (c.i) return instance_thing(t, c);
    if (bound_method(t, file, p, &thing)) return thing;
    ScopeRef definition = graph_definition_of(t->g, file, value);
    if (!scope_is_none(definition)) {
        ScopeKind kind =
            (ScopeKind)graph_facts(t->g, definition.file)->scopes[definition.scope.i].kind;
        if (kind != SCOPE_CLASS) return function_thing(t, definition);
        Str name = graph_scope_name(t->g, definition);
        return (Thing){.text = str_format(t->arena, "class %.*s", STR_ARG(name)), .is_plain = true};
    }
    PathId head = p->kind == PATH_ANY || p->kind == PATH_CONST ? p->parent : value;
    if (is_typing(graph_name_of(t->g, file, head))) return plain("type");
    SymbolId s = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    if (s.i && f->symbols[s.i].flags & SYMBOL_PARAM)
        return (Thing){.text = str_format(t->arena, "parameter %.*s",
                                          STR_ARG(facts_str(f, f->symbols[s.i].name)))};
    /* names of the interpreter: __name__, print */
    if (p->kind == PATH_SYMBOL && !s.i)
        return (Thing){.text = facts_str(f, f->symbols[p->id].name),
                       .is_plain = true,
                       .is_value = str_starts(facts_str(f, f->symbols[p->id].name), "__")};
    return (Thing){.text = path_text(t, file, value)};
}

static Thing find(Tree *t, u32 file, PathId value, u32 depth) {
    if (!value.i || !depth) return (Thing){.text = STR("object")};
    value = graph_alias_of(t->g, file, value);
    const Path *p = &graph_facts(t->g, file)->paths[value.i];
    switch ((PathKind)p->kind) {
    case PATH_LITERAL:
        return plain(p->flags == LITERAL_NONE ? "None" : "plain value");
    case PATH_OP:
        return op_thing(t, file, value, (OpId){p->id}, depth);
    default:
        return named_thing(t, file, value, p);
    }
}

Thing thing_of(Tree *t, u32 file, PathId value) {
    return find(t, file, value, THING_DEPTH);
}
