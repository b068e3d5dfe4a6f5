/* `limpet graph --class`: the picture of a class, as text, DOT and JSON. */
#include "base/near.h"
#include "graph/model.h"

typedef struct Printer {
    const Graph *g;
    const GraphPaths *paths; /* of the class that is printed */
    Buf *out;
    Arena *scratch; /* rewound after each attribute */
    Arena *kept;    /* by the class that is printed */
} Printer;

/* ---- finding classes ---- */

static bool ends_in(Str name, Str part) {
    return name.n > part.n && name.p[name.n - part.n - 1] == '.' &&
           str_eq(str_sub(name, name.n - part.n, name.n), part);
}

u32 graph_classes_named(const Graph *g, Str name, Arena *arena, ClassId **classes) {
    VEC(ClassId) whole = {0}, part = {0};
    for (u32 id = 1; id <= g->n_classes; id++) {
        Str each = graph_class_name(g, (ClassId){id});
        if (str_eq(each, name)) vec_push(arena, &whole, (ClassId){id});
        if (ends_in(each, name)) vec_push(arena, &part, (ClassId){id});
    }
    *classes = whole.n ? whole.v : part.v;
    return whole.n ? whole.n : part.n;
}

Str graph_class_nearest(const Graph *g, Str name) {
    Str best = {0};
    bool is_dotted = str_find(name, '.') >= 0;
    for (u32 id = 1; id <= g->n_classes; id++) {
        Str each = graph_class_name(g, (ClassId){id});
        near_keep(name, is_dotted ? each : str_after_last(each, '.'), &best);
    }
    return best;
}

/* ---- what all forms show ---- */

/* Names of the attributes of the class and its bases, each once. */
typedef struct Names {
    VEC(Str) list;
} Names;

static Names attributes_of(const Printer *p, ClassId c) {
    Names names = {0};
    Map seen = {0};
    const ClassNode *node = &p->g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++) {
        Str name = {0};
        while ((name = graph_next_attribute(p->g, node->mro[i], name)).n) {
            if (map_get(&seen, hash_str(name))) continue;
            map_set(p->kept, &seen, hash_str(name), 1);
            vec_push(p->kept, &names.list, name);
        }
    }
    return names;
}

/* "dict", "lock threading.Lock", "instance of app.Job", "open file" … */
static Str kind_of(const Printer *p, const Attribute *a) {
    switch (a->kind) {
    case ATTRIBUTE_CONTAINER:
        if (a->container == CONTAINER_OTHER) return STR("container");
        if (a->container == CONTAINER_WEAK) return STR("weak container");
        return str_from(container_kind_text(a->container));
    case ATTRIBUTE_INSTANCE:
        if (!a->instance.i) return STR("instance");
        return str_format(p->scratch, "instance of %.*s",
                          STR_ARG(graph_class_name(p->g, a->instance)));
    case ATTRIBUTE_RESOURCE:
        return str_format(p->scratch, "%s %.*s", resource_text(a->resource), STR_ARG(a->made_by));
    case ATTRIBUTE_OUTSIDE:
        return a->made_by.n ? a->made_by : STR("made outside the project");
    default: {
        const char *text = attribute_kind_text(a->kind);
        if (!a->made_by.n) return str_from(text);
        return str_format(p->scratch, "%s %.*s", text, STR_ARG(a->made_by));
    }
    }
}

static Str path_text(const Printer *p, u32 file, PathId path) {
    Buf text = {.arena = p->scratch};
    facts_path_text(p->g->files[file].facts, path, &text);
    return buf_get(&text);
}

static u32 line_of(const Printer *p, u32 file, u32 offset) {
    u32 line, column;
    facts_line(p->g->files[file].facts, offset, &line, &column);
    return line;
}

static u32 line_of_use(const Printer *p, const AttributeUse *u) {
    return line_of(p, u->file, p->g->files[u->file].facts->ops[u->op.i].span.start);
}

static u32 line_of_class(const Printer *p, ClassId c) {
    const ClassNode *node = &p->g->classes[c.i];
    const Facts *f = p->g->files[node->file].facts;
    return line_of(p, node->file, f->scopes[node->scope.i].span.start);
}

