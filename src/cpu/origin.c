/* What an object is that nothing in the project defines: by the call that made it, a display, an
 * annotation, the stores of its attribute. And numbers and sizes that stand in the source. */
#include "cpu/read.h"

#include <stdlib.h>

static Str origin(const Reader *r, PathId path, u32 depth);

/* ---- classes ---- */

/* What a method returns is also said of the classes above that of its receiver. */
static Str class_of_method(const Reader *r, Str class, Str method, u32 depth) {
    for (u32 i = 0; depth; i++) {
        Str above = know_base_class(class, i);
        if (!above.n) break;
        Str name = str_format(&r->space->kept, "%.*s.%.*s", STR_ARG(above), STR_ARG(method));
        Str found = know_result_class(name);
        if (!found.n) found = class_of_method(r, above, method, depth - 1);
        if (found.n) return found;
    }
    return (Str){0};
}

static Str class_of_maker(const Reader *r, Str maker) {
    Str class = know_result_class(maker);
    i64 dot = class.n ? -1 : str_rfind(maker, '.');
    if (dot > 0)
        class = class_of_method(r, str_sub(maker, 0, (u32)dot), str_after_last(maker, '.'), 3);
    return class.n ? class : maker;
}

static Str joined(const Reader *r, Str a, Str b) {
    if (!a.n || a.n + b.n > 200) return (Str){0};
    return str_format(&r->space->kept, "%.*s.%.*s", STR_ARG(a), STR_ARG(b));
}

static Str of_container(ContainerKind kind) {
    switch (kind) {
    case CONTAINER_LIST:
        return STR("builtins.list");
    case CONTAINER_SET:
        return STR("builtins.set");
    case CONTAINER_DICT:
        return STR("builtins.dict");
    case CONTAINER_DEQUE:
        return STR("collections.deque");
    case CONTAINER_DEFAULTDICT:
        return STR("collections.defaultdict");
    case CONTAINER_ORDERED_DICT:
        return STR("collections.OrderedDict");
    case CONTAINER_COUNTER:
        return STR("collections.Counter");
    case CONTAINER_WEAK:
        return STR("weakref.WeakValueDictionary");
    default:
        return (Str){0};
    }
}

static Str of_annotation_name(Str name) {
    static const char *const PLAIN[][2] = {{"typing.DefaultDict", "collections.defaultdict"},
                                           {"typing.Deque", "collections.deque"},
                                           {"typing.Dict", "builtins.dict"},
                                           {"typing.FrozenSet", "builtins.set"},
                                           {"typing.List", "builtins.list"},
                                           {"typing.Sequence", "builtins.list"},
                                           {"typing.Set", "builtins.set"},
                                           {"typing.Text", "builtins.str"},
                                           {"typing.Tuple", "builtins.tuple"}};
    for (u32 i = 0; i < ARRAY_LEN(PLAIN); i++)
        if (str_is(name, PLAIN[i][0])) return str_from(PLAIN[i][1]);
    return name;
}

static Str of_annotation(const Reader *r, PathId annotation, u32 depth) {
    annotation = graph_alias_of(r->g, r->file, annotation); /* `Jobs = queue.Queue[int]` */
    const Path *p = &r->f->paths[annotation.i];
    if (!annotation.i || !depth) return (Str){0};
    if (p->kind == PATH_ANY || p->kind == PATH_CONST)
        return of_annotation_name(graph_name_of(r->g, r->file, p->parent));
    if (p->kind == PATH_OP) {
        const Op *op = &r->f->ops[p->id];
        if (op->kind == OP_BINARY) return of_annotation(r, op_operand(r->f, op, 0), depth - 1);
        if (op->kind != OP_SUBSCRIPT) return (Str){0};
        Str name = graph_name_of(r->g, r->file, op_path(op));
        bool is_wrapper = str_is(name, "typing.Optional") || str_is(name, "typing.Annotated") ||
                          str_is(name, "typing.Final");
        return is_wrapper ? of_annotation(r, op_operand(r->f, op, 0), depth - 1)
                          : of_annotation_name(name);
    }
    if (!scope_is_none(graph_definition_of(r->g, r->file, annotation))) return (Str){0};
    return of_annotation_name(graph_name_of(r->g, r->file, annotation));
}

/* ---- values ---- */

