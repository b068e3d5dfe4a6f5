/* `limpet graph`: the linked project as text and as DOT. */
#include "graph/model.h"

static const char *const HOLDERS[] = {"",
                                      "module global",
                                      "class attribute",
                                      "singleton attribute",
                                      "function attribute",
                                      "default argument",
                                      "closure variable"};
static const char *const KINDS[] = {"list",        "dict",        "set",     "deque",
                                    "defaultdict", "OrderedDict", "Counter", "weak",
                                    "bounded",     "queue",       "other"};
static const char *const USES[] = {"grow", "shrink", "rebind", "guard", "escape", "read"};
static const char *const SHAPES[] = {"constant", "closed",   "parameter", "id",        "self",
                                     "task",     "request",  "instance",  "exception", "round",
                                     "weak",     "function", "text",      "open"};

const char *holder_text(HolderKind kind) {
    return HOLDERS[kind];
}
const char *container_kind_text(ContainerKind kind) {
    return KINDS[kind];
}
const char *graph_container_text(ContainerKind kind) {
    if (kind == CONTAINER_WEAK) return "weak container";
    return kind == CONTAINER_BOUNDED ? "bounded container" : KINDS[kind];
}
const char *graph_verdict_text(Verdict verdict) {
    static const char *const VERDICTS[] = {"weak",    "bounded",  "drained",
                                           "settled", "constant", "grows"};
    return VERDICTS[verdict];
}
const char *use_text(UseKind kind) {
    return USES[kind];
}
const char *shape_text(u32 shape, u32 *at) {
    while (*at < ARRAY_LEN(SHAPES) && !(shape >> *at & 1)) ++*at;
    return *at < ARRAY_LEN(SHAPES) ? SHAPES[(*at)++] : NULL;
}

static void print_shape(Buf *out, const char *label, u32 shape) {
    const char *word;
    if (shape) buf_printf(out, ", %s", label);
    for (u32 at = 0; (word = shape_text(shape, &at));) buf_printf(out, " %s", word);
}

static void print_place(const Graph *g, u32 file, u32 offset, Buf *out) {
    u32 line, column;
    facts_line(g->files[file].facts, offset, &line, &column);
    buf_printf(out, "%.*s:%u", STR_ARG(g->files[file].path), line);
}

/* Attributes that methods set, with the class of their values as far as it is known. */
static void print_attributes(const Graph *g, ClassId c, Buf *out) {
    for (u32 d = g->classes[c.i].first_attribute; d; d = g->attribute_defs.v[d].next_of_class) {
        const AttributeDef *def = &g->attribute_defs.v[d];
        const Facts *f = g->files[def->file].facts;
        StrId name = {f->paths[f->ops[def->op.i].subject].id};
        ClassId type = {map_get(&g->attribute_types, def->key)};
        buf_printf(out, "    .%.*s", STR_ARG(facts_str(f, name)));
        if (type.i) buf_printf(out, ": %.*s", STR_ARG(graph_class_name(g, type)));
        buf_char(out, '\n');
    }
}

static void print_classes(const Graph *g, u32 file, Buf *out) {
    const FileNode *node = &g->files[file];
    for (u32 s = 1; s < node->facts->n_scopes; s++) {
        u32 id = node->class_of_scope[s];
        const ClassNode *c = &g->classes[id];
        if (!id) continue;
        buf_printf(out, "  class %.*s:", STR_ARG(graph_class_name(g, (ClassId){id})));
        for (u32 i = 1; i < c->n_mro; i++)
            buf_printf(out, " %.*s", STR_ARG(graph_class_name(g, c->mro[i])));
        for (u32 i = 0; i < c->n_bases; i++)
            if (!c->bases[i].known.i) buf_printf(out, " %.*s", STR_ARG(c->bases[i].name));
        if (!c->complete) buf_text(out, " (some bases are outside the project)");
        if (c->metaclass.n) buf_printf(out, " metaclass=%.*s", STR_ARG(c->metaclass));
        if (c->instance_symbol.i) buf_text(out, " (module instance)");
        if (c->is_long_lived) buf_text(out, " (long-lived)");
        buf_char(out, '\n');
        print_attributes(g, (ClassId){id}, out);
    }
}

