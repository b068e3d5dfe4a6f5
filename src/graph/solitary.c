/* Classes of which a process makes one object: each place that makes one stands outside loops, in
 * the program's main function or in what that calls once, or then runs it until it ends. What waits
 * for the collector there waits for the end of the process. */
#include "graph/starting.h"

enum {
    STEPS = 10,  /* from a place up to the main function */
    CHAIN = 6,   /* operations of one assignment to several targets */
    TAIL = 60,   /* operations from a call to what is done with its result */
    LOOKS = 200, /* places and functions that one question looks at */
};

typedef struct Solitary {
    const Graph *g;
    u32 left;        /* places that may still be looked at */
    bool is_offered; /* users have the class: only what is certain counts */
    bool may_repeat; /* once for each thing that the settings list is once enough */
} Solitary;

/* `def main():`, `async def main_async(args):`, `def _main():`, `def run_main():` of a module. */
static bool is_main(const Facts *f, const Scope *s) {
    Str name = str_public(facts_str(f, s->name));
    return f->scopes[s->parent.i].kind == SCOPE_MODULE &&
           (str_is(name, "main") || str_ends(name, "_main") || str_starts(name, "main_"));
}

/* `test()`, `_demo()` at the end of a module of a library show how it is used. */
static bool is_demonstration(const Facts *f, ScopeId function) {
    Str name = str_public(facts_str(f, f->scopes[function.i].name));
    return str_starts(name, "test") || str_starts(name, "demo") || str_starts(name, "example");
}

static Str package_of(const Graph *g, u32 file) {
    Str module = g->files[file].module;
    i64 dot = str_find(module, '.');
    return dot < 0 ? module : str_sub(module, 0, (u32)dot);
}

/* Toolkits allow one of these in a process. */
static bool is_application_base(const BaseRef *base) {
    static const char *const NAMES[] = {"Adw.Application", "Gio.Application",  "Gtk.Application",
                                        "QApplication",    "QCoreApplication", "QGuiApplication",
                                        "kivy.app.App",    "textual.app.App",  "wx.App"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_ends(base->name, NAMES[i])) return true;
    return false;
}

bool is_application(const Graph *g, ClassId c) {
    return class_has_base(g, c, is_application_base);
}

/* Toolkits call it once on their application. */
static bool is_startup_method(Str name) {
    static const char *const NAMES[] = {"OnInit",      "build",      "compose",
                                        "do_activate", "do_startup", "on_mount"};
    return str_is_any(name, NAMES, ARRAY_LEN(NAMES));
}

/* `app.py` beside the package that it starts: the program itself. */
static bool is_beside_packages(const Graph *g, u32 file) {
    Str path = g->files[file].real_path;
    Str below = str_sub(path, MIN(g->common_root, path.n), path.n);
    return str_find(below, '/') < 0 && str_find(g->files[file].module, '.') < 0;
}

static bool is_main_method(Str name) {
    static const char *const NAMES[] = {"main", "main_loop",   "mainloop",
                                        "run",  "run_forever", "serve_forever"};
    return str_is_any(name, NAMES, ARRAY_LEN(NAMES));
}

/* What a process of multiprocessing runs: its target, or `run` of its class. */
static bool is_main_of_process(const Graph *g, u32 fn, Str name) {
    ClassId owner = g->functions[fn].owner;
    if (map_get(&g->process_targets, fn)) return true;
    return owner.i && str_is(name, "run") &&
           (graph_is_subclass(g, owner, "multiprocessing.Process") ||
            graph_is_subclass(g, owner, "multiprocessing.context.Process") ||
            graph_is_subclass(g, owner, "multiprocessing.process.BaseProcess"));
}

/* `def init(host): return Module(host)`: nothing calls it, so that a host which loads the module
 * does so by its name, once. */
static bool is_module_hook(const Facts *f, const FunctionNode *fn, const Scope *s) {
    static const char *const NAMES[] = {"init", "initialise", "initialize", "setup"};
    return f->scopes[s->parent.i].kind == SCOPE_MODULE && !fn->callers.n && !fn->escapes &&
           str_is_any(facts_str(f, s->name), NAMES, ARRAY_LEN(NAMES));
}

