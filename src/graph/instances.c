/* How often the instances of a class are made, and whether the class wants to have only one. */
#include "graph/argued.h"
#include "graph/starting.h"

enum { SITES_MAX = 200, FACTORY_CALLERS_MAX = 16, FACTORIES = 4 };

/* ---- one for all ---- */

/* `_instances = {}`: one for each class. In a list or a set of that name there are all of them. */
static bool has_table_of_instances(const Graph *g, ClassId c) {
    SymbolId s = member_of(g, c, hash_str(STR("_instances")));
    const Facts *f = g->files[g->classes[c.i].file].facts;
    if (!s.i) return false;
    ContainerKind kind =
        made_kind(g, g->classes[c.i].file, bound_value(f, &f->ops[f->symbols[s.i].bind.i]));
    return kind != CONTAINER_LIST && kind != CONTAINER_SET && kind != CONTAINER_WEAK &&
           kind != CONTAINER_DEQUE;
}

static bool is_named_singleton(const Graph *g, ClassId c) {
    static const char *const MEMBERS[] = {"_instance",  "__instance",    "instance",
                                          "_singleton", "get_instance",  "getInstance",
                                          "shared",     "_shared_state", "_the_instance"};
    const ClassNode *node = &g->classes[c.i];
    if (str_contains_word(node->metaclass, "singleton")) return true;
    if (node->metaclass_known.i &&
        str_contains_word(graph_class_name(g, node->metaclass_known), "singleton"))
        return true;
    for (u32 i = 0; i < node->n_bases; i++)
        if (str_contains_word(node->bases[i].name, "singleton")) return true;
    for (u32 i = 0; i < ARRAY_LEN(MEMBERS); i++)
        if (member_of(g, c, hash_str(str_from(MEMBERS[i]))).i) return true;
    if (has_table_of_instances(g, c)) return true;
    const Facts *f = g->files[node->file].facts;
    const Scope *scope = &f->scopes[node->scope.i];
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        Str name = graph_name_of(g, node->file, f->operands[d].path);
        if (str_contains_word(str_after_last(name, '.'), "singleton")) return true;
    }
    return false;
}

static bool is_singleton(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    if (graph_only_module_instances(g, c)) return true;
    for (u32 i = 0; i < node->n_mro; i++)
        if (is_named_singleton(g, node->mro[i])) return true;
    return false;
}

/* ---- one site ---- */

/* A decorator of the project's own, by its name: `cache_in_self`, `run_once`. */
static bool is_memo_name(Str name) {
    static const char *const WORDS[] = {"cache", "lazy", "memo", "once", "singleton"};
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_contains_word(name, WORDS[i])) return true;
    return false;
}

static bool is_memoised_by_name(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++) {
        PathId path = f->operands[d].path;
        const Path *p = &f->paths[path.i];
        if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL) path = op_path(&f->ops[p->id]);
        if (is_memo_name(str_after_last(graph_name_of(g, function.file, path), '.'))) return true;
    }
    return false;
}

bool graph_is_memoised(const Graph *g, ScopeRef function) {
    return function.scope.i && (is_memoised(g, function) || is_memoised_by_name(g, function));
}

/* `cls.manager = made`, soon after the variable was bound. */
static bool is_kept_by_class(const Facts *f, u32 from, SymbolId variable) {
    for (u32 i = from + 1; i < f->n_ops && i < from + 4; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_STORE || f->paths[op->subject].kind != PATH_ATTR) continue;
        const Path *value = &f->paths[bound_value(f, op).i];
        bool is_it = value->kind == PATH_SYMBOL && f->symbols[value->id].target.i == variable.i;
        const Symbol *owner = &f->symbols[facts_root_symbol(f, op_path(op)).i];
        if (is_it && str_is(facts_str(f, owner->name), "cls")) return true;
    }
    return false;
}

/* `engines["piper"] = …`, or `engines[name] = …` under `if name == "piper"`. */
static bool is_constant_key(const Facts *f, const Op *store) {
    PathId key = bound_key(f, store);
    ScopeId scope = f->regions[store->region.i].scope;
    if (!key.i || f->paths[key.i].kind == PATH_LITERAL) return f->paths[store->subject].depth > 0;
    for (RegionId r = store->region; r.i && f->regions[r.i].scope.i == scope.i;
         r = f->regions[r.i].parent)
        for (u32 t = f->regions[r.i].test_first; t < f->regions[r.i].test_end; t++) {
            const Op *test = &f->ops[t];
            bool is_equal = test->kind == OP_TEST && (test->flags & OP_LOW) == TEST_EQUAL &&
                            !(test->flags & OP_NEGATED);
            if (is_equal && test->subject == key.i &&
                f->paths[op_operand(f, test, 0).i].kind == PATH_LITERAL)
                return true;
        }
    return false;
}