static void print_imports(const Graph *g, u32 file, Buf *out) {
    const Facts *f = g->files[file].facts;
    for (u32 i = 1; i < f->n_imports; i++) {
        const Import *import = &f->imports[i];
        buf_text(out, "  import ");
        if (import->symbol.i) {
            Entity e =
                entity_of_symbol(g, file, f->symbols[import->symbol.i].target, RESOLVE_DEPTH);
            static const char *const WHAT[] = {"unknown",  "outside",  "module", "class",
                                               "function", "variable", "package"};
            buf_printf(out, "%.*s = %s %.*s",
                       STR_ARG(facts_str(f, f->symbols[import->symbol.i].name)), WHAT[e.kind],
                       STR_ARG(entity_name(g, e)));
        } else {
            Str dotted;
            u32 target = module_of_import(g, file, import, &dotted);
            buf_printf(out, "* from %.*s%s", STR_ARG(dotted),
                       target == UINT32_MAX ? " (outside)" : "");
        }
        buf_char(out, '\n');
    }
}

static void print_functions(const Graph *g, u32 file, Buf *out) {
    const FileNode *node = &g->files[file];
    for (u32 s = 1; s < node->facts->n_scopes; s++) {
        u32 id = node->function_of_scope[s];
        const FunctionNode *fn = &g->functions[id];
        if (!id) continue;
        Str name = graph_scope_name(g, (ScopeRef){file, fn->scope});
        buf_printf(out, "  def %.*s: %s, %u known caller%s", STR_ARG(name),
                   how_often_text((HowOften)fn->how_often), fn->callers.n,
                   fn->callers.n == 1 ? "" : "s");
        if (fn->escapes) buf_text(out, ", used as a value");
        if (fn->called_by_name) buf_text(out, ", called by name");
        if (fn->unknown_callers) buf_text(out, ", callers outside");
        buf_char(out, '\n');
    }
}

static void print_container(const Graph *g, const Container *c, Buf *out) {
    buf_printf(out, "  %s %s %.*s at ", HOLDERS[c->holder], KINDS[c->kind], STR_ARG(c->name));
    print_place(g, c->file, c->definition.start, out);
    buf_char(out, '\n');
    for (u32 i = 0; i < c->n_uses; i++) {
        const Use *u = &c->uses[i];
        buf_printf(out, "    %s %.*s at ", USES[u->kind], STR_ARG(u->how));
        print_place(g, u->file, g->files[u->file].facts->ops[u->op.i].span.start, out);
        buf_printf(out, " %s", how_often_text(u->how_often));
        if (u->level) buf_printf(out, ", level %u", u->level);
        if (u->through_alias) buf_text(out, ", through an alias");
        if (u->overwrites) buf_text(out, ", overwrites");
        if (u->membership_guard) buf_text(out, ", guarded");
        print_shape(out, "key", u->key_shape);
        print_shape(out, "value", u->value_shape);
        buf_char(out, '\n');
    }
}

/* What is known of the programs that the module belongs to. */
static void print_programs(const Graph *g, u32 file, Buf *out) {
    OpRef off;
    if (graph_collector_is_off(g, file, &off)) {
        const Facts *f = g->files[off.file].facts;
        buf_text(out, "  its program runs without the collector: ");
        facts_path_text(f, op_path(&f->ops[off.op.i]), out);
        buf_text(out, "() at ");
        print_place(g, off.file, f->ops[off.op.i].span.start, out);
        buf_char(out, '\n');
    }
    if (graph_starts_threads(g, file)) buf_text(out, "  its program starts threads\n");
}

