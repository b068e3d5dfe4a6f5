/* Windows and widgets that go soon, with all their children: dialogs, parts of them, rows. */
#include "graph/windows.h"

/* A method of the class destroys, in a loop, what it takes out of the attribute. */
static bool destroys_elements(const Graph *g, ClassId c, Str attribute) {
    ScopeRef body = graph_class_scope(g, c);
    const Facts *f = g->files[body.file].facts;
    const Scope *s = &f->scopes[body.scope.i];
    Fates look = {.g = g, .f = f, .file = body.file, .attribute = attribute};
    for (u32 i = s->op_first; i < s->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->kind != OP_CALL || !region_is_in_loop(f, op->region)) continue;
        if (!op_paths(f, op, fate_destroys, (void *)(uintptr_t)f)) continue;
        ScopeId function = enclosing_function(f, f->regions[op->region.i].scope);
        if (function.i && fate_is_named_before(g, (ScopeRef){body.file, function}, i, &look))
            return true;
    }
    return false;
}

void fate_note_local(Fates *look, const Op *op) {
    if (op->kind == OP_BIND && !look->local.i && fate_is_it(look, bound_value(look->f, op)))
        look->local = facts_root_symbol(look->f, op_path(op));
}

/* `label = Label(…)`, `self.rows.append(label)`: the attribute, or empty. */
static Str gathered_in(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    const Scope *s = &f->scopes[f->regions[f->ops[call.op.i].region.i].scope.i];
    Fates look = {.g = g, .f = f, .file = call.file, .call = call.op.i};
    for (u32 i = call.op.i + 1; i < MIN(s->op_end, call.op.i + ROW_OPS); i++) {
        const Op *op = &f->ops[i];
        fate_note_local(&look, op);
        if (op->kind != OP_CALL || op->operands != 1 || !str_is(facts_method(f, op), "append"))
            continue;
        if (fate_is_it(&look, op_operand(f, op, 0)))
            return facts_attribute(f, f->paths[op->subject].parent);
    }
    return (Str){0};
}

/* Each is one of the rows of another object, which makes them anew and destroys the old ones. */
static bool is_row(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    bool any = false;
    for (u32 i = 0; i < node->calls.n; i++) {
        OpRef call = node->calls.v[i];
        if (g->files[call.file].is_test) continue;
        ClassId owner = graph_method_class(g, function_of_op(g, call));
        Str attribute = owner.i ? gathered_in(g, call) : (Str){0};
        any |= attribute.n && destroys_elements(g, owner, attribute);
    }
    return any;
}

/* By its name or its base: a dialog, a page of one. */
static bool is_brief_class(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    if (!c.i) return false;
    if (window_row_of(g, c)) return true;
    for (u32 i = 0; i < node->n_mro; i++)
        if (know_is_brief_window(str_after_last(graph_class_name(g, node->mro[i]), '.')))
            return true;
    return false;
}

/* `credits = Credits()`, `credits.exec()`: when the call returns, it is closed. */
static bool is_run_at_site(const Graph *g, OpRef call) {
    const Facts *f = g->files[call.file].facts;
    const Scope *s = &f->scopes[f->regions[f->ops[call.op.i].region.i].scope.i];
    Fates look = {.g = g, .f = f, .file = call.file, .call = call.op.i};
    for (u32 i = call.op.i + 1; i < MIN(s->op_end, call.op.i + ROW_OPS); i++) {
        const Op *op = &f->ops[i];
        const Path *callee = &f->paths[op->subject];
        fate_note_local(&look, op);
        if (op->kind == OP_CALL && callee->kind == PATH_ATTR && fate_is_it(&look, callee->parent) &&
            know_runs_window(facts_str(f, (StrId){callee->id})))
            return true;
    }
    return false;
}

static bool is_run_at_once(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    bool any = false;
    for (u32 i = 0; i < node->calls.n; i++) {
        if (g->files[node->calls.v[i].file].is_test) continue;
        if (!is_run_at_site(g, node->calls.v[i])) return false;
        any = true;
    }
    return any && !is_application(g, c);
}

static bool is_lasting_base(const BaseRef *base) {
    return str_ends(base->name, "QMainWindow") || str_ends(base->name, "QDockWidget");
}

