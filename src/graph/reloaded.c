/* What is added again and again and is the same each time: the files of a folder and the sections
 * of a file that are read once more, and constants. */
#include "graph/argued.h"

enum { KEY_STEPS = 8, SAME_CALLERS = 16 };

/* ---- keys that come out of the same folder or file ---- */

typedef struct Source {
    const Graph *g;
    u32 file;
    const Facts *f;
    const Scope *scope;
} Source;

static bool is_loading_name(Str name) {
    Str word = str_public(name);
    return str_starts(word, "load") || str_starts(word, "reload");
}

/* `name.split("_")`, `os.path.splitext(name)`: a text that is made of another one, or 0. */
static PathId text_of_call(const Source *s, const Op *call) {
    static const char *const METHODS[] = {"lower",   "lstrip", "removeprefix", "removesuffix",
                                          "replace", "rsplit", "rstrip",       "split",
                                          "strip",   "upper"};
    if (str_is_any(facts_method(s->f, call), METHODS, ARRAY_LEN(METHODS)))
        return s->f->paths[call->subject].parent;
    Str name = graph_name_of(s->g, s->file, op_path(call));
    bool is_of_path = str_starts(name, "os.path.") && call->operands;
    return is_of_path ? op_operand(s->f, call, call->operands - 1) : (PathId){0};
}

/* What the loop goes through that gives the key, and before which operation; or 0. */
static PathId origin_of(const Source *s, PathId key, u32 *end) {
    for (u32 step = 0; key.i && step < KEY_STEPS; step++) {
        const Path *p = &s->f->paths[key.i];
        if (p->kind == PATH_SYMBOL) {
            const Op *bind = facts_bind_before(s->f, s->scope, facts_root_symbol(s->f, key), *end);
            if (!bind) return (PathId){0};
            *end = (u32)(bind - s->f->ops);
            PathId value = bound_value(s->f, bind);
            if ((bind->flags & OP_LOW) == BIND_FOR) {
                while (s->f->paths[value.i].kind == PATH_CONST) value = s->f->paths[value.i].parent;
                bool is_element = s->f->paths[value.i].kind == PATH_ANY;
                return is_element ? s->f->paths[value.i].parent : (PathId){0};
            }
            key = value;
        } else if (p->kind == PATH_OP) {
            const Op *call = &s->f->ops[p->id];
            key = call->kind == OP_CALL ? text_of_call(s, call) : (PathId){0};
        } else if (p->kind == PATH_ATTR || p->kind == PATH_CONST || p->kind == PATH_ANY) {
            key = p->parent;
        } else {
            return (PathId){0};
        }
    }
    return (PathId){0};
}

/* `os.listdir(folder)`, `config.sections()`, `yaml.safe_load(stream)`; not `json.loads(message)`.
 */
static bool is_listing(const Source *s, const Op *call) {
    static const char *const CALLS[] = {"glob.glob", "glob.iglob", "os.listdir", "os.scandir",
                                        "os.walk"};
    static const char *const METHODS[] = {"glob", "iterdir", "rglob", "sections"};
    Str name = graph_name_of(s->g, s->file, op_path(call));
    Str last = facts_last_name(s->f, op_path(call));
    if (str_is_any(name, CALLS, ARRAY_LEN(CALLS))) return true;
    if (str_is_any(facts_method(s->f, call), METHODS, ARRAY_LEN(METHODS))) return true;
    return call->operands && (str_is(last, "load") || str_ends(last, "_load"));
}

/* … through `sorted(…)`, `.keys()` and variables. */
static bool is_listed(const Source *s, PathId path, u32 end) {
    static const char *const PLAIN[] = {"list", "set", "sorted"};
    static const char *const VIEWS[] = {"items", "keys"};
    for (u32 step = 0; path.i && step < KEY_STEPS; step++) {
        const Path *p = &s->f->paths[path.i];
        if (p->kind == PATH_SYMBOL) {
            const Op *bind = facts_bind_before(s->f, s->scope, facts_root_symbol(s->f, path), end);
            if (!bind) return false;
            end = (u32)(bind - s->f->ops);
            path = bound_value(s->f, bind);
            continue;
        }
        const Op *call = &s->f->ops[p->kind == PATH_OP ? p->id : 0];
        if (call->kind != OP_CALL) return false;
        if (is_listing(s, call)) return true;
        Str last = facts_last_name(s->f, op_path(call));
        if (str_is_any(facts_method(s->f, call), VIEWS, ARRAY_LEN(VIEWS)))
            path = s->f->paths[call->subject].parent;
        else
            path = str_is_any(last, PLAIN, ARRAY_LEN(PLAIN)) && call->operands
                       ? op_operand(s->f, call, 0)
                       : (PathId){0};
    }
    return false;
}

