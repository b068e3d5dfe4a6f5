/* Which classes are singletons, and how. Each function is looked at once, whatever inherits it. */
#include "graph/model.h"

const char *slot_text(SlotKind kind) {
    static const char *const TEXTS[] = {"", "class attribute", "attribute of the class by name",
                                        "variable", "attribute"};
    return TEXTS[kind];
}

const char *slot_test_text(SlotTest test) {
    static const char *const TEXTS[] = {"",    "hasattr",  "is None", "truth", "own __dict__",
                                        "key", "exception"};
    return TEXTS[test];
}

const char *singleton_text(SingletonForm form) {
    static const char *const TEXTS[] = {"",      "__new__", "metaclass",      "decorator",
                                        "cache", "factory", "shared __dict__"};
    return TEXTS[form];
}

/* ---- creators, each function once ---- */

static Creator creator_of(Graph *g, ScopeRef function, CreatorKind kind, SymbolId class_symbol,
                          ClassId class) {
    u64 key = hash_mix(map_pair(function.file, function.scope.i), map_pair(kind, class.i));
    u32 known = map_get(&g->creator_of, key);
    if (known) return g->creators.v[known - 1];
    Creator c = graph_creator(g, function, kind, class_symbol, class);
    vec_push(g->arena, &g->creators, c);
    map_set(g->arena, &g->creator_of, key, g->creators.n);
    return c;
}

static bool is_creator(const Creator *c) {
    return !scope_is_none(c->function);
}

static ScopeRef own_function(const Graph *g, ClassId c, const char *name) {
    SymbolId s = member_of(g, c, hash_str(str_from(name)));
    if (!s.i) return (ScopeRef){0};
    Entity e = entity_of_symbol(g, g->classes[c.i].file, s, RESOLVE_DEPTH);
    return e.kind == ENTITY_FUNCTION ? (ScopeRef){e.file, {e.id}} : (ScopeRef){0};
}

enum { LACKS_FACTORY = 1 << 0, LACKS_BORG = 1 << 1 };

/* What the bodies of classes are known to lack, as each is looked at for all of its subclasses. */
typedef struct Search {
    Graph *g;
    u8 *lacks; /* by class: LACKS_* */
} Search;

/* ---- decorators ---- */

static SymbolId first_parameter(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    const Scope *s = &f->scopes[function.scope.i];
    return s->param_first < s->param_end ? f->params[s->param_first].symbol : (SymbolId){0};
}

static Replaced replaced_by(const Graph *g, ScopeRef decorator, PathId value) {
    const Facts *f = g->files[decorator.file].facts;
    Entity e = entity_of_path(g, decorator.file, value, RESOLVE_DEPTH);
    if (e.kind == ENTITY_CLASS) return REPLACED_BY_CLASS;
    if (e.kind == ENTITY_FUNCTION) return REPLACED_BY_FUNCTION;
    SymbolId s = facts_root_symbol(f, value);
    if (s.i && s.i == first_parameter(g, decorator).i && is_path_root(f->paths[value.i].kind))
        return REPLACED_NOT;
    return type_of_path(g, decorator.file, value, RESOLVE_DEPTH).i ? REPLACED_BY_OBJECT
                                                                   : REPLACED_BY_FUNCTION;
}

/* The functions inside a decorator that keep what its parameter makes. */
static bool find_inner_creator(Graph *g, ScopeRef decorator, Singleton *out) {
    const Facts *f = g->files[decorator.file].facts;
    const Scope *outer = &f->scopes[decorator.scope.i];
    SymbolId parameter = first_parameter(g, decorator);
    for (u32 i = outer->op_first; parameter.i && i < outer->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_FUNCTION && op->kind != OP_LAMBDA) continue;
        ScopeRef inner = {decorator.file, {op->subject}};
        bool is_new = str_is(facts_str(f, f->scopes[op->subject].name), "__new__");
        out->creator =
            creator_of(g, inner, is_new ? CREATOR_NEW : CREATOR_FACTORY, parameter, (ClassId){0});
        if (is_creator(&out->creator)) return true;
    }
    /* `instance = cls(); return lambda: instance`, or the instance itself */
    return false;
}

static bool find_decorator_function(Graph *g, ScopeRef decorator, Singleton *out) {
    if (!find_inner_creator(g, decorator, out)) return false;
    const FunctionNode *fn = &g->functions[function_id(g, decorator.file, decorator.scope)];
    const Facts *f = g->files[decorator.file].facts;
    out->maker = decorator;
    out->replaced = REPLACED_BY_FUNCTION;
    if (fn->n_returns) {
        OpId last = fn->returns[fn->n_returns - 1];
        out->replaced = replaced_by(g, decorator, op_operand(f, &f->ops[last.i], 0));
    }
    return true;
}