/* `parser.parse_args()`, `sys.exit(…)`. */
static bool is_for_command_line(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    const Scope *s = &f->scopes[function.scope.i];
    for (u32 i = s->op_first; i < s->op_end; i++) {
        if (f->ops[i].kind != OP_CALL) continue;
        Str name = facts_last_name(f, op_path(&f->ops[i]));
        if (str_is(name, "parse_args") || str_is(name, "parse_known_args")) return true;
        if (str_is(graph_name_of(g, function.file, op_path(&f->ops[i])), "sys.exit")) return true;
    }
    return false;
}

/* `def run(cls):` of the class itself, which reads the command line: a console script calls it. */
static bool is_main_of_class(const Graph *g, ScopeRef function) {
    const Facts *f = g->files[function.file].facts;
    return graph_method_kind(g, function) == METHOD_CLASS &&
           is_main_method(facts_str(f, f->scopes[function.scope.i].name)) &&
           is_for_command_line(g, function);
}

static bool is_single_site(Solitary *s, OpRef call, u32 steps);
static bool is_solitary(Solitary *s, ClassId c, u32 steps);

/* The main function of a program, or what it calls once. */
static bool runs_once(Solitary *s, ScopeRef function, u32 steps) {
    const Facts *f = s->g->files[function.file].facts;
    const Scope *scope = &f->scopes[function.scope.i];
    u32 id = function_id(s->g, function.file, function.scope);
    const FunctionNode *fn = &s->g->functions[id];
    if (graph_is_command(s->g, function)) return true;
    if (is_main_of_process(s->g, id, facts_str(f, scope->name))) return true;
    bool seen = false;
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef call = fn->callers.v[i];
        const Facts *from = s->g->files[call.file].facts;
        ScopeId around =
            enclosing_function(from, from->regions[from->ops[call.op.i].region.i].scope);
        if (s->g->files[call.file].is_test || is_demonstration(from, around)) continue;
        if (around.i == function.scope.i && call.file == function.file) return false;
        if (!steps || !is_single_site(s, call, steps - 1)) return false;
        seen = true;
    }
    OpRef site = seen ? (OpRef){0} : handed_once(s->g, function);
    if (site.op.i) return steps && is_single_site(s, site, steps - 1);
    if (seen || is_main(f, scope) || is_module_hook(f, fn, scope)) return true;
    if (is_main_of_class(s->g, function)) return true;
    /* `Program().run()`, also through `partial(self.run, options)` */
    return steps && fn->owner.i && is_main_method(facts_str(f, scope->name)) &&
           is_solitary(s, fn->owner, steps - 1);
}

/* Is it what the call makes, or what that holds: `boss`, `boss.child`? */
static bool is_of_made(const Graph *g, OpRef call, PathId path) {
    const Facts *f = g->files[call.file].facts;
    for (u32 i = 0; i < STEPS; i++) {
        const Path *p = &f->paths[graph_alias_of(g, call.file, path).i];
        if (p->kind == PATH_OP) return p->id == call.op.i;
        if (p->kind != PATH_ATTR) return false;
        path = p->parent;
    }
    return false;
}

/* A loop of it makes one in each round, or it runs in the rounds of another one, or for requests.
 */
static bool makes_many(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    ScopeRef function = function_of_op(g, call);
    if (region_is_in_loop(f, f->ops[call.op.i].region) || graph_is_served(g, function)) return true;
    const FunctionNode *fn = &g->functions[function_id(g, function.file, function.scope)];
    for (u32 i = 0; i < fn->callers.n; i++) {
        OpRef caller = fn->callers.v[i];
        const Facts *from = g->files[caller.file].facts;
        if (!g->files[caller.file].is_test &&
            region_is_in_loop(from, from->ops[caller.op.i].region))
            return true;
    }
    return false;
}

/* `server = Server(…)`, `server.run()`: the function is busy with it for as long as it lives. */
static bool is_served(const Graph *g, OpRef call, ClassId made) {
    const Facts *f = g->files[call.file].facts;
    const Scope *scope = &f->scopes[f->regions[f->ops[call.op.i].region.i].scope.i];
    if (scope->kind != SCOPE_FUNCTION || makes_many(g, call)) return false;
    bool is_lasting = graph_looks_lasting(g, made);
    for (u32 i = call.op.i + 1; i < MIN(scope->op_end, call.op.i + TAIL); i++) {
        const Path *callee = &f->paths[f->ops[i].subject];
        if (f->ops[i].kind != OP_CALL || callee->kind != PATH_ATTR) continue;
        Str name = facts_str(f, (StrId){callee->id});
        bool is_loop = str_ends(name, "loop") || str_ends(name, "forever");
        if (is_main_method(name) && (is_lasting || is_loop) && is_of_made(g, call, callee->parent))
            return true;
    }
    return false;
}