/* Shapes are shown of what is added, and of the keys that are removed. */
static u32 key_shape(const Printer *p, const AttributeUse *u) {
    return u->kind == ATTRIBUTE_GROWS ? graph_shape(p->g, u->file, u->key) : 0;
}
static u32 value_shape(const Printer *p, const AttributeUse *u) {
    return u->kind == ATTRIBUTE_GROWS ? graph_shape(p->g, u->file, u->value) : 0;
}

static Str function_of(const Printer *p, const AttributeUse *u) {
    if (scope_is_none(u->function))
        return u->in_class_body ? STR("the class body") : p->g->files[u->file].module;
    return graph_scope_name(p->g, u->function);
}

typedef void PrintAttribute(const Printer *p, ClassId c, Str name);

static void print_attribute(const Printer *p, ClassId c, Str name, PrintAttribute *print) {
    ArenaMark mark = arena_mark(p->scratch);
    print(p, c, name);
    arena_rewind(p->scratch, mark);
}

/* ---- text ---- */

static void text_place(const Printer *p, u32 file, u32 line) {
    buf_printf(p->out, " at %.*s:%u", STR_ARG(p->g->files[file].path), line);
}

static void text_shape(const Printer *p, const char *label, u32 shape) {
    const char *word;
    if (shape) buf_printf(p->out, ", %s", label);
    for (u32 at = 0; (word = shape_text(shape, &at));) buf_printf(p->out, " %s", word);
}

static void text_use(const Printer *p, const AttributeUse *u) {
    buf_printf(p->out, "    %s: %.*s", attribute_use_text(u->kind), STR_ARG(u->how));
    if (str_is(u->how, "=") && u->value.i)
        buf_printf(p->out, " %.*s", STR_ARG(path_text(p, u->file, u->value)));
    text_place(p, u->file, line_of_use(p, u));
    buf_printf(p->out, " in %.*s, %s", STR_ARG(function_of(p, u)), how_often_text(u->how_often));
    if (u->level) buf_printf(p->out, ", level %u", u->level);
    if (u->through_alias) buf_text(p->out, ", through an alias");
    if (u->by_other) buf_text(p->out, ", from outside");
    if (u->is_callback) buf_text(p->out, ", as a callback");
    if (u->kind == ATTRIBUTE_DEFINED && u->is_weak && !str_is(u->how, "= None"))
        buf_text(p->out, ", weak");
    text_shape(p, "key", key_shape(p, u));
    text_shape(p, "value", value_shape(p, u));
    buf_char(p->out, '\n');
}

static void text_method(const Printer *p, const char *label, ScopeRef method, OpRef where) {
    if (scope_is_none(method)) return;
    buf_printf(p->out, "    %s %.*s", label, STR_ARG(graph_scope_name(p->g, method)));
    text_place(p, where.file,
               line_of(p, where.file, p->g->files[where.file].facts->ops[where.op.i].span.start));
    buf_char(p->out, '\n');
}

static const char *removal_text(RemovalKind kind) {
    static const char *const TEXTS[] = {"never", "perhaps, by name", "bounded", "yes"};
    return TEXTS[kind];
}

static void text_attribute(const Printer *p, ClassId c, Str name) {
    Attribute a = graph_attribute(p->g, c, name, p->scratch);
    OpRef where;
    buf_printf(p->out, "  .%.*s: %.*s", STR_ARG(name), STR_ARG(kind_of(p, &a)));
    if (a.owner.i != c.i)
        buf_printf(p->out, " (of %.*s)", STR_ARG(graph_class_name(p->g, a.owner)));
    buf_char(p->out, '\n');
    bool grows = false;
    for (u32 i = 0; i < a.n_uses; i++) {
        text_use(p, &a.uses[i]);
        grows |= a.uses[i].kind == ATTRIBUTE_GROWS;
    }
    if (grows)
        buf_printf(p->out, "    removed from: %s\n",
                   removal_text(graph_attribute_removal(p->g, c, name, 0).kind));
    ScopeRef releaser = graph_attribute_releaser(p->g, c, name, &where);
    text_method(p, "released by", releaser, where);
    ScopeRef breaker = graph_attribute_breaker(p->g, c, name, &where);
    text_method(p, "let go by", breaker, where);
}