static bool is_loaded_again(const Graph *g, const Use *u) {
    const Facts *f = g->files[u->file].facts;
    const Scope *scope = &f->scopes[u->function.scope.i];
    if (!u->function.scope.i || u->level || !u->key.i) return false;
    if (f->ops[u->op.i].kind != OP_STORE || !is_loading_name(facts_str(f, scope->name)))
        return false;
    Source s = {g, u->file, f, scope};
    u32 end = u->op.i;
    PathId origin = origin_of(&s, u->key, &end);
    return origin.i && is_listed(&s, origin, end);
}

/* ---- constants ---- */

static bool is_display_of_literals(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    const Op *op = &f->ops[p->kind == PATH_OP ? p->id : 0];
    if (op->kind != OP_LIST && op->kind != OP_TUPLE) return false;
    for (u32 i = 0; i < op->operands; i++)
        if (f->paths[op_operand(f, op, i).i].kind != PATH_LITERAL) return false;
    return op->operands;
}

/* `[…]`, or a variable of a module or class that is bound to one. */
static bool is_list_of_constants(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    SymbolId symbol = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    u32 at = file;
    if (p->kind == PATH_ATTR) {
        ClassId c = type_of_path(g, file, p->parent, RESOLVE_DEPTH), owner = {0};
        if (!c.i) return false;
        symbol = class_member(g, c, name_hash(f, (StrId){p->id}), &owner);
        at = g->classes[owner.i].file;
    }
    if (!symbol.i) return is_display_of_literals(g, file, path);
    const Facts *in = g->files[at].facts;
    const Symbol *s = &in->symbols[symbol.i];
    const Op *bind = &in->ops[s->bind.i];
    return s->binds == 1 && bind->kind == OP_BIND &&
           is_display_of_literals(g, at, bound_value(in, bind));
}

/* Each call that comes to the operation, but in tests, gives such a list. */
static bool is_given_constants(const Graph *g, const Use *u, SymbolId parameter) {
    const FunctionNode *fn = &g->functions[function_id(g, u->file, u->function.scope)];
    u32 seen = 0;
    if (fn->escapes || fn->callers.n > SAME_CALLERS) return false;
    for (u32 i = 0; i < fn->callers.n; i++) {
        CallLink link = {NULL, fn->callers.v[i], u->function};
        if (g->files[link.call.file].is_test || call_passes_by(g, &link, u->op)) continue;
        PathId given = given_argument(g, link.call, u->function, parameter);
        if (!given.i || !is_list_of_constants(g, link.call.file, given)) return false;
        seen++;
    }
    return seen > 0;
}

static bool adds_constants(const Graph *g, const Use *u) {
    const Facts *f = g->files[u->file].facts;
    const Path *p = &f->paths[u->value.i];
    if (!str_is(u->how, "extend") || u->level) return false;
    SymbolId s = p->kind == PATH_SYMBOL ? f->symbols[p->id].target : (SymbolId){0};
    bool is_own = s.i && f->symbols[s.i].flags & SYMBOL_PARAM &&
                  f->symbols[s.i].scope.i == u->function.scope.i;
    return is_own ? is_given_constants(g, u, s) : is_list_of_constants(g, u->file, u->value);
}

/* ---- the whole ---- */

bool graph_adds_the_same(const Graph *g, const Container *c, const Use *site) {
    if (!is_loaded_again(g, site) && !adds_constants(g, site)) return false;
    for (u32 i = 0; i < c->n_uses; i++) {
        const Use *u = &c->uses[i];
        bool is_other = u->kind == USE_GROW && u->how_often >= RUNS_PER_INSTANCE &&
                        !g->files[u->file].is_test && u != site;
        bool is_grave = is_other && graph_serious_facts(g, u);
        if (is_grave && !is_loaded_again(g, u) && !adds_constants(g, u)) return false;
    }
    return true;
}
