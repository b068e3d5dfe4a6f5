/* Trees of roots as text, DOT and JSON. The JSON form is one object:
 *
 *   roots     name, kind, path and line (empty and 0 for the runtime's own), cut (there was more
 *             than one tree may show), holds
 *   holds     selector, object, class, weak, brief (until it has run), unsure, by_summary (a
 *             function's summary says so), plain (it holds nothing further), cut (it holds more
 *             than is shown), shown_above (its class is shown elsewhere in the tree), in (the
 *             function), how_often, removal, path and line of the statement, holds
 *
 * Texts that do not apply are empty. */
#include "root/tree.h"

typedef struct Printer {
    const Graph *g;
    const Tree *t;
    Buf *out;
    u32 number; /* of the tree, for names in DOT */
} Printer;

static const char *kind_text(RootKind kind) {
    static const char *const TEXTS[] = {
        "module",    "module variable",         "class attribute",
        "container", "registry of the runtime", "stores of function caches"};
    return TEXTS[kind];
}

static u32 line_of(const Printer *p, u32 file, u32 offset) {
    u32 line, column;
    facts_line(graph_facts(p->g, file), offset, &line, &column);
    return line;
}

static u32 line_of_hold(const Printer *p, const Hold *h) {
    return line_of(p, h->file, graph_facts(p->g, h->file)->ops[h->op.i].span.start);
}

static bool has_place(const Root *root) {
    return root->kind < ROOT_RUNTIME;
}

static u32 line_of_root(const Printer *p, const Root *root) {
    const Facts *f = graph_facts(p->g, root->file);
    if (root->container.i)
        return line_of(p, root->file, graph_container(p->g, root->container)->definition.start);
    if (root->kind == ROOT_MODULE) return 1;
    return line_of(p, root->file, f->ops[f->symbols[root->symbol.i].bind.i].span.start);
}

/* ---- text ---- */

static void text_hold(const Printer *p, HoldId id, u32 indent) {
    const Hold *h = hold_at(p->t, id);
    buf_repeat(p->out, ' ', indent);
    buf_printf(p->out, "%.*s%s%.*s", STR_ARG(h->selector), str_is(h->selector, "=") ? " " : " -> ",
               STR_ARG(h->object));
    if (h->has_place) {
        buf_printf(p->out, " at %.*s:%u", STR_ARG(graph_file_path(p->g, h->file)),
                   line_of_hold(p, h));
        buf_printf(p->out, h->flags & HOLD_SUMMARY ? ", left by %.*s" : " in %.*s",
                   STR_ARG(h->function));
        buf_printf(p->out, ", %s", how_often_text(h->how_often));
    }
    if (h->flags & HOLD_WEAK) buf_text(p->out, ", weak");
    if (h->flags & HOLD_BRIEF) buf_text(p->out, ", until it has run");
    if (h->flags & HOLD_UNSURE) buf_text(p->out, ", unsure");
    if (h->removal.n) buf_printf(p->out, "; %.*s", STR_ARG(h->removal));
    if (h->above.i) buf_text(p->out, " (shown above)");
    buf_text(p->out, h->flags & HOLD_CUT ? " …\n" : "\n");
    for (HoldId each = h->first; each.i; each = hold_at(p->t, each)->next)
        text_hold(p, each, indent + 2);
}

static void text_root(const Printer *p, const Root *root) {
    const Hold *top = hold_at(p->t, (HoldId){1});
    buf_printf(p->out, "root %.*s: %s", STR_ARG(root->name), kind_text(root->kind));
    if (has_place(root))
        buf_printf(p->out, " at %.*s:%u", STR_ARG(graph_file_path(p->g, root->file)),
                   line_of_root(p, root));
    buf_char(p->out, '\n');
    if (!top->first.i)
        buf_text(p->out, has_place(root) ? "  holds nothing that is seen\n"
                                         : "  nothing that was read registers there\n");
    for (HoldId each = top->first; each.i; each = hold_at(p->t, each)->next) text_hold(p, each, 2);
    if (top->flags & HOLD_CUT) buf_text(p->out, "  …\n");
}

/* ---- DOT ---- */

static void dot_hold(const Printer *p, HoldId parent, HoldId id) {
    const Hold *h = hold_at(p->t, id);
    Buf label = {.arena = p->t->arena}, edge = {.arena = p->t->arena};
    buf_str(&label, h->object);
    if (h->removal.n) buf_printf(&label, "; %.*s", STR_ARG(h->removal));
    buf_str(&edge, h->selector);
    if (h->has_place)
        buf_printf(&edge, " %.*s:%u %s", STR_ARG(graph_file_path(p->g, h->file)),
                   line_of_hold(p, h), how_often_text(h->how_often));
    buf_printf(p->out, "  r%u_%u [shape=%s, label=", p->number, id.i,
               h->class.i ? "component" : "box");
    graph_dot_name(p->out, buf_get(&label));
    buf_printf(p->out, "];\n  r%u_%u -> r%u_%u [label=", p->number, parent.i, p->number, id.i);
    graph_dot_name(p->out, buf_get(&edge));
    buf_printf(p->out, ", style=%s];\n",
               h->flags & HOLD_WEAK    ? "dashed"
               : h->flags & HOLD_BRIEF ? "dotted"
                                       : "solid");
    if (h->above.i)
        buf_printf(p->out, "  r%u_%u -> r%u_%u [label=\"as there\", style=dotted];\n", p->number,
                   id.i, p->number, h->above.i);
    for (HoldId each = h->first; each.i; each = hold_at(p->t, each)->next) dot_hold(p, id, each);
}

