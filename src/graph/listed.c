/* Values that the source lists: what a loop or an unpacking takes out of displays of constants. */
#include "graph/rows.h"

enum { STEPS_MAX = 8, ELEMENTS_MAX = 512, BINDS_MAX = 4 };

typedef enum TakeKind { TAKE_EACH, TAKE_AT, TAKE_ITEMS, TAKE_VALUES, TAKE_KEYS } TakeKind;

typedef struct Take {
    TakeKind kind;
    Str at; /* of TAKE_AT: the key or index */
} Take;

/* The steps from a display to the value, the last one first. */
typedef struct Way {
    const Graph *g;
    u32 n, left; /* elements that may still be looked at */
    Take steps[STEPS_MAX];
} Way;

static const Op *display_at(const Facts *f, PathId path) {
    const Path *p = &f->paths[path.i];
    const Op *op = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
    bool is_display = op && (op->kind == OP_TUPLE || op->kind == OP_LIST || op->kind == OP_SET ||
                             op->kind == OP_DICT);
    return is_display ? op : NULL;
}

static bool is_writing_method(Str name) {
    static const char *const NAMES[] = {"add",    "append",     "appendleft", "extend",
                                        "insert", "setdefault", "update"};
    return str_is_any(name, NAMES, ARRAY_LEN(NAMES));
}

/* A function of the file puts something into the variable; what is put in at import is as much as
 * the source has. */
static bool is_written_in(const Graph *g, u32 file, Entity variable) {
    static const OpKind KINDS[] = {OP_STORE, OP_AUGMENT, OP_CALL};
    const Facts *f = g->files[file].facts;
    for (u32 k = 0; k < ARRAY_LEN(KINDS); k++) {
        OpList ops = ops_of(&g->files[file], KINDS[k]);
        for (u32 i = 0; i < ops.n; i++) {
            const Op *op = &f->ops[ops.v[i]];
            const Path *p = &f->paths[op->subject];
            bool is_call = op->kind == OP_CALL;
            if (is_call &&
                (p->kind != PATH_ATTR || !is_writing_method(facts_str(f, (StrId){p->id}))))
                continue;
            SymbolId root = facts_root_symbol(f, op_path(op));
            if (!root.i || !enclosing_function(f, f->regions[op->region.i].scope).i) continue;
            Entity e = entity_of_symbol(g, file, root, RESOLVE_DEPTH);
            if (e.kind == ENTITY_VARIABLE && e.file == variable.file && e.id == variable.id)
                return true;
        }
    }
    return false;
}

/* What the only binding of a variable that is written nowhere gives it; *file becomes its file. */
static PathId only_content(const Graph *g, u32 *file, PathId path) {
    Entity e = entity_of_path(g, *file, path, RESOLVE_DEPTH);
    if (e.kind != ENTITY_VARIABLE) return (PathId){0};
    const Facts *home = g->files[e.file].facts;
    const Symbol *s = &home->symbols[e.id];
    const Op *bind = &home->ops[s->bind.i];
    u32 how = bind->flags & OP_LOW;
    if (s->flags & SYMBOL_PARAM || s->binds != 1 || bind->kind != OP_BIND) return (PathId){0};
    if (how != BIND_FOR && how != BIND_ASSIGN) return (PathId){0};
    if (is_written_in(g, e.file, e) || (e.file != *file && is_written_in(g, *file, e)))
        return (PathId){0};
    *file = e.file;
    return bound_value(home, bind);
}

static bool push(Way *w, TakeKind kind, Str at) {
    if (w->n == STEPS_MAX) return false;
    w->steps[w->n++] = (Take){kind, at};
    return true;
}

/* `TABLE.items()`, `sorted(NAMES)`: the path it goes over, or 0. */
static PathId gone_over(Way *w, u32 file, const Op *call) {
    static const char *const SAME[] = {"builtins.list", "builtins.reversed", "builtins.set",
                                       "builtins.sorted", "builtins.tuple"};
    static const char *const VIEWS[] = {"items", "values", "keys"};
    const Facts *f = w->g->files[file].facts;
    const Path *callee = &f->paths[call->subject];
    if (call->operands)
        return str_is_any(graph_name_of(w->g, file, op_path(call)), SAME, ARRAY_LEN(SAME))
                   ? op_operand(f, call, 0)
                   : (PathId){0};
    for (u32 i = 0; callee->kind == PATH_ATTR && i < ARRAY_LEN(VIEWS); i++)
        if (str_is(facts_str(f, (StrId){callee->id}), VIEWS[i]))
            return push(w, TAKE_ITEMS + i, (Str){0}) ? callee->parent : (PathId){0};
    return (PathId){0};
}

/* From the value back to the display that it is taken out of; 0 when there is none. */
static PathId unwind(Way *w, u32 *file, PathId path) {
    for (u32 left = 2 * STEPS_MAX; left && path.i; left--) {
        const Facts *f = w->g->files[*file].facts;
        const Path *p = &f->paths[path.i];
        const Op *op = p->kind == PATH_OP ? &f->ops[p->id] : NULL;
        if (display_at(f, path)) return path;
        if (p->kind == PATH_CONST || p->kind == PATH_ANY) {
            Str at = p->kind == PATH_CONST ? facts_str(f, (StrId){p->id}) : (Str){0};
            if (!push(w, p->kind == PATH_CONST ? TAKE_AT : TAKE_EACH, at)) return (PathId){0};
            path = p->parent;
        } else if (op) {
            path = op->kind == OP_LOAD   ? op_path(op)
                   : op->kind == OP_CALL ? gone_over(w, *file, op)
                                         : (PathId){0};
        } else {
            path = only_content(w->g, file, path);
        }
    }
    return (PathId){0};
}