static void text_holders(const Printer *p, ClassId c) {
    InstanceHolders holders = holders_of(p->g, c, p->kept);
    buf_printf(p->out, "  instances are held by%s\n", holders.list.n ? "" : " nobody that is seen");
    for (u32 i = 0; i < holders.list.n; i++) {
        const InstanceHolder *h = &holders.list.v[i];
        buf_printf(p->out, "    %s%.*s %.*s", h->elements ? "elements of " : "", STR_ARG(h->what),
                   STR_ARG(h->name));
        text_place(p, h->file, line_of(p, h->file, h->place.start));
        if (h->weakly) buf_text(p->out, ", weakly");
        if (h->type.i != c.i)
            buf_printf(p->out, ", as %.*s", STR_ARG(graph_class_name(p->g, h->type)));
        buf_char(p->out, '\n');
    }
}

static void text_paths(const Printer *p, ClassId c) {
    if (p->paths->n) buf_text(p->out, "  functions leave them held by\n");
    for (u32 i = 0; i < p->paths->n; i++) {
        const GraphPath *path = &p->paths->v[i];
        buf_printf(p->out, "    %.*s", STR_ARG(path->text));
        text_place(p, path->file, line_of(p, path->file, path->place.start));
        buf_printf(p->out, ", by %.*s", STR_ARG(graph_scope_name(p->g, path->function)));
        if (path->is_weak) buf_text(p->out, ", weakly");
        if (path->is_brief) buf_text(p->out, ", until it has run");
        if (path->is_unsure) buf_text(p->out, ", unsure");
        if (path->class.i != c.i)
            buf_printf(p->out, ", as %.*s", STR_ARG(graph_class_name(p->g, path->class)));
        buf_char(p->out, '\n');
    }
}

static void text_class(const Printer *p, ClassId c) {
    const ClassNode *node = &p->g->classes[c.i];
    buf_printf(p->out, "class %.*s", STR_ARG(graph_class_name(p->g, c)));
    text_place(p, node->file, line_of_class(p, c));
    for (u32 i = 1; i < node->n_mro; i++)
        buf_printf(p->out, "%s%.*s", i == 1 ? ": " : ", ",
                   STR_ARG(graph_class_name(p->g, node->mro[i])));
    buf_char(p->out, '\n');
    Names names = attributes_of(p, c);
    for (u32 i = 0; i < names.list.n; i++) print_attribute(p, c, names.list.v[i], text_attribute);
    text_holders(p, c);
    text_paths(p, c);
}

/* ---- DOT ---- */

static void dot_attribute(const Printer *p, ClassId c, Str name) {
    Attribute a = graph_attribute(p->g, c, name, p->scratch);
    Str class = graph_class_name(p->g, c);
    Str node = str_format(p->scratch, "%.*s.%.*s", STR_ARG(class), STR_ARG(name));
    Map seen = {0};
    buf_text(p->out, "  ");
    dot_name(p->out, node);
    buf_text(p->out, " [shape=box, label=");
    dot_name(p->out, str_format(p->scratch, ".%.*s: %.*s", STR_ARG(name), STR_ARG(kind_of(p, &a))));
    buf_text(p->out, "];\n");
    dot_edge(p->out, class, node, a.is_weak ? "holds weakly" : "holds",
             a.is_weak ? "dashed" : "solid");
    for (u32 i = 0; i < a.n_uses; i++) {
        const AttributeUse *u = &a.uses[i];
        Str from = scope_is_none(u->function) ? p->g->files[u->file].module : function_of(p, u);
        u64 key = hash_mix(hash_str(from), u->kind);
        if (map_get(&seen, key)) continue;
        map_set(p->scratch, &seen, key, 1);
        dot_edge(p->out, from, node, attribute_use_text(u->kind),
                 u->kind == ATTRIBUTE_GROWS ? "bold" : "dotted");
    }
    if (a.instance.i)
        dot_edge(p->out, node, graph_class_name(p->g, a.instance), "instance of", "dashed");
}