/* `class Singleton: def __init__(self, cls): self._cls = cls`: calls of that attribute make. */
static bool find_decorator_class(Graph *g, ClassId decorator, Singleton *out) {
    const ClassNode *node = &g->classes[decorator.i];
    const Facts *f = g->files[node->file].facts;
    const Scope *scope = &f->scopes[node->scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        if (f->ops[i].kind != OP_FUNCTION) continue;
        ScopeRef method = {node->file, {f->ops[i].subject}};
        i = MAX(i, f->scopes[method.scope.i].op_end - 1);
        if (graph_method_kind(g, method) != METHOD_INSTANCE) continue;
        out->creator = creator_of(g, method, CREATOR_WRAPPED, (SymbolId){0}, decorator);
        if (!is_creator(&out->creator)) continue;
        out->maker = (ScopeRef){node->file, node->scope};
        out->replaced = REPLACED_BY_OBJECT;
        return true;
    }
    return false;
}

static bool find_decorator(Graph *g, u32 file, PathId path, Singleton *out) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[path.i];
    bool called = p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL;
    PathId callee = called ? op_path(&f->ops[p->id]) : path;
    Entity e = entity_of_path(g, file, callee, RESOLVE_DEPTH);
    Memo memo = graph_memo_of(g, file, path);
    if (memo.bound != MEMO_NONE && scope_is_none(memo.definition)) {
        out->form = SINGLETON_CACHED;
        out->replaced = REPLACED_BY_FUNCTION;
        return true;
    }
    if (e.kind == ENTITY_CLASS) {
        if (!find_decorator_class(g, entity_class(g, e), out)) return false;
    } else if (e.kind == ENTITY_FUNCTION) {
        ScopeRef function = {e.file, {e.id}};
        u32 inner = g->functions[entity_function(g, e)].inner;
        if (called && inner) function = graph_function_scope(g, inner);
        if (!find_decorator_function(g, function, out)) return false;
    } else {
        return false;
    }
    out->form = SINGLETON_DECORATOR;
    return true;
}

static bool find_decorators(Graph *g, ClassId c, Singleton *out) {
    const ClassNode *node = &g->classes[c.i];
    const Facts *f = g->files[node->file].facts;
    const Scope *scope = &f->scopes[node->scope.i];
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        if (!find_decorator(g, node->file, f->operands[d].path, out)) continue;
        const Path *p = &f->paths[f->operands[d].path.i];
        out->decorator = (OpRef){node->file, p->kind == PATH_OP ? (OpId){p->id} : scope->def};
        out->definer = c;
        return true;
    }
    return false;
}

/* ---- __new__, metaclass, factory ---- */

static bool find_new(Graph *g, ClassId c, Singleton *out) {
    ClassId owner;
    SymbolId s = class_member(g, c, hash_str(STR("__new__")), &owner);
    if (!s.i) return false;
    ScopeRef function = own_function(g, owner, "__new__");
    if (scope_is_none(function)) return false;
    out->creator = creator_of(g, function, CREATOR_NEW, (SymbolId){0}, owner);
    if (!is_creator(&out->creator)) return false;
    out->form = SINGLETON_NEW;
    out->definer = owner;
    return true;
}

ClassId metaclass_of(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        const ClassNode *base = &g->classes[node->mro[i].i];
        if (base->metaclass_known.i) return base->metaclass_known;
    }
    return (ClassId){0};
}

bool graph_has_metaclass(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        const ClassNode *base = &g->classes[node->mro[i].i];
        if (base->metaclass_known.i || base->metaclass.n) return true;
    }
    return false;
}

static bool find_metaclass(Graph *g, ClassId c, Singleton *out) {
    ClassId meta = metaclass_of(g, c), owner;
    if (!meta.i || !class_member(g, meta, hash_str(STR("__call__")), &owner).i) return false;
    ScopeRef function = own_function(g, owner, "__call__");
    if (scope_is_none(function)) return false;
    out->creator = creator_of(g, function, CREATOR_CALL, (SymbolId){0}, owner);
    if (!is_creator(&out->creator)) return false;
    out->form = SINGLETON_METACLASS;
    out->definer = owner;
    return true;
}