static Str of_call(const Reader *r, const Op *call, u32 depth) {
    const Path *callee = &r->f->paths[call->subject];
    if (!scope_is_none(graph_definition_of(r->g, r->file, op_path(call)))) return (Str){0};
    Str name = graph_name_of(r->g, r->file, op_path(call));
    if (know_cost(name) || know_result_class(name).n || know_constructor_row(name))
        return class_of_maker(r, name);
    Str base = callee->kind == PATH_ATTR ? origin(r, callee->parent, depth - 1) : (Str){0};
    if (!base.n) return class_of_maker(r, name);
    if (str_starts(base, "builtins.")) return base; /* `text.strip()`, `table.get(key)` */
    return class_of_maker(r, joined(r, base, facts_str(r->f, (StrId){callee->id})));
}

static Str of_op(const Reader *r, u32 i, u32 depth) {
    const Op *op = &r->f->ops[i];
    switch (op->kind) {
    case OP_CALL:
        return of_call(r, op, depth);
    case OP_LIST:
    case OP_LISTCOMP:
        return STR("builtins.list");
    case OP_TUPLE:
        return STR("builtins.tuple");
    case OP_SET:
    case OP_SETCOMP:
        return STR("builtins.set");
    case OP_DICT:
    case OP_DICTCOMP:
        return STR("builtins.dict");
    case OP_FSTRING:
        return STR("builtins.str");
    case OP_BINARY: { /* `"," + text`, `"%s" % x` */
        Str left = origin(r, op_operand(r->f, op, 0), depth - 1);
        return str_is(left, "builtins.str") || str_is(left, "builtins.bytes") ? left : (Str){0};
    }
    default:
        return (Str){0};
    }
}

static Str of_literal(const Path *p) {
    switch (p->flags) {
    case LITERAL_STRING:
        return STR("builtins.str");
    case LITERAL_BYTES:
        return STR("builtins.bytes");
    case LITERAL_INT:
        return STR("builtins.int");
    case LITERAL_FLOAT:
        return STR("builtins.float");
    default:
        return (Str){0};
    }
}

static Str of_parameter(const Reader *r, SymbolId parameter, u32 depth) {
    const Scope *scope = &r->f->scopes[r->f->symbols[parameter.i].scope.i];
    for (u32 i = scope->param_first; i < scope->param_end; i++)
        if (r->f->params[i].symbol.i == parameter.i && r->f->params[i].kind != PARAM_STAR &&
            r->f->params[i].kind != PARAM_DOUBLE_STAR)
            return of_annotation(r, r->f->params[i].annotation, depth);
    return (Str){0};
}

/* A local: by its first binding; when there are more, only what is certain of a container. */
static Str of_local(const Reader *r, SymbolId owner, u32 depth) {
    const Symbol *s = &r->f->symbols[owner.i];
    if (s->flags & SYMBOL_PARAM) return of_parameter(r, owner, depth);
    const Op *bind = &r->f->ops[s->bind.i];
    if (!s->bind.i || bind->kind != OP_BIND) return (Str){0};
    Str said = of_annotation(r, bound_annotation(r->f, bind), depth - 1);
    if (said.n) return said;
    u32 how = bind->flags & OP_LOW;
    if (how != BIND_ASSIGN && how != BIND_WITH && how != BIND_WALRUS) return (Str){0};
    Str made = origin(r, bound_value(r->f, bind), depth - 1);
    return s->binds == 1 || str_starts(made, "builtins.") ? made : (Str){0};
}

static Str of_attribute(const Reader *r, PathId path, u32 depth) {
    const Path *p = &r->f->paths[path.i];
    Str name = facts_str(r->f, (StrId){p->id});
    Str maker = graph_maker_of(r->g, r->file, path);
    if (maker.n) return class_of_maker(r, maker);
    ClassId c = graph_type_of(r->g, r->file, p->parent);
    if (c.i) {
        Attribute a = graph_attribute_outline(r->g, c, name);
        Str made = a.kind == ATTRIBUTE_CONTAINER ? of_container(a.container) : a.made_by;
        return class_of_maker(r, made);
    }
    Str base = origin(r, p->parent, depth - 1);
    if (!base.n || str_starts(base, "builtins.")) return (Str){0};
    return class_of_maker(r, joined(r, base, name));
}

static Str of_symbol(const Reader *r, PathId path, u32 depth) {
    SymbolId owner = r->f->symbols[r->f->paths[path.i].id].target;
    if (owner.i && r->f->scopes[r->f->symbols[owner.i].scope.i].kind != SCOPE_MODULE)
        return of_local(r, owner, depth);
    Str maker = graph_maker_of(r->g, r->file, path);
    if (maker.n) return class_of_maker(r, maker);
    SymbolRef variable = graph_variable_of(r->g, r->file, path);
    if (variable.symbol.i && variable.file == r->file) return of_local(r, variable.symbol, depth);
    return owner.i ? (Str){0} : graph_name_of(r->g, r->file, path);
}