void graph_print_text(const Graph *g, Buf *out) {
    for (u32 file = 0; file < g->n_files; file++) {
        const FileNode *node = &g->files[file];
        if (node->is_foreign) continue;
        buf_printf(out, "module %.*s (%.*s)%s\n", STR_ARG(node->module), STR_ARG(node->path),
                   node->is_package ? " package" : "");
        print_programs(g, file, out);
        print_imports(g, file, out);
        print_classes(g, file, out);
        print_functions(g, file, out);
        for (u32 id = 1; id <= g->n_containers; id++)
            if (g->containers[id].file == file) print_container(g, &g->containers[id], out);
    }
}

/* ---- DOT ---- */

void dot_name(Buf *out, Str name) {
    buf_char(out, '"');
    for (u32 i = 0; i < name.n; i++) {
        if (name.p[i] == '"' || name.p[i] == '\\') buf_char(out, '\\');
        buf_char(out, (u8)name.p[i] < ' ' ? ' ' : name.p[i]);
    }
    buf_char(out, '"');
}

void graph_dot_name(Buf *out, Str name) {
    dot_name(out, name);
}

void dot_edge(Buf *out, Str from, Str to, const char *label, const char *style) {
    buf_text(out, "  ");
    dot_name(out, from);
    buf_text(out, " -> ");
    dot_name(out, to);
    buf_printf(out, " [label=\"%s\", style=%s];\n", label, style);
}

static void dot_file(const Graph *g, u32 file, Buf *out) {
    const FileNode *node = &g->files[file];
    const Facts *f = node->facts;
    buf_text(out, "  ");
    dot_name(out, node->module);
    buf_text(out, " [shape=folder];\n");
    Map seen = {0};
    Arena arena = {0};
    for (u32 i = 1; i < f->n_imports; i++) {
        Str dotted;
        const Import *import = &f->imports[i];
        u32 target = module_of_import(g, file, import, &dotted);
        if (target == UINT32_MAX || map_get(&seen, target)) continue;
        map_set(&arena, &seen, target, 1);
        dot_edge(out, node->module, g->files[target].module, "imports", "dashed");
    }
    arena_free(&arena);
}

static void dot_container(const Graph *g, const Container *c, Buf *out) {
    buf_text(out, "  ");
    dot_name(out, c->name);
    buf_printf(out, " [shape=box, label=\"%s\\n%s\"];\n", KINDS[c->kind], HOLDERS[c->holder]);
    Str holder = c->owner.i ? graph_class_name(g, c->owner) : g->files[c->file].module;
    dot_edge(out, holder, c->name, "holds", "solid");
    for (u32 i = 0; i < c->n_uses; i++) {
        const Use *u = &c->uses[i];
        if (u->kind != USE_GROW && u->kind != USE_SHRINK) continue;
        Str from = scope_is_none(u->function) ? g->files[u->file].module
                                              : graph_scope_name(g, u->function);
        dot_edge(out, from, c->name, USES[u->kind], u->kind == USE_GROW ? "bold" : "dotted");
    }
}

void graph_print_dot(const Graph *g, Buf *out) {
    buf_text(out, "digraph limpet {\n  rankdir=LR;\n");
    for (u32 file = 0; file < g->n_files; file++)
        if (!g->files[file].is_foreign) dot_file(g, file, out);
    for (u32 id = 1; id <= g->n_classes; id++) {
        Str name = graph_class_name(g, (ClassId){id});
        buf_text(out, "  ");
        dot_name(out, name);
        buf_text(out, " [shape=component];\n");
        const ClassNode *c = &g->classes[id];
        for (u32 i = 0; i < c->n_bases; i++) {
            Str base =
                c->bases[i].known.i ? graph_class_name(g, c->bases[i].known) : c->bases[i].name;
            if (base.n) dot_edge(out, name, base, "is a", "solid");
        }
    }
    for (u32 id = 1; id <= g->n_containers; id++) dot_container(g, &g->containers[id], out);
    buf_text(out, "}\n");
}