/* Nobody but the factory makes instances. */
static bool is_only_maker(const Graph *g, ClassId c, const Creator *creator) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->calls.n; i++) {
        OpRef call = node->calls.v[i];
        if (call.file != creator->function.file || call.op.i != creator->made.i) return false;
    }
    return true;
}

/* A static or class method that users call. */
static bool may_be_factory(const Graph *g, ClassId owner, u32 symbol, ScopeRef *method) {
    const ClassNode *node = &g->classes[owner.i];
    const Facts *f = g->files[node->file].facts;
    const Op *bind = facts_op(f, f->symbols[symbol].bind);
    if (bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_FUNCTION) return false;
    Entity e = entity_of_symbol(g, node->file, (SymbolId){symbol}, RESOLVE_DEPTH);
    if (e.kind != ENTITY_FUNCTION || e.file != node->file) return false;
    *method = (ScopeRef){e.file, {e.id}};
    MethodKind kind = graph_method_kind(g, *method);
    return (kind == METHOD_CLASS || kind == METHOD_STATIC) &&
           !str_starts(facts_str(f, f->symbols[symbol].name), "__");
}

static bool find_factory_in(Graph *g, ClassId owner, ClassId c, Singleton *out,
                            bool *has_factories) {
    const ClassNode *node = &g->classes[owner.i];
    const Scope *scope = &g->files[node->file].facts->scopes[node->scope.i];
    for (u32 i = scope->symbol_first; i < scope->symbol_end; i++) {
        ScopeRef method;
        if (!may_be_factory(g, owner, i, &method)) continue;
        *has_factories = true;
        out->creator = creator_of(g, method, CREATOR_FACTORY, (SymbolId){0}, owner);
        if (!is_creator(&out->creator) || !is_only_maker(g, c, &out->creator)) continue;
        out->form = SINGLETON_FACTORY;
        out->definer = owner;
        return true;
    }
    return false;
}

static bool find_factory(const Search *s, ClassId c, Singleton *out) {
    const ClassNode *node = &s->g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        u32 owner = node->mro[i].i;
        if (s->lacks[owner] & LACKS_FACTORY) continue;
        bool has_factories = false;
        if (find_factory_in(s->g, node->mro[i], c, out, &has_factories)) return true;
        if (!has_factories) s->lacks[owner] |= LACKS_FACTORY;
    }
    return false;
}

/* `def get_pool(): global _pool; if _pool is None: _pool = Pool()`: by the calls of the class. */
static bool find_module_factory(Graph *g, ClassId c, Singleton *out) {
    const ClassNode *node = &g->classes[c.i];
    if (node->calls.n != 1) return false;
    OpRef call = node->calls.v[0];
    const Facts *f = g->files[call.file].facts;
    ScopeId scope = enclosing_function(f, f->regions[f->ops[call.op.i].region.i].scope);
    if (!scope.i) return false;
    ScopeRef function = {call.file, scope};
    if (graph_method_class(g, function).i) return false;
    out->creator = creator_of(g, function, CREATOR_FACTORY, (SymbolId){0}, c);
    bool is_slot = out->creator.slot == SLOT_VARIABLE || out->creator.slot == SLOT_OBJECT;
    if (!is_creator(&out->creator) || !is_slot) return false;
    out->form = SINGLETON_FACTORY;
    out->definer = c;
    return true;
}

/* ---- Borg ---- */

/* A dict that all instances see: bound in the body of a class, or in a module. */
static bool is_shared_dict(const Graph *g, u32 file, PathId value) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[value.i];
    Entity e = entity_of_path(g, file, value, RESOLVE_DEPTH);
    if (e.kind == ENTITY_VARIABLE) {
        const Facts *home = g->files[e.file].facts;
        u8 scope = home->scopes[home->symbols[e.id].scope.i].kind;
        return scope == SCOPE_MODULE || scope == SCOPE_CLASS;
    }
    if (p->kind != PATH_ATTR || f->paths[p->parent.i].kind != PATH_SYMBOL) return false;
    bool is_class;
    ClassId c = self_class(g, file, facts_root_symbol(f, p->parent), &is_class), owner;
    return c.i && class_member(g, c, name_hash(f, (StrId){p->id}), &owner).i;
}

static bool find_borg_in(Graph *g, ClassId owner, const char *method, Singleton *out) {
    ScopeRef function = own_function(g, owner, method);
    if (scope_is_none(function) || !(g->files[function.file].mentions & MENTIONS_DICT))
        return false;
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        const Path *p = &f->paths[op->subject];
        if (op->kind != OP_STORE || p->kind != PATH_ATTR) continue;
        if (!str_is(facts_str(f, (StrId){p->id}), "__dict__")) continue;
        if (!is_shared_dict(g, function.file, bound_value(f, op))) continue;
        out->form = SINGLETON_BORG;
        out->definer = owner;
        out->share = (OpRef){function.file, {i}};
        return true;
    }
    return false;
}