static void dot_root(const Printer *p, const Root *root) {
    buf_printf(p->out, "  r%u_1 [shape=folder, label=", p->number);
    graph_dot_name(p->out, root->name);
    buf_text(p->out, "];\n");
    HoldId top = {1};
    for (HoldId each = hold_at(p->t, top)->first; each.i; each = hold_at(p->t, each)->next)
        dot_hold(p, top, each);
}

/* ---- JSON ---- */

static void json_place(const Printer *p, bool has, u32 file, u32 line) {
    buf_json_string(p->out, "path", has ? graph_file_path(p->g, file) : (Str){0});
    buf_printf(p->out, "\"line\": %u, ", has ? line : 0);
}

static void json_holds(const Printer *p, HoldId of, u32 indent);

static void json_hold(const Printer *p, const Hold *h, HoldId id, u32 indent) {
    buf_repeat(p->out, ' ', indent);
    buf_char(p->out, '{');
    buf_json_string(p->out, "selector", h->selector);
    buf_json_string(p->out, "object", h->object);
    buf_json_string(p->out, "class", h->class.i ? graph_class_name(p->g, h->class) : (Str){0});
    buf_json_flag(p->out, "weak", h->flags & HOLD_WEAK);
    buf_json_flag(p->out, "brief", h->flags & HOLD_BRIEF);
    buf_json_flag(p->out, "unsure", h->flags & HOLD_UNSURE);
    buf_json_flag(p->out, "by_summary", h->flags & HOLD_SUMMARY);
    buf_json_flag(p->out, "plain", h->flags & HOLD_PLAIN);
    buf_json_flag(p->out, "cut", h->flags & HOLD_CUT);
    buf_json_flag(p->out, "shown_above", h->above.i);
    buf_json_string(p->out, "in", h->function);
    buf_json_string(p->out, "how_often",
                    h->has_place ? str_from(how_often_text(h->how_often)) : (Str){0});
    buf_json_string(p->out, "removal", h->removal);
    json_place(p, h->has_place, h->file, h->has_place ? line_of_hold(p, h) : 0);
    json_holds(p, id, indent);
    buf_char(p->out, '}');
}

/* The last member of an object. */
static void json_holds(const Printer *p, HoldId of, u32 indent) {
    buf_text(p->out, "\"holds\": [");
    const char *comma = "\n";
    for (HoldId id = hold_at(p->t, of)->first; id.i; id = hold_at(p->t, id)->next) {
        buf_text(p->out, comma);
        json_hold(p, hold_at(p->t, id), id, indent + 2);
        comma = ",\n";
    }
    buf_char(p->out, ']');
}

static void json_root(const Printer *p, const Root *root) {
    buf_text(p->out, "    {");
    buf_json_string(p->out, "name", root->name);
    buf_json_string(p->out, "kind", str_from(kind_text(root->kind)));
    json_place(p, has_place(root), root->file, has_place(root) ? line_of_root(p, root) : 0);
    buf_json_flag(p->out, "cut", hold_at(p->t, (HoldId){1})->flags & HOLD_CUT);
    json_holds(p, (HoldId){1}, 4);
    buf_char(p->out, '}');
}

/* ---- all roots ---- */

static void index_containers(const Graph *g, Arena *arena, Map *map) {
    for (u32 i = 1; i <= graph_container_count(g); i++)
        map_set(arena, map, hash_str(graph_container(g, (ContainerId){i})->name), i);
}

void roots_print(const Heap *h, const Graph *g, const RootList *roots, u32 depth, GraphForm form,
                 Buf *out) {
    static const char *const BEGIN[] = {"", "digraph limpet {\n  rankdir=LR;\n",
                                        "{\n  \"roots\": [\n"};
    static const char *const END[] = {"", "}\n", "\n  ]\n}\n"};
    Arena kept = {0};
    Map containers = {0};
    Assignments assignments = {0};
    HeapStore *stores;
    u32 n_stores = heap_stores(h, &kept, &stores);
    index_containers(g, &kept, &containers);
    assignments_find(g, &kept, &assignments);
    buf_text(out, BEGIN[form]);
    for (u32 i = 0; i < roots->list.n; i++) {
        const Root *root = &roots->list.v[i];
        Arena arena = {0};
        Tree t = {.g = g,
                  .arena = &arena,
                  .assignments = &assignments,
                  .stores = stores,
                  .n_stores = n_stores,
                  .containers = containers};
        vec_push(&arena, &t.holds, (Hold){0});
        vec_push(&arena, &t.holds, (Hold){0});
        tree_grow(&t, root, MIN(depth, (u32)ROOT_DEPTH_MAX));
        Printer p = {g, &t, out, i + 1};
        if (form == GRAPH_FORM_TEXT) text_root(&p, root);
        if (form == GRAPH_FORM_DOT) dot_root(&p, root);
        if (i && form == GRAPH_FORM_JSON) buf_text(out, ",\n");
        if (form == GRAPH_FORM_JSON) json_root(&p, root);
        arena_free(&t.scratch);
        arena_free(&arena);
    }
    buf_text(out, END[form]);
    arena_free(&kept);
}