static Str origin(const Reader *r, PathId path, u32 depth) {
    const Path *p = &r->f->paths[path.i];
    if (!depth || depth > ORIGIN_DEPTH || !path.i) return (Str){0};
    switch (p->kind) {
    case PATH_LITERAL:
        return of_literal(p);
    case PATH_OP:
        return of_op(r, p->id, depth);
    case PATH_SYMBOL:
        return of_symbol(r, path, depth);
    case PATH_ATTR:
        return of_attribute(r, path, depth);
    default:
        return (Str){0};
    }
}

Str origin_of(const Reader *r, PathId path) {
    u64 key = map_pair(r->file + 1, path.i);
    u32 known = map_get(&r->space->origins, key);
    if (known) return r->space->texts.v[known - 1];
    Str found = origin(r, path, ORIGIN_DEPTH);
    vec_push(&r->space->kept, &r->space->texts, found);
    map_set(&r->space->kept, &r->space->origins, key, r->space->texts.n);
    return found;
}

/* ---- callees ---- */

Str callee_name(const Reader *r, const Op *call) {
    const Path *callee = &r->f->paths[call->subject];
    Str name = graph_name_of(r->g, r->file, op_path(call));
    if (name.n && know_cost(name)) return name;
    Str base = callee->kind == PATH_ATTR ? origin_of(r, callee->parent) : (Str){0};
    return base.n ? joined(r, base, facts_str(r->f, (StrId){callee->id})) : name;
}

const CostRow *callee_cost(const Reader *r, const Op *call, Str *name) {
    const Path *callee = &r->f->paths[call->subject];
    *name = graph_name_of(r->g, r->file, op_path(call));
    const CostRow *row = name->n ? know_cost(*name) : NULL;
    if (row || callee->kind != PATH_ATTR) return row;
    Str base = origin_of(r, callee->parent), method = facts_str(r->f, (StrId){callee->id});
    row = base.n ? know_method_cost(base, method) : NULL;
    if (row) *name = joined(r, base, method);
    return row;
}

/* ---- numbers ---- */

static bool parse_number(Str text, u64 *number) {
    char room[40];
    u32 n = 0;
    bool is_float = false, is_hex = str_starts(text, "0x") || str_starts(text, "0X");
    for (u32 i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '_' || c == 'L' || c == 'l') continue;
        if (n + 1 == sizeof room) return false;
        is_float |= !is_hex && (c == '.' || c == 'e' || c == 'E');
        room[n++] = c;
    }
    room[n] = 0;
    if (!n || room[n - 1] == 'j') return false;
    if (is_float) {
        double value = strtod(room, NULL);
        *number = value >= 0 && value < 1e18 ? (u64)value : 0;
        return value >= 0 && value < 1e18;
    }
    *number = strtoull(room, NULL, is_hex ? 16 : 10);
    return true;
}

static bool calculate(u32 operator, u64 a, u64 b, u64 *out) {
    if (a > 1000000000000u || b > 1000000000000u) return false;
    switch (operator) {
    case OPERATOR_ADD:
        *out = a + b;
        return true;
    case OPERATOR_SUB:
        *out = a > b ? a - b : 0;
        return true;
    case OPERATOR_MUL:
        *out = a < 1000000000u && b < 1000000000u ? a * b : UINT64_MAX / 2;
        return true;
    case OPERATOR_DIV:
    case OPERATOR_FLOORDIV:
        *out = b ? a / b : 0;
        return b != 0;
    case OPERATOR_LSHIFT:
        *out = b < 40 ? a << b : UINT64_MAX / 2;
        return a < 1000000;
    case OPERATOR_POW:
        *out = 1;
        for (u64 i = 0; i < b && *out < 1000000000000u; i++) *out *= a;
        return b < 64;
    default:
        return false;
    }
}