static bool find_borg(const Search *s, ClassId c, Singleton *out) {
    const ClassNode *node = &s->g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        u32 owner = node->mro[i].i;
        if (s->lacks[owner] & LACKS_BORG) continue;
        if (find_borg_in(s->g, node->mro[i], "__init__", out) ||
            find_borg_in(s->g, node->mro[i], "__new__", out))
            return true;
        s->lacks[owner] |= LACKS_BORG;
    }
    return false;
}

/* ---- the table ---- */

static Singleton find_one(const Search *search, ClassId c) {
    Graph *g = search->g;
    Singleton s = {0};
    bool found = find_decorators(g, c, &s) || find_new(g, c, &s) || find_metaclass(g, c, &s) ||
                 find_borg(search, c, &s) || find_factory(search, c, &s) ||
                 find_module_factory(g, c, &s);
    if (!found) return (Singleton){0};
    s.is_multiton = s.creator.key_kind == KEY_ARGUMENTS;
    return s;
}

void singletons_find(Graph *g) {
    Search search = {g, arena_array(g->arena, u8, g->n_classes + 1)};
    for (u32 i = 1; i <= g->n_classes; i++) {
        Singleton s = find_one(&search, (ClassId){i});
        if (s.form == SINGLETON_NONE) continue;
        vec_push(g->arena, &g->singletons, s);
        map_set(g->arena, &g->singleton_of, i, g->singletons.n);
    }
}

Singleton graph_singleton(const Graph *g, ClassId c) {
    u32 at = map_get(&g->singleton_of, c.i);
    return at ? g->singletons.v[at - 1] : (Singleton){0};
}

bool graph_is_singleton(const Graph *g, ClassId c) {
    u32 at = map_get(&g->singleton_of, c.i);
    if (!at) return false;
    const Singleton *s = &g->singletons.v[at - 1];
    const Creator *creator = &s->creator;
    if (s->form == SINGLETON_BORG || s->form == SINGLETON_CACHED) return false;
    if (creator->is_always_fresh || creator->is_weakly_kept) return false;
    return creator->key_kind <= KEY_CLASS;
}

/* ---- slots that classes share ---- */

/* The class itself says `_instance = None`, or makes it otherwise. */
static bool has_own_slot(const Graph *g, ClassId c, Str name) {
    return member_of(g, c, hash_str(name)).i != 0;
}

/* `cls._instance = None` in `__init_subclass__`, or in a metaclass' `__init__` or `__new__`. */
static bool is_reset_by(const Graph *g, ScopeRef function, Str name) {
    if (scope_is_none(function)) return false;
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        const Path *p = &f->paths[op->subject];
        if (op->kind == OP_STORE && p->kind == PATH_ATTR &&
            str_eq(facts_str(f, (StrId){p->id}), name))
            return true;
    }
    return false;
}

static bool is_reset(const Graph *g, const Singleton *s, Str name) {
    if (s->form == SINGLETON_METACLASS)
        return is_reset_by(g, graph_method(g, s->definer, "__init__"), name) ||
               is_reset_by(g, graph_method(g, s->definer, "__new__"), name);
    return is_reset_by(g, graph_method(g, s->definer, "__init_subclass__"), name);
}

/* Does the class find the slot and the maker of `base`? */
static bool is_sharing(const Graph *g, ClassId sub, ClassId base, const Singleton *s) {
    const ClassNode *node = &g->classes[sub.i];
    if (sub.i == base.i || g->files[node->file].is_test) return false;
    bool derives = false;
    for (u32 i = 0; i < node->n_mro && !derives; i++) {
        derives = node->mro[i].i == base.i;
        if (!derives && has_own_slot(g, node->mro[i], s->creator.name)) return false;
    }
    Singleton own = graph_singleton(g, sub);
    return derives && own.form == s->form &&
           own.creator.function.scope.i == s->creator.function.scope.i &&
           own.creator.function.file == s->creator.function.file;
}

/* Does the project get an instance of the class: by a call of it, or of its factory
 * (`Base.instance()`)? */