static void dot_class(const Printer *p, ClassId c) {
    Str class = graph_class_name(p->g, c);
    buf_text(p->out, "  ");
    dot_name(p->out, class);
    buf_text(p->out, " [shape=component];\n");
    Names names = attributes_of(p, c);
    for (u32 i = 0; i < names.list.n; i++) print_attribute(p, c, names.list.v[i], dot_attribute);
    InstanceHolders holders = holders_of(p->g, c, p->kept);
    for (u32 i = 0; i < holders.list.n; i++) {
        const InstanceHolder *h = &holders.list.v[i];
        const char *label = h->elements ? (h->weakly ? "elements, weakly" : "elements")
                                        : (h->weakly ? "holds weakly" : "holds");
        dot_edge(p->out, h->name, class, label, h->weakly ? "dashed" : "solid");
    }
    for (u32 i = 0; i < p->paths->n; i++) {
        const GraphPath *path = &p->paths->v[i];
        dot_edge(p->out, path->text, class, path->is_weak ? "holds weakly" : "holds",
                 path->is_weak ? "dashed" : "solid");
    }
}

/* ---- JSON ---- */

/* Always the last of an object's members. */
static void json_place(const Printer *p, u32 file, u32 line) {
    buf_json_string(p->out, "path", p->g->files[file].path);
    buf_printf(p->out, "\"line\": %u", line);
}

static void json_shape(const Printer *p, const char *key, u32 shape) {
    const char *word, *comma = "";
    buf_printf(p->out, "\"%s\": [", key);
    for (u32 at = 0; (word = shape_text(shape, &at)); comma = ", ")
        buf_printf(p->out, "%s\"%s\"", comma, word);
    buf_text(p->out, "], ");
}

static void json_use(const Printer *p, const AttributeUse *u) {
    buf_text(p->out, "          {");
    buf_json_string(p->out, "kind", str_from(attribute_use_text(u->kind)));
    buf_json_string(p->out, "how", u->how);
    buf_json_string(p->out, "in", function_of(p, u));
    buf_json_string(p->out, "how_often", str_from(how_often_text(u->how_often)));
    buf_printf(p->out, "\"level\": %u, ", u->level);
    buf_json_flag(p->out, "through_alias", u->through_alias);
    buf_json_flag(p->out, "from_outside", u->by_other);
    buf_json_flag(p->out, "as_callback", u->is_callback);
    buf_json_flag(p->out, "replaces", u->replaces);
    buf_json_flag(p->out, "weak", u->is_weak);
    json_shape(p, "key", key_shape(p, u));
    json_shape(p, "value", value_shape(p, u));
    json_place(p, u->file, line_of_use(p, u));
    buf_char(p->out, '}');
}

/* {"name", "path", "line"} of the method and the statement in it, or null. */
static void json_method(const Printer *p, const char *key, ScopeRef method, OpRef where) {
    buf_printf(p->out, "        \"%s\": ", key);
    if (scope_is_none(method)) {
        buf_text(p->out, "null,\n");
        return;
    }
    buf_char(p->out, '{');
    buf_json_string(p->out, "name", graph_scope_name(p->g, method));
    json_place(p, where.file,
               line_of(p, where.file, p->g->files[where.file].facts->ops[where.op.i].span.start));
    buf_text(p->out, "},\n");
}

static void json_attribute(const Printer *p, ClassId c, Str name) {
    Attribute a = graph_attribute(p->g, c, name, p->scratch);
    OpRef where;
    buf_text(p->out, "      {\n        ");
    buf_json_string(p->out, "name", name);
    buf_json_string(p->out, "owner", graph_class_name(p->g, a.owner));
    buf_json_string(p->out, "kind", str_from(attribute_kind_text(a.kind)));
    buf_json_string(p->out, "type", kind_of(p, &a));
    buf_json_flag(p->out, "weak", a.is_weak);
    buf_printf(p->out, "\"removed_from\": \"%s\",\n",
               removal_text(graph_attribute_removal(p->g, c, name, 0).kind));
    ScopeRef releaser = graph_attribute_releaser(p->g, c, name, &where);
    json_method(p, "released_by", releaser, where);
    ScopeRef breaker = graph_attribute_breaker(p->g, c, name, &where);
    json_method(p, "let_go_by", breaker, where);
    buf_text(p->out, "        \"uses\": [");
    for (u32 i = 0; i < a.n_uses; i++) {
        buf_text(p->out, i ? ",\n" : "\n");
        json_use(p, &a.uses[i]);
    }
    buf_printf(p->out, "%s]\n      }", a.n_uses ? "\n        " : "");
}