static bool number_of(const Graph *g, u32 file, PathId path, u32 depth, u64 *number) {
    const Facts *f = graph_facts(g, file);
    if (!depth || !path.i) return false;
    path = graph_alias_of(g, file, path);
    const Path *p = &f->paths[path.i];
    if (p->kind == PATH_LITERAL)
        return (p->flags == LITERAL_INT || p->flags == LITERAL_FLOAT) &&
               parse_number(facts_str(f, (StrId){p->id}), number);
    if (p->kind == PATH_OP) {
        const Op *op = &f->ops[p->id];
        u64 a, b;
        if (op->kind == OP_CALL && str_is(graph_name_of(g, file, op_path(op)), "builtins.int"))
            return number_of(g, file, op_operand(f, op, 0), depth - 1, number);
        return op->kind == OP_BINARY && number_of(g, file, op_operand(f, op, 0), depth - 1, &a) &&
               number_of(g, file, op_operand(f, op, 1), depth - 1, &b) &&
               calculate(op->flags & OP_LOW, a, b, number);
    }
    SymbolRef v = graph_variable_of(g, file, path);
    const Facts *there = v.symbol.i ? graph_facts(g, v.file) : NULL;
    const Symbol *s = there ? &there->symbols[v.symbol.i] : NULL;
    if (!s || s->binds != 1 || s->flags & SYMBOL_PARAM) return false;
    return there->ops[s->bind.i].kind == OP_BIND &&
           number_of(g, v.file, bound_value(there, &there->ops[s->bind.i]), depth - 1, number);
}

bool path_number(const Graph *g, u32 file, PathId path, u64 *number) {
    return number_of(g, file, path, 5, number);
}

bool path_is_zero(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    if (p->kind != PATH_LITERAL || (p->flags != LITERAL_INT && p->flags != LITERAL_FLOAT))
        return false;
    Str text = facts_str(f, (StrId){p->id});
    for (u32 i = 0; i < text.n; i++)
        if (text.p[i] != '0' && text.p[i] != '.') return false;
    return true;
}

/* ---- sizes ---- */

enum { SMALL_SIZE = 64, TEXT_SIZE = 256 };

static u64 size_of(const Reader *r, PathId path, u32 depth);

/* Texts that a line of code puts together are short. */
static bool is_short_text(const Reader *r, PathId path) {
    path = graph_alias_of(r->g, r->file, path);
    const Path *p = &r->f->paths[path.i];
    if (p->kind == PATH_LITERAL) return p->flags == LITERAL_STRING;
    if (p->kind != PATH_OP) return false;
    const Op *op = &r->f->ops[p->id];
    if (op->kind == OP_FSTRING) return true;
    if (op->kind == OP_BINARY)
        return is_short_text(r, op_operand(r->f, op, 0)) ||
               is_short_text(r, op_operand(r->f, op, 1));
    if (op->kind != OP_CALL) return false;
    const Path *callee = &r->f->paths[op->subject];
    if (callee->kind == PATH_ATTR && str_is(facts_str(r->f, (StrId){callee->id}), "format"))
        return is_short_text(r, callee->parent);
    return str_is(graph_name_of(r->g, r->file, op_path(op)), "builtins.str");
}

static u64 size_of_call(const Reader *r, const Op *call) {
    const Path *callee = &r->f->paths[call->subject];
    u64 number;
    Str method = callee->kind == PATH_ATTR ? facts_str(r->f, (StrId){callee->id}) : (Str){0};
    if (str_is(method, "encode")) return is_short_text(r, callee->parent) ? TEXT_SIZE : UINT64_MAX;
    if (str_is(method, "digest") || str_is(method, "hexdigest") || str_is(method, "to_bytes"))
        return SMALL_SIZE;
    bool reads = str_is(method, "read") || str_is(method, "recv") || str_is(method, "urandom") ||
                 str_is(method, "randbytes");
    bool is_known = reads && path_number(r->g, r->file, op_operand(r->f, call, 0), &number);
    return is_known ? number : UINT64_MAX;
}

static u64 size_of(const Reader *r, PathId path, u32 depth) {
    if (!depth) return UINT64_MAX;
    path = graph_alias_of(r->g, r->file, path);
    const Path *p = &r->f->paths[path.i];
    if (p->kind == PATH_LITERAL) return facts_str(r->f, (StrId){p->id}).n;
    if (p->kind != PATH_OP) return UINT64_MAX;
    const Op *op = &r->f->ops[p->id];
    if (op->kind == OP_CALL) return size_of_call(r, op);
    if (op->kind != OP_BINARY || (op->flags & OP_LOW) != OPERATOR_ADD) return UINT64_MAX;
    u64 a = size_of(r, op_operand(r->f, op, 0), depth - 1);
    u64 b = size_of(r, op_operand(r->f, op, 1), depth - 1);
    return a == UINT64_MAX || b == UINT64_MAX ? UINT64_MAX : a + b;
}

u64 path_size(const Reader *r, PathId path) {
    return size_of(r, path, 4);
}