/* `del a`, `del b` in the code of the module. */
static bool is_deleted_later(const Facts *f, OpId from) {
    for (u32 i = from.i; i < f->n_ops; i++)
        if (f->ops[i].kind == OP_DELETE && !(f->ops[i].flags & OP_IMPLICIT) &&
            f->paths[f->ops[i].subject].kind == PATH_SYMBOL)
            return true;
    return false;
}

/* Nobody in the project makes one, tests left out. */
static bool is_unmade(const Graph *g, ClassId c) {
    ClassId family[FAMILY_SLOTS];
    u32 n = family_of(g, c, family);
    for (u32 k = 0; k < n; k++) {
        const ClassNode *node = &g->classes[family[k].i];
        if (!class_is_kind_of(g, family[k], c)) continue;
        for (u32 i = 0; i < node->calls.n; i++)
            if (!g->files[node->calls.v[i].file].is_test) return false;
    }
    return true;
}

/* Its host makes it by its name, once: nobody in the project does, and a base is called so. */
static bool is_plugin(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        Str name = str_after_last(graph_class_name(g, node->mro[i]), '.');
        bool is_base = i > 0 || !node->subclasses.n;
        bool is_named = str_ends(name, "Plugin") || str_ends(name, "PluginBase") ||
                        (i > 0 && str_ends(name, "Component"));
        if (is_base && is_named) return is_unmade(g, c);
    }
    return false;
}

/* `global player`, `player = Player()` in a function that nothing shows to run again, or that sets
 * up by its name: the next one would take its place. */
static bool is_of_module(const Graph *g, OpRef call, ScopeRef function) {
    const Facts *f = g->files[call.file].facts;
    for (u32 i = call.op.i + 1; i < MIN(f->n_ops, call.op.i + CHAIN); i++) {
        const Path *value = &f->paths[bound_value(f, &f->ops[i]).i];
        if (f->ops[i].kind != OP_BIND || value->kind != PATH_OP || value->id != call.op.i) continue;
        SymbolId to = facts_root_symbol(f, op_path(&f->ops[i]));
        ScopeId scope = f->symbols[f->symbols[to.i].target.i].scope;
        if (f->scopes[scope.i].kind != SCOPE_MODULE) continue;
        Str name = facts_str(f, f->scopes[function.scope.i].name);
        return is_setup_name(name) || !graph_is_driven(g, function);
    }
    return false;
}

/* `init_layout(self)`, `_setup_ui(self)`: parts of a constructor, by their names. */
static bool is_part_of_init(Str name) {
    static const char *const WORDS[] = {"__init__", "init", "set_up", "setup"};
    for (u32 i = 0; i < ARRAY_LEN(WORDS); i++)
        if (str_starts(i ? str_public(name) : name, WORDS[i])) return true;
    return false;
}

/* A command ends, and what it has made ends with it. */
static bool is_in_command(const Graph *g, u32 file) {
    Str word;
    return graph_standing(g, file, &word) == STANDING_TOOL;
}

/* `config`, `self.settings["jobs"]`, `options.hosts`, `bot.get_config_option("jobs")`. */
static bool is_settings_name(Str name) {
    static const char *const NAMES[] = {"args", "cfg", "conf", "options", "opts"};
    return str_contains(name, "config") || str_contains(name, "setting") ||
           str_is_any(str_after_last(name, '_'), NAMES, ARRAY_LEN(NAMES));
}

static bool is_of_settings(const Graph *g, u32 file, PathId path) {
    static const char *const WRAPPERS[] = {"enumerate", "list", "range", "sorted"};
    const Facts *f = g->files[file].facts;
    for (u32 i = 0; path.i && i < CHAIN; i++) {
        path = graph_alias_of(g, file, path);
        const Path *p = &f->paths[path.i];
        const Op *op = &f->ops[p->kind == PATH_OP ? p->id : 0];
        if (is_settings_name(facts_last_name(f, path))) return true;
        if (op->kind == OP_LIST || op->kind == OP_TUPLE) return true;
        path = p->parent;
        if (op->kind != OP_CALL) continue;
        path = op_path(op);
        if (is_settings_name(facts_last_name(f, path))) return true;
        bool is_wrapper = f->paths[path.i].kind == PATH_SYMBOL &&
                          str_is_any(facts_last_name(f, path), WRAPPERS, ARRAY_LEN(WRAPPERS));
        if (is_wrapper && str_is(facts_last_name(f, path), "range")) return true;
        if (is_wrapper) path = op_operand(f, op, 0);
    }
    return false;
}