/* The result goes to a module variable or an attribute of a class, which hold one. */
static bool is_kept_once(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    for (u32 i = call.op.i + 1; i < f->n_ops && i < call.op.i + 4; i++) {
        const Op *op = &f->ops[i];
        const Path *value = &f->paths[bound_value(f, op).i];
        if (op->kind != OP_BIND && op->kind != OP_STORE) continue;
        if (value->kind != PATH_OP || value->id != call.op.i) continue;
        SymbolId owner = facts_root_symbol(f, op_path(op));
        const Symbol *s = &f->symbols[owner.i];
        bool is_module = owner.i && f->scopes[s->scope.i].kind == SCOPE_MODULE;
        bool is_item = op->kind == OP_STORE && f->paths[op->subject].kind != PATH_ATTR;
        if (is_module && (!is_item || is_constant_key(f, op))) return true;
        if (op->kind == OP_STORE && str_is(facts_str(f, s->name), "cls")) return !is_item;
        if (op->kind == OP_BIND && owner.i) return is_kept_by_class(f, i, owner);
    }
    return false;
}

/* The module variable gets something other than None or False in the region. */
static bool is_set_in(const Facts *f, const Scope *scope, RegionId region, SymbolId variable) {
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_BIND || facts_root_symbol(f, op_path(op)).i != variable.i) continue;
        const Path *value = &f->paths[bound_value(f, op).i];
        RegionId r = op->region;
        while (r.i > region.i) r = f->regions[r.i].parent;
        bool is_reset = value->kind == PATH_LITERAL &&
                        (value->flags == LITERAL_NONE || value->flags == LITERAL_FALSE);
        if (r.i == region.i && !is_reset) return true;
    }
    return false;
}

/* `global env`, `if not env: env = …; Listener(env)`. */
static bool is_first_time(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    ScopeId s = f->regions[f->ops[call.op.i].region.i].scope;
    for (RegionId r = f->ops[call.op.i].region; r.i && f->regions[r.i].scope.i == s.i;
         r = f->regions[r.i].parent) {
        for (u32 t = f->regions[r.i].test_first; t < f->regions[r.i].test_end; t++) {
            const Op *test = &f->ops[t];
            if (test->kind != OP_TEST || f->paths[test->subject].kind != PATH_SYMBOL) continue;
            SymbolId variable = facts_root_symbol(f, op_path(test));
            ScopeId home = f->symbols[variable.i].scope;
            if (variable.i && f->scopes[home.i].kind == SCOPE_MODULE && home.i != s.i &&
                is_set_in(f, &f->scopes[s.i], r, variable))
                return true;
        }
    }
    return false;
}

/* `return Session(…)`: the callers decide. */
static bool is_returned(const Facts *f, OpId call) {
    for (u32 i = call.i + 1; i < f->n_ops && i < call.i + 4; i++) {
        const Path *value = &f->paths[op_operand(f, &f->ops[i], 0).i];
        if (f->ops[i].kind == OP_RETURN) return value->kind == PATH_OP && value->id == call.i;
    }
    return false;
}

static MadeHow making_at(const Graph *g, OpRef call, u32 depth);

static MadeHow making_by_callers(const Graph *g, ScopeRef factory, u32 depth) {
    const FunctionNode *fn = &g->functions[function_id(g, factory.file, factory.scope)];
    MadeHow most = MADE_UNSEEN;
    for (u32 i = 0; i < fn->callers.n && i < FACTORY_CALLERS_MAX; i++) {
        if (g->files[fn->callers.v[i].file].is_test) continue;
        MadeHow each = making_at(g, fn->callers.v[i], depth - 1);
        most = MAX(most, each);
    }
    if (most != MADE_UNSEEN) return most;
    /* users of a library await it, once for each operation */
    const Scope *s = &g->files[fn->file].facts->scopes[fn->scope.i];
    return s->flags & SCOPE_ASYNC ? MADE_OFTEN : MADE_MAYBE;
}

static MadeHow making_of(const Graph *g, ClassId c, u32 depth, OpRef *site);