/* Of an element of a display; with the least depth, so that the shape does not ask for lists anew.
 */
static bool is_constant(const Graph *g, u32 file, PathId path) {
    return path.i && !(shape_of(g, file, path, 1) & ~(u32)(SHAPE_CONSTANT | SHAPE_CLOSED));
}

/* `self.EVENT` where the class says `EVENT = "start"`, and no instance has another one. */
static bool is_class_constant(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    if (p->kind != PATH_ATTR) return false;
    ClassId c = type_of_path(g, file, p->parent, RESOLVE_DEPTH), holder;
    u64 name = name_hash(f, (StrId){p->id});
    SymbolId s = c.i ? class_member(g, c, name, &holder) : (SymbolId){0};
    if (!s.i || is_set_on_instances(g, c, name)) return false;
    const Facts *home = g->files[g->classes[holder.i].file].facts;
    const Op *bind = &home->ops[home->symbols[s.i].bind.i];
    return home->symbols[s.i].binds == 1 && bind->kind == OP_BIND &&
           is_constant(g, g->classes[holder.i].file, bound_value(home, bind));
}

static bool are_constants(Way *w, u32 file, PathId path, u32 to_go);

/* The keys of a dict display, or its values, or the value of one key. */
static bool of_dict(Way *w, u32 file, const Op *dict, u32 first, Str key, u32 to_go) {
    const Facts *f = w->g->files[file].facts;
    bool found = false;
    for (u32 i = 0; i + 1 < dict->operands; i += 2) {
        if (key.n && !str_eq(facts_text(f, op_operand(f, dict, i)), key)) continue;
        if (!are_constants(w, file, op_operand(f, dict, i + first), to_go)) return false;
        found = true;
    }
    return found;
}

static bool of_list(Way *w, u32 file, const Op *list, Str at, u32 to_go) {
    const Facts *f = w->g->files[file].facts;
    u32 index = 0;
    for (u32 i = 0; i < at.n; i++) {
        if (at.p[i] < '0' || at.p[i] > '9' || index > ELEMENTS_MAX) return false;
        index = index * 10 + (u32)(at.p[i] - '0');
    }
    if (at.n)
        return index < list->operands && are_constants(w, file, op_operand(f, list, index), to_go);
    for (u32 i = 0; i < list->operands; i++)
        if (!are_constants(w, file, op_operand(f, list, i), to_go)) return false;
    return list->operands > 0;
}

/* One step into a display: `to_go` steps are left, this one with them. */
static bool into(Way *w, u32 file, const Op *display, u32 to_go) {
    const Facts *f = w->g->files[file].facts;
    const Take *step = &w->steps[to_go - 1];
    for (u32 i = 0; i < display->operands; i++) {
        OperandKind kind = operand_kind(f->operands[display->operand + i]);
        if (kind == OPERAND_STAR || kind == OPERAND_DOUBLE_STAR) return false;
    }
    if (display->kind != OP_DICT)
        return step->kind <= TAKE_AT && of_list(w, file, display, step->at, to_go - 1);
    if (step->kind == TAKE_AT)
        return step->at.n && of_dict(w, file, display, 1, step->at, to_go - 1);
    if (step->kind == TAKE_EACH) return of_dict(w, file, display, 0, (Str){0}, to_go - 1);
    if (to_go < 2 || w->steps[to_go - 2].kind != TAKE_EACH) return false;
    if (step->kind != TAKE_ITEMS)
        return of_dict(w, file, display, step->kind == TAKE_VALUES, (Str){0}, to_go - 2);
    if (to_go < 3 || w->steps[to_go - 3].kind != TAKE_AT) return false;
    bool is_value = str_is(w->steps[to_go - 3].at, "1");
    return of_dict(w, file, display, is_value, (Str){0}, to_go - 3);
}

static bool are_constants(Way *w, u32 file, PathId path, u32 to_go) {
    if (!w->left) return false;
    w->left--;
    if (!to_go) return is_constant(w->g, file, path) || is_class_constant(w->g, file, path);
    const Op *display = display_at(w->g->files[file].facts, path);
    if (!display) { /* a variable for a part of a table */
        path = only_content(w->g, &file, path);
        display = display_at(w->g->files[file].facts, path);
    }
    return display && into(w, file, display, to_go);
}

bool is_listed(const Graph *g, u32 file, PathId value) {
    Way w = {.g = g, .left = ELEMENTS_MAX};
    PathId display = unwind(&w, &file, value);
    return display.i && w.n && are_constants(&w, file, display, w.n);
}

bool is_listed_variable(const Graph *g, u32 file, SymbolId variable) {
    const Facts *f = g->files[file].facts;
    const Symbol *s = &f->symbols[variable.i];
    const Scope *scope = &f->scopes[s->scope.i];
    u32 binds = 0, rounds = 0;
    if (scope->kind != SCOPE_FUNCTION || s->binds > BINDS_MAX) return false;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        const Path *p = &f->paths[op->subject];
        if (op->kind != OP_BIND || p->kind != PATH_SYMBOL ||
            facts_root_symbol(f, op_path(op)).i != variable.i)
            continue;
        PathId value = bound_value(f, op);
        u32 how = op->flags & OP_LOW;
        bool is_one = how == BIND_ASSIGN && f->paths[value.i].kind != PATH_SYMBOL &&
                      (is_constant(g, file, value) || is_class_constant(g, file, value));
        if (!is_one && !(how == BIND_FOR && is_listed(g, file, value))) return false;
        binds++;
        rounds += how == BIND_FOR;
    }
    return rounds && binds == s->binds;
}