/* Nobody in the project makes the widget: it comes from a form, or is made by its name. */
static bool is_unmade_widget(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    return is_class_of_qt(g, c) && !node->calls.n && !node->subclasses.n &&
           !class_has_base(g, c, is_lasting_base);
}

/* Who makes the class itself, so far as that shows. */
typedef struct Makers {
    bool any_brief, any_lasting;
} Makers;

/* The class around the operation, directly or around its function. */
static ClassId class_around(const Graph *g, u32 file, u32 op) {
    const Facts *f = g->files[file].facts;
    ScopeId s = f->regions[f->ops[op].region.i].scope;
    while (s.i && f->scopes[s.i].kind != SCOPE_CLASS) s = f->scopes[s.i].parent;
    return s.i ? graph_class_of_scope(g, (ScopeRef){file, s}) : (ClassId){0};
}

typedef struct Named {
    const Graph *g;
    u32 file;
    u64 name;
    ClassId class;
} Named;

static bool names_class(void *context, PathId path) {
    const Named *named = context;
    const Facts *f = named->g->files[named->file].facts;
    const Path *p = &f->paths[path.i];
    if (p->kind != PATH_SYMBOL || name_hash(f, f->symbols[p->id].name) != named->name) return false;
    Entity e = entity_of_path(named->g, named->file, path, RESOLVE_DEPTH);
    return e.kind == ENTITY_CLASS && entity_class(named->g, e).i == named->class.i;
}

static bool is_imported(const Graph *g, u32 file, u64 name) {
    for (u32 i = 0; i < g->n_files; i++) {
        const Facts *f = g->files[i].facts;
        for (u32 k = 1; i != file && !g->files[i].is_test && k < f->n_imports; k++)
            if (name_hash(f, f->imports[k].name) == name) return true;
    }
    return false;
}

/* `fields = {"names": NameTable}` in the body of a dialog, which makes them by the table: only such
 * windows speak of the class. */
static void add_tables(const Graph *g, ClassId c, u32 outer, Makers *out) {
    const ClassNode *node = &g->classes[c.i];
    const Facts *f = g->files[node->file].facts;
    Named named = {g, node->file, name_hash(f, f->scopes[node->scope.i].name), c};
    if (is_imported(g, node->file, named.name)) return;
    for (u32 i = 0; i < f->n_ops && !out->any_lasting; i++) {
        if (!op_paths(f, &f->ops[i], names_class, &named)) continue;
        if (f->ops[i].kind == OP_TEST) continue;
        bool is_in_brief = is_brief_owner(g, class_around(g, node->file, i), outer - 1);
        out->any_brief |= is_in_brief;
        out->any_lasting |= !is_in_brief;
    }
}

static void add_makers(const Graph *g, ClassId c, u32 outer, Makers *out) {
    const ClassNode *node = &g->classes[c.i];
    if (!node->calls.n && node->escapes) add_tables(g, c, outer, out);
    for (u32 i = 0; i < node->calls.n && !out->any_lasting; i++) {
        OpRef call = node->calls.v[i];
        if (g->files[call.file].is_test) continue;
        ClassId maker = graph_method_class(g, function_of_op(g, call));
        if (is_brief_owner(g, maker, outer - 1))
            out->any_brief = true;
        else
            out->any_lasting |= !maker.i || !is_unmade_widget(g, maker);
    }
}

/* Such a window makes it and its subclasses, or a part of one does, and nothing else. */
static bool is_part_of_brief(const Graph *g, ClassId c, u32 outer) {
    ClassId family[FAMILY_SLOTS];
    u32 n = outer ? family_of(g, c, family) : 0;
    Makers makers = {0};
    for (u32 k = 0; k < n && !makers.any_lasting; k++)
        if (class_is_kind_of(g, family[k], c)) add_makers(g, family[k], outer, &makers);
    return makers.any_brief && !makers.any_lasting;
}

/* The owner goes soon with all its children. */
bool is_brief_owner(const Graph *g, ClassId c, u32 outer) {
    return c.i && (is_brief_class(g, c) || is_run_at_once(g, c) || is_part_of_brief(g, c, outer) ||
                   is_row(g, c));
}