/* `sys.exit(…)` in the function: a step of a command, which runs once. */
static bool is_command(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    const Scope *s = &f->scopes[function.scope.i];
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind == OP_CALL && str_is(graph_name_of(g, function.file, op_path(op)), "sys.exit"))
            return true;
    }
    return false;
}

/* `def handle(request)`: once for each. */
static bool takes_request(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    const Scope *s = &f->scopes[function.scope.i];
    for (u32 i = s->param_first; i < s->param_end; i++)
        if (graph_burden_of(g, function.file, f->params[i].symbol).kind == BURDEN_REQUEST)
            return true;
    return false;
}

/* `def mount(self, app)`, `def install(…)`: what a program does while it puts itself together. */
static bool is_setting_up(const Graph *g, ScopeRef function) {
    static const char *const WORDS[] = {"bootstrap", "install", "mount"};
    const Facts *f = g->files[function.file].facts;
    Str name = str_public(facts_str(f, f->scopes[function.scope.i].name));
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_starts(name, WORDS[i])) return true;
    return false;
}

/* `@wraps(fn)` on an inner function, where fn is a parameter: a decorator, or what makes one. */
static bool is_wrapping(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    const Scope *s = &f->scopes[function.scope.i];
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_CALL || !op->operands) continue;
        SymbolId of = facts_root_symbol(f, op_operand(f, op, 0));
        bool is_parameter = of.i && f->symbols[of.i].flags & SYMBOL_PARAM &&
                            f->symbols[of.i].scope.i == function.scope.i;
        if (is_parameter && str_is(graph_name_of(g, function.file, op_path(op)), "functools.wraps"))
            return true;
    }
    return false;
}

/* In `__init__`: as often as its own class is made, when anybody makes that. */
static MadeHow making_by_owner(const Graph *g, ScopeRef function, u32 depth) {
    const Facts *f = g->files[function.file].facts;
    bool is_init = str_is(facts_str(f, f->scopes[function.scope.i].name), "__init__");
    ClassId owner = is_init ? graph_method_class(g, function) : (ClassId){0};
    OpRef site = {0};
    if (owner.i && is_singleton(g, owner)) return MADE_MAYBE;
    MadeHow making = owner.i ? making_of(g, owner, depth - 1, &site) : MADE_UNSEEN;
    /* a base that nobody makes: a program has one of its subclasses, mostly */
    bool is_base = owner.i && g->classes[owner.i].subclasses.n;
    return making == MADE_UNSEEN && is_base ? MADE_MAYBE : making;
}

/* The result goes to an attribute that was asked for it before: `stats = getattr(huey, "_stats",
 * None)`, `if stats is None: stats = Stats(huey)`, `huey._stats = stats`. */
static bool is_remembered(const Facts *f, OpId call) {
    const Op *bind = NULL;
    for (u32 i = call.i + 1; i < f->n_ops && i < call.i + 4; i++) {
        const Op *op = &f->ops[i];
        const Path *value = &f->paths[bound_value(f, op).i];
        bool is_made = value->kind == PATH_OP && value->id == call.i;
        if (op->kind == OP_BIND && is_made) bind = op;
        if (!bind || op->kind != OP_STORE || value->kind != PATH_SYMBOL) continue;
        SymbolId variable = facts_root_symbol(f, op_path(bind));
        if (f->paths[op->subject].kind == PATH_ATTR && value->id < f->n_symbols &&
            f->symbols[value->id].target.i == variable.i)
            return !(f->symbols[variable.i].flags & SYMBOL_PARAM) && is_made_lazily(f, bind);
    }
    return false;
}

/* `if not self._box: self._box = Box(self)`: one for each instance of the class around it. */
ClassId lazy_owner(const Graph *g, OpRef call, ScopeRef function, Str *attribute) {
    const Facts *f = g->files[call.file].facts;
    SymbolId self = function.scope.i ? self_symbol(g, function) : (SymbolId){0};
    PathId kept = {0};
    for (u32 i = call.op.i + 1; self.i && i < f->n_ops && i < call.op.i + 3 && !kept.i; i++) {
        const Op *op = &f->ops[i];
        const Path *value = &f->paths[bound_value(f, op).i], *to = &f->paths[op->subject];
        bool is_it = op->kind == OP_STORE && value->kind == PATH_OP && value->id == call.op.i;
        if (is_it && to->kind == PATH_ATTR && facts_root_symbol(f, op_path(op)).i == self.i)
            kept = op_path(op);
    }
    RegionId r = f->ops[call.op.i].region;
    for (; kept.i && r.i && f->regions[r.i].scope.i == function.scope.i; r = f->regions[r.i].parent)
        for (u32 t = f->regions[r.i].test_first; t < f->regions[r.i].test_end; t++)
            if (f->ops[t].kind == OP_TEST && f->ops[t].subject == kept.i) {
                if (attribute) *attribute = facts_attribute(f, kept);
                return graph_method_class(g, function);
            }
    return (ClassId){0};
}