/* The loops around it run over what the settings list, over a display or a range of numbers. */
static bool is_in_loops_of_settings(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    RegionId inner = f->ops[call.op.i].region;
    ScopeId scope = f->regions[inner.i].scope;
    RegionId loop = loop_of_region(f, inner);
    for (u32 i = call.op.i; loop.i && i-- > f->scopes[scope.i].op_first;) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_ITERATE || f->ops[i + 1].region.i != loop.i) continue;
        if (op->flags & OP_ASYNC || !is_of_settings(g, call.file, op_path(op))) return false;
        loop = loop_of_region(f, f->regions[loop.i].parent);
    }
    return !loop.i && f->scopes[scope.i].kind == SCOPE_FUNCTION;
}

/* In a constructor, or once the attribute is missed: one for each object of that class. */
static bool is_single_site(Solitary *s, OpRef call, u32 steps) {
    const Facts *f = s->g->files[call.file].facts;
    RegionId region = f->ops[call.op.i].region;
    ScopeRef function = function_of_op(s->g, call);
    if (!s->left) return false;
    s->left--;
    if (region_is_in_loop(f, region) && !(s->may_repeat && is_in_loops_of_settings(s->g, call)))
        return false;
    if (!function.scope.i) return !is_deleted_later(f, call.op);
    if (!s->is_offered && is_in_command(s->g, call.file)) return true;
    ClassId owner = graph_method_class(s->g, function);
    Str name = facts_str(f, f->scopes[function.scope.i].name);
    bool is_init = (s->is_offered ? str_is(name, "__init__") : is_part_of_init(name)) ||
                   (owner.i && is_startup_method(name) && is_application(s->g, owner));
    Str slot = {0};
    ClassId holder = is_init ? owner : lazy_owner(s->g, call, function, &slot);
    /* switched off, it is let go, and the next one is another */
    if (slot.n && graph_attribute_clearings(s->g, holder, slot)) return false;
    if (holder.i && graph_is_singleton(s->g, holder)) return true;
    if (holder.i) return steps && (is_solitary(s, holder, steps - 1) || is_plugin(s->g, holder));
    if (owner.i && is_setup_name(name) && is_plugin(s->g, owner)) return true;
    return is_of_module(s->g, call, function) || runs_once(s, function, steps);
}

/* `cls(…)` in the main function of a base makes whichever class the program is. */
static bool is_made_by_base(Solitary *s, ClassId c, u32 steps) {
    const ClassNode *node = &s->g->classes[c.i];
    for (u32 k = 0; k < node->n_mro; k++) {
        const ClassNode *base = &s->g->classes[node->mro[k].i];
        for (u32 i = 0; k && i < base->calls.n; i++) {
            OpRef call = base->calls.v[i];
            const Facts *f = s->g->files[call.file].facts;
            ScopeRef function = {call.file, f->regions[f->ops[call.op.i].region.i].scope};
            SymbolId callee = facts_root_symbol(f, op_path(&f->ops[call.op.i]));
            bool is_class = false;
            if (f->paths[f->ops[call.op.i].subject].kind != PATH_SYMBOL) continue;
            if (self_class(s->g, call.file, callee, &is_class).i != node->mro[k].i) continue;
            if (is_class && is_main_of_class(s->g, function) && is_single_site(s, call, steps))
                return true;
        }
    }
    return false;
}

static bool is_solitary(Solitary *s, ClassId c, u32 steps) {
    ClassId family[FAMILY_SLOTS];
    u32 n = family_of(s->g, c, family), sites = 0;
    if (is_application(s->g, c)) return true;
    for (u32 k = 0; k < n; k++) {
        const ClassNode *node = &s->g->classes[family[k].i];
        if (!class_is_kind_of(s->g, family[k], c)) continue;
        for (u32 i = 0; i < node->calls.n; i++) {
            OpRef call = node->calls.v[i];
            const Facts *f = s->g->files[call.file].facts;
            ScopeId scope = f->regions[f->ops[call.op.i].region.i].scope;
            if (s->g->files[call.file].is_test || is_demonstration(f, enclosing_function(f, scope)))
                continue;
            /* benchmarks and examples beside a library do not say how it is used */
            if (!str_eq(package_of(s->g, call.file), package_of(s->g, node->file)) &&
                (graph_is_offered(s->g, c) || !is_beside_packages(s->g, call.file)))
                continue;
            if (!is_single_site(s, call, steps) && !is_served(s->g, call, family[k])) return false;
            sites++;
        }
    }
    return sites > 0 || is_made_by_base(s, c, steps);
}