static void json_holders(const Printer *p, ClassId c) {
    InstanceHolders holders = holders_of(p->g, c, p->kept);
    buf_text(p->out, "      \"holders\": [");
    for (u32 i = 0; i < holders.list.n; i++) {
        const InstanceHolder *h = &holders.list.v[i];
        buf_text(p->out, i ? ",\n        {" : "\n        {");
        buf_json_string(p->out, "what", h->what);
        buf_json_string(p->out, "name", h->name);
        buf_json_flag(p->out, "elements", h->elements);
        buf_json_flag(p->out, "weakly", h->weakly);
        buf_json_string(p->out, "class", graph_class_name(p->g, h->type));
        json_place(p, h->file, line_of(p, h->file, h->place.start));
        buf_char(p->out, '}');
    }
    buf_printf(p->out, "%s],\n", holders.list.n ? "\n      " : "");
}

static void json_paths(const Printer *p) {
    buf_text(p->out, "      \"paths\": [");
    for (u32 i = 0; i < p->paths->n; i++) {
        const GraphPath *path = &p->paths->v[i];
        buf_text(p->out, i ? ",\n        {" : "\n        {");
        buf_json_string(p->out, "text", path->text);
        buf_json_string(p->out, "function", graph_scope_name(p->g, path->function));
        buf_json_flag(p->out, "weakly", path->is_weak);
        buf_json_flag(p->out, "brief", path->is_brief);
        buf_json_flag(p->out, "unsure", path->is_unsure);
        buf_json_string(p->out, "class", graph_class_name(p->g, path->class));
        json_place(p, path->file, line_of(p, path->file, path->place.start));
        buf_char(p->out, '}');
    }
    buf_printf(p->out, "%s]\n    }", p->paths->n ? "\n      " : "");
}

static void json_class(const Printer *p, ClassId c) {
    const ClassNode *node = &p->g->classes[c.i];
    buf_text(p->out, "    {\n      ");
    buf_json_string(p->out, "name", graph_class_name(p->g, c));
    json_place(p, node->file, line_of_class(p, c));
    buf_text(p->out, ",\n      \"bases\": [");
    for (u32 i = 1; i < node->n_mro; i++) {
        buf_text(p->out, i > 1 ? ", \"" : "\"");
        buf_json(p->out, graph_class_name(p->g, node->mro[i]));
        buf_char(p->out, '"');
    }
    buf_text(p->out, "],\n      \"attributes\": [");
    Names names = attributes_of(p, c);
    for (u32 i = 0; i < names.list.n; i++) {
        buf_text(p->out, i ? ",\n" : "\n");
        print_attribute(p, c, names.list.v[i], json_attribute);
    }
    buf_printf(p->out, "%s],\n", names.list.n ? "\n      " : "");
    json_holders(p, c);
    json_paths(p);
}

void graph_print_classes(const Graph *g, const ClassId *classes, const GraphPaths *paths, u32 n,
                         GraphForm form, Buf *out) {
    static const char *const BEGIN[] = {"", "digraph limpet {\n  rankdir=LR;\n",
                                        "{\n  \"classes\": [\n"};
    static const char *const END[] = {"", "}\n", "\n  ]\n}\n"};
    Arena scratch = {0}, kept = {0};
    Printer p = {g, paths, out, &scratch, &kept};
    buf_text(out, BEGIN[form]);
    for (u32 i = 0; i < n; i++) {
        p.paths = &paths[i];
        if (i && form == GRAPH_FORM_JSON) buf_text(out, ",\n");
        if (form == GRAPH_FORM_TEXT) text_class(&p, classes[i]);
        if (form == GRAPH_FORM_DOT) dot_class(&p, classes[i]);
        if (form == GRAPH_FORM_JSON) json_class(&p, classes[i]);
    }
    buf_text(out, END[form]);
    arena_free(&scratch);
    arena_free(&kept);
}