/* ---- the object is the process ---- */

/* It returns when the process ends: GTK's loop, or Twisted's reactor, wherever that came from. */
static bool is_main_loop(const Graph *g, u32 file, PathId callee) {
    const Facts *f = g->files[file].facts;
    const Path *p = &f->paths[callee.i];
    if (p->kind != PATH_ATTR) return false;
    Str method = facts_str(f, (StrId){p->id});
    if (!str_is(method, "run") && !str_is(method, "main")) return false;
    Str name = graph_name_of(g, file, callee);
    if (str_is(name, "gi.repository.Gtk.main") || str_is(name, "gtk.main")) return true;
    const Path *of = &f->paths[p->parent.i];
    Str receiver = of->kind == PATH_SYMBOL ? facts_str(f, f->symbols[of->id].name) : (Str){0};
    return str_is(method, "run") && str_is(receiver, "reactor");
}

/* A method of the class runs the main loop of the process, or a base is a toolkit's application. */
static bool is_process(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    if (is_application(g, c)) return true;
    for (u32 i = 0; i < node->n_mro; i++) {
        const ClassNode *each = &g->classes[node->mro[i].i];
        const Facts *f = g->files[each->file].facts;
        const Scope *scope = &f->scopes[each->scope.i];
        for (u32 k = scope->op_first; k < scope->op_end; k++)
            if (f->ops[k].kind == OP_CALL && !f->ops[k].operands &&
                is_main_loop(g, each->file, op_path(&f->ops[k])))
                return true;
    }
    return false;
}

static bool is_application_window(const BaseRef *base) {
    return str_ends(base->name, "ApplicationWindow");
}

static bool is_window_of_application(const Graph *g, ClassId c) {
    return c.i && (is_application(g, c) || class_has_base(g, c, is_application_window));
}

/* `self.page = Page(self)` in the window of an application, also in a function inside a method. */
static bool is_part_of_window(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    if (region_is_in_loop(f, f->ops[call.op.i].region)) return false;
    for (u32 i = call.op.i + 1; i < f->n_ops && i < call.op.i + 4; i++) {
        const Op *op = &f->ops[i];
        const Path *value = &f->paths[bound_value(f, op).i], *to = &f->paths[op->subject];
        bool is_it = op->kind == OP_STORE && value->kind == PATH_OP && value->id == call.op.i;
        bool is_class;
        if (is_it && to->kind == PATH_ATTR && to->depth == 1)
            return is_window_of_application(
                g, self_class(g, call.file, facts_root_symbol(f, op_path(op)), &is_class));
    }
    return false;
}

/* The variable has what a method of the object gave that the call makes. */
static bool is_told_by(const Graph *g, OpRef call, const Op *bind) {
    const Facts *f = g->files[call.file].facts;
    const Path *value = &f->paths[bound_value(f, bind).i];
    if (bind->kind != OP_BIND || value->kind != PATH_OP) return false;
    const Op *told = &f->ops[value->id];
    const Path *method = &f->paths[told->subject];
    if (told->kind != OP_CALL || method->kind != PATH_ATTR) return false;
    const Path *made = &f->paths[graph_alias_of(g, call.file, method->parent).i];
    return made->kind == PATH_OP && made->id == call.op.i;
}

/* `while code == RESTART: app = App(); code = app.start()`: once for each time that somebody asks
 * for it. */
static bool is_restart(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    const Region *loop = &f->regions[f->ops[call.op.i].region.i];
    const Scope *scope = &f->scopes[loop->scope.i];
    if (loop->kind != REGION_WHILE || region_is_in_loop(f, loop->parent)) return false;
    for (u32 t = loop->test_first; t < loop->test_end; t++) {
        const Op *test = &f->ops[t];
        if (test->kind != OP_TEST || (test->flags & OP_LOW) != TEST_EQUAL) continue;
        if (test->flags & OP_NEGATED) continue;
        for (u32 i = call.op.i + 1; i < scope->op_end; i++)
            if (f->ops[i].kind == OP_BIND && f->ops[i].subject == test->subject)
                return is_told_by(g, call, &f->ops[i]);
    }
    return false;
}