static bool is_asked_for(const Graph *g, ClassId c, const Singleton *s) {
    if (s->form != SINGLETON_FACTORY) return g->classes[c.i].calls.n > 0;
    ScopeRef factory = s->creator.function;
    const FunctionNode *fn = &g->functions[function_id(g, factory.file, factory.scope)];
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        const Facts *f = g->files[call.file].facts;
        const Path *callee = &f->paths[f->ops[call.op.i].subject];
        if (callee->kind != PATH_ATTR || g->files[call.file].is_test) continue;
        Entity e = entity_of_path(g, call.file, callee->parent, RESOLVE_DEPTH);
        if (e.kind == ENTITY_CLASS && e.file == g->classes[c.i].file &&
            e.id == g->classes[c.i].scope.i)
            return true;
    }
    return false;
}

bool graph_shared_slot(const Graph *g, ClassId c, const Singleton *s, SharedSlot *shared) {
    const Creator *creator = &s->creator;
    bool found_in_bases = creator->slot == SLOT_CLASS && creator->test <= SLOT_TEST_TRUTH;
    bool is_one = creator->key_kind == KEY_NONE || creator->key_kind == KEY_CONSTANT;
    bool by_name = creator->slot == SLOT_NAMED || creator->slot == SLOT_VARIABLE;
    *shared = (SharedSlot){.base = c};
    if (scope_is_none(creator->function) || !is_one || creator->is_always_fresh) return false;
    if (s->form != SINGLETON_NEW && s->form != SINGLETON_METACLASS && s->form != SINGLETON_FACTORY)
        return false;
    if (!found_in_bases && !(by_name && s->form == SINGLETON_NEW)) return false;
    if (found_in_bases && is_reset(g, s, creator->name)) return false;
    ClassId family[FAMILY_SLOTS];
    u32 n = family_of(g, c, family);
    for (u32 i = 0; i < n; i++) {
        if (!is_sharing(g, family[i], c, s)) continue;
        shared->subclasses++;
        bool made = is_asked_for(g, family[i], s);
        if (!shared->subclass.i || (made && !shared->is_sub_made)) shared->subclass = family[i];
        shared->is_sub_made |= made;
    }
    shared->is_base_made = is_asked_for(g, c, s);
    return true;
}

/* ---- printing ---- */

static void print_at(const Graph *g, u32 file, OpId op, Buf *out) {
    const Facts *f = g->files[file].facts;
    u32 line, column;
    facts_line(f, f->ops[op.i].span.start, &line, &column);
    buf_printf(out, "%.*s:%u", STR_ARG(g->files[file].path), line);
}

static void print_creator(const Graph *g, const Creator *c, Buf *out) {
    static const char *const KEYS[] = {"", " under a constant key", " for each class",
                                       " for each set of arguments", " for each key"};
    Str function = graph_scope_name(g, c->function);
    buf_printf(out, "  made by %.*s at ", STR_ARG(function));
    print_at(g, c->function.file, c->made, out);
    if (c->is_always_fresh) {
        buf_printf(out, "\n  never kept: nothing fills the %s %.*s that is tested\n",
                   slot_text(c->slot), STR_ARG(c->name));
        return;
    }
    buf_printf(out, "\n  kept in %s %.*s%s at ", slot_text(c->slot), STR_ARG(c->name),
               KEYS[c->key_kind]);
    print_at(g, c->function.file, c->store, out);
    if (c->is_weakly_kept) buf_text(out, ", weakly");
    buf_printf(out, "\n  tested by %s at ", slot_test_text(c->test));
    print_at(g, c->function.file, c->test_op, out);
    buf_text(out, c->is_locked ? ", under a lock\n" : "\n");
}

void graph_print_singletons(const Graph *g, Buf *out) {
    static const char *const REPLACED[] = {
        "", ", the name is a function", ", the name is an object", ", the name is another class"};
    for (u32 i = 1; i <= g->n_classes; i++) {
        Singleton s = graph_singleton(g, (ClassId){i});
        if (s.form == SINGLETON_NONE) continue;
        Str name = graph_class_name(g, (ClassId){i}), by = graph_class_name(g, s.definer);
        buf_printf(out, "%s %.*s by %s", s.is_multiton ? "multiton" : "singleton", STR_ARG(name),
                   singleton_text(s.form));
        if (s.definer.i != i) buf_printf(out, " of %.*s", STR_ARG(by));
        buf_printf(out, "%s\n", REPLACED[s.replaced]);
        if (s.share.op.i) {
            buf_text(out, "  shared at ");
            print_at(g, s.share.file, s.share.op, out);
            buf_char(out, '\n');
        }
        if (!scope_is_none(s.creator.function)) print_creator(g, &s.creator, out);
    }
}