bool is_made_by_main(const Graph *g, ClassId c) {
    ScopeRef class = {g->classes[c.i].file, g->classes[c.i].scope};
    Solitary s = {g, LOOKS, c.i && is_reexported(g, class), false};
    return c.i && is_solitary(&s, c, STEPS);
}

bool graph_is_run_by_main(const Graph *g, ScopeRef function) {
    Solitary s = {g, LOOKS, false, false};
    return runs_once(&s, function, STEPS);
}

bool is_started_by_main(const Graph *g, ScopeRef function) {
    Solitary s = {g, LOOKS, false, true};
    return runs_once(&s, function, STEPS);
}

/* `def __call__(cls): return cls.instance` of its metaclass: to call the class makes none, it gives
 * the one that some other method has made. */
static bool is_given_by_metaclass(const Graph *g, ClassId c) {
    ClassId meta = c.i ? metaclass_of(g, c) : (ClassId){0};
    ScopeRef call = meta.i ? graph_method(g, meta, "__call__") : (ScopeRef){0};
    if (scope_is_none(call)) return false;
    const Facts *f = g->files[call.file].facts;
    const Scope *scope = &f->scopes[call.scope.i];
    const Op *only = &f->ops[scope->op_first];
    if (scope->op_end != scope->op_first + 1 || only->kind != OP_RETURN) return false;
    const Path *value = &f->paths[op_operand(f, only, 0).i];
    return value->kind == PATH_ATTR && value->depth == 1 &&
           facts_root_symbol(f, op_operand(f, only, 0)).i == self_symbol(g, call).i;
}

bool graph_is_solitary(const Graph *g, ClassId c) {
    return is_made_by_main(g, c) || is_given_by_metaclass(g, c) || (c.i && is_plugin(g, c));
}

/* ---- what a cache may keep ---- */

/* `made = table[key] = cls(…)` in a class method of the class. */
static bool is_tabled_site(const Graph *g, ClassId c, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    ScopeRef function = {call.file, f->regions[f->ops[call.op.i].region.i].scope};
    bool is_own =
        graph_method_kind(g, function) == METHOD_CLASS && graph_method_class(g, function).i == c.i;
    for (u32 i = call.op.i + 1; is_own && i < MIN(f->n_ops, call.op.i + CHAIN); i++) {
        const Path *value = &f->paths[bound_value(f, &f->ops[i]).i];
        const Path *to = &f->paths[f->ops[i].subject];
        if (f->ops[i].kind == OP_STORE && to->kind != PATH_ATTR && value->kind == PATH_OP &&
            value->id == call.op.i)
            return true;
    }
    return false;
}

static bool is_tabled(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    u32 sites = 0;
    for (u32 i = 0; i < node->calls.n; i++) {
        if (g->files[node->calls.v[i].file].is_test) continue;
        if (!is_tabled_site(g, c, node->calls.v[i])) return false;
        sites++;
    }
    return sites > 0;
}

/* No method of it, of its bases or of a subclass stores anything in an instance. */
static bool holds_nothing(const Graph *g, ClassId c) {
    ClassId family[FAMILY_SLOTS];
    u32 n = family_of(g, c, family);
    for (u32 i = 0; i < n; i++) {
        const ClassNode *node = &g->classes[family[i].i];
        const Scope *scope = &g->files[node->file].facts->scopes[node->scope.i];
        if (!node->complete || scope->decorator_first != scope->decorator_end) return false;
        for (Str a = graph_next_attribute(g, family[i], (Str){0}); a.n;
             a = graph_next_attribute(g, family[i], a))
            if (graph_is_stored(g, family[i], hash_str(a))) return false;
    }
    return n < FAMILY_SLOTS;
}

bool graph_may_stay(const Graph *g, ClassId c) {
    if (graph_is_solitary(g, c) || is_tabled(g, c)) return true;
    /* users derive classes from one that nobody makes */
    return c.i && holds_nothing(g, c) && graph_instances(g, c).making != MADE_UNSEEN;
}