static MadeHow making_at(const Graph *g, OpRef call, u32 depth) {
    const Facts *f = g->files[call.file].facts;
    const Op *op = &f->ops[call.op.i];
    HowOften how = graph_how_often(g, call.file, op->region);
    ScopeId s = enclosing_function(f, f->regions[op->region.i].scope);
    ScopeRef function = {call.file, s};
    Str word;
    if (how < RUNS_PER_INSTANCE || is_kept_once(g, call) || is_first_time(g, call))
        return MADE_ONCE;
    if (graph_is_memoised(g, function)) return MADE_ONCE;
    if (graph_standing(g, call.file, &word) == STANDING_TOOL || is_part_of_window(g, call))
        return MADE_MAYBE;
    if (s.i && (is_setting_up(g, function) || is_wrapping(g, function))) return MADE_MAYBE;
    MadeHow owner = depth && s.i && !region_is_in_loop(f, op->region)
                        ? making_by_owner(g, function, depth)
                        : MADE_UNSEEN;
    if (owner == MADE_ONCE || owner == MADE_MAYBE) return owner;
    ClassId lazy = depth ? lazy_owner(g, call, function, NULL) : (ClassId){0};
    OpRef site = {0};
    /* a class that is handed on, somebody else makes: `app.add_directive("x", Directive)` */
    bool is_seen = lazy.i && !g->classes[lazy.i].escapes;
    MadeHow by_owner = is_seen ? making_of(g, lazy, depth - 1, &site) : MADE_UNSEEN;
    if (by_owner != MADE_UNSEEN) return MAX(by_owner, MADE_MAYBE);
    if (depth && s.i && is_returned(f, call.op)) return making_by_callers(g, function, depth);
    bool is_for_request = s.i && takes_request(g, function);
    if (!is_for_request && !region_is_in_loop(f, op->region) && is_remembered(f, call.op))
        return MADE_MAYBE;
    if (is_restart(g, call)) return MADE_MAYBE;
    if (how == RUNS_PER_ROUND) return MADE_OFTEN;
    bool is_driven =
        s.i && (graph_is_driven(g, function) || graph_is_served(g, function) || is_for_request);
    return is_driven && !is_command(g, function) ? MADE_OFTEN : MADE_MAYBE;
}

/* The most often of all places but tests that make one, and where that is. */
static MadeHow making_of(const Graph *g, ClassId c, u32 depth, OpRef *site) {
    ClassId family[FAMILY_SLOTS];
    u32 n = c.i ? family_of(g, c, family) : 0, sites = 0;
    MadeHow most = MADE_UNSEEN;
    for (u32 k = 0; k < n; k++) {
        const ClassNode *node = &g->classes[family[k].i];
        if (!class_is_kind_of(g, family[k], c)) continue;
        for (u32 i = 0; i < node->calls.n && sites < SITES_MAX; i++, sites++) {
            OpRef call = node->calls.v[i];
            if (g->files[call.file].is_test) continue;
            MadeHow making = making_at(g, call, depth);
            if (making == MADE_OFTEN && is_process(g, family[k])) making = MADE_MAYBE;
            if (making <= most) continue;
            most = making;
            *site = call;
        }
    }
    return most;
}

/* The class or a subclass, from which no other one derives, is made by nobody in the project. */
static bool has_unmade(const Graph *g, ClassId c) {
    ClassId family[FAMILY_SLOTS];
    u32 n = c.i ? family_of(g, c, family) : 0;
    for (u32 k = 0; k < n; k++) {
        const ClassNode *node = &g->classes[family[k].i];
        bool is_test = g->files[node->file].is_test;
        if (class_is_kind_of(g, family[k], c) && !node->subclasses.n && !node->calls.n && !is_test)
            return true;
    }
    return false;
}

bool graph_is_declared(const Graph *g, ClassId c) {
    ClassId family[FAMILY_SLOTS];
    u32 n = c.i ? family_of(g, c, family) : 0, sites = 0, declared = 0;
    for (u32 k = 0; k < n; k++) {
        const ClassNode *node = &g->classes[family[k].i];
        for (u32 i = 0; i < node->calls.n && sites < SITES_MAX; i++) {
            OpRef call = node->calls.v[i];
            const Facts *f = g->files[call.file].facts;
            RegionId region = f->ops[call.op.i].region;
            bool is_module = f->scopes[f->regions[region.i].scope.i].kind == SCOPE_MODULE;
            if (g->files[call.file].is_test || !class_is_kind_of(g, family[k], c)) continue;
            sites++;
            declared += is_module && graph_how_often(g, call.file, region) == RUNS_ONCE;
        }
    }
    return declared > sites - declared;
}

/* `class Report(View)`: the framework makes one for each request or connection. */
static bool is_made_by_framework(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        const ClassNode *each = &g->classes[node->mro[i].i];
        for (u32 b = 0; each->is_serving && b < each->n_bases; b++)
            if (know_is_made_per_request(each->bases[b].name)) return true;
    }
    return false;
}

Instances graph_instances(const Graph *g, ClassId c) {
    Instances out = {.is_singleton = c.i && is_singleton(g, c), .is_for_users = has_unmade(g, c)};
    out.making = making_of(g, c, FACTORIES, &out.site);
    if (out.making == MADE_UNSEEN && is_made_by_framework(g, c)) out.making = MADE_OFTEN;
    if (out.making == MADE_OFTEN && is_made_by_main(g, c)) out.making = MADE_MAYBE;
    return out;
}

/* `self.session = Session(…)` in a method, and no other one lets go of it there. */
static bool is_kept_by_owner(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    for (u32 i = call.op.i + 1; i < f->n_ops && i < call.op.i + 4; i++) {
        const Op *op = &f->ops[i];
        const Path *value = &f->paths[bound_value(f, op).i], *to = &f->paths[op->subject];
        bool is_it = op->kind == OP_STORE && value->kind == PATH_OP && value->id == call.op.i;
        bool is_class = false;
        if (!is_it || to->kind != PATH_ATTR || to->depth != 1) continue;
        ClassId owner = self_class(g, call.file, facts_root_symbol(f, op_path(op)), &is_class);
        return owner.i && !is_class && graph_instances(g, owner).making != MADE_OFTEN &&
               !graph_attribute_clearings(g, owner, facts_attribute(f, op_path(op)));
    }
    return false;
}

/* `at` is an operation of the constructor, or none: calls that never come to it count as passed. */
static bool makers_keep(const Graph *g, ClassId c, bool is_each, OpRef at, u32 *passed) {
    ClassId family[FAMILY_SLOTS];
    u32 n = c.i ? family_of(g, c, family) : 0, sites = 0;
    CallLink link = {.function = at.op.i ? function_of_op(g, at) : (ScopeRef){0}};
    for (u32 k = 0; k < n; k++) {
        const ClassNode *node = &g->classes[family[k].i];
        if (!class_is_kind_of(g, family[k], c)) continue;
        for (u32 i = 0; i < node->calls.n && sites < SITES_MAX; i++) {
            OpRef call = node->calls.v[i];
            if (g->files[call.file].is_test) continue;
            link.call = call;
            bool is_passed = at.op.i && call_passes_by(g, &link, at.op);
            bool stays = is_passed || making_at(g, call, FACTORIES) != MADE_OFTEN ||
                         is_kept_by_key(g, call) || (!is_each && is_kept_by_owner(g, call));
            if (!stays) return false;
            *passed += is_passed;
            sites++;
        }
    }
    return sites > 0;
}

bool graph_stays_with_maker(const Graph *g, ClassId c, bool is_each) {
    return makers_keep(g, c, is_each, (OpRef){0}, &(u32){0});
}

bool graph_is_seldom_reached(const Graph *g, ClassId c, OpRef at) {
    ScopeRef function = function_of_op(g, at), init = graph_method(g, c, "__init__");
    bool is_init = init.scope.i && init.file == function.file && init.scope.i == function.scope.i;
    u32 passed = 0;
    return is_init && makers_keep(g, c, false, at, &passed) && passed;
}

/* `@filter("colors")`, or bare. */
static bool decorates(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    for (u32 s = 1; s < f->n_scopes; s++)
        for (u32 d = f->scopes[s].decorator_first; d < f->scopes[s].decorator_end; d++) {
            const Path *p = &f->paths[f->operands[d].path.i];
            if (p->kind == PATH_OP && p->id == call.op.i) return true;
        }
    return false;
}

bool graph_is_decorator_class(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->calls.n && i < FACTORY_CALLERS_MAX; i++) {
        OpRef call = node->calls.v[i];
        RegionId region = g->files[call.file].facts->ops[call.op.i].region;
        if (g->files[call.file].is_test) continue;
        if (graph_how_often(g, call.file, region) < RUNS_PER_INSTANCE && decorates(g, call))
            return true;
    }
    return false;
}
