/* What a project says about itself in its configuration. */
#include "graph/model.h"

Profile graph_profile(const Graph *g) {
    return g->settings.profile;
}

bool graph_is_configured_long_lived(const Graph *g, Str name) {
    for (u32 i = 0; i < g->settings.n_long_lived; i++)
        if (str_eq(name, g->settings.long_lived[i])) return true;
    return false;
}

bool graph_has_long_lived(const Graph *g, u32 i) {
    return g->has_long_lived[i];
}

/* The same, while the project is linked. */
static bool is_meant(Graph *g, Str name) {
    for (u32 i = 0; i < g->settings.n_long_lived; i++) {
        if (!str_eq(name, g->settings.long_lived[i])) continue;
        g->has_long_lived[i] = true;
        return true;
    }
    return false;
}

bool graph_is_long_lived_class(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    for (u32 i = 0; i < node->n_mro; i++)
        if (g->classes[node->mro[i].i].is_long_lived) return true;
    return node->is_long_lived;
}

/* The class of the object that a configured variable of a module holds. */
static void mark_variables(Graph *g, u32 file) {
    const Facts *f = g->files[file].facts;
    for (u32 i = 1; i < f->n_symbols; i++) {
        const Symbol *s = &f->symbols[i];
        if (s->target.i != i || f->scopes[s->scope.i].kind != SCOPE_MODULE) continue;
        ClassId type = graph_type_of_variable(g, (SymbolRef){file, {i}});
        if (!type.i) continue;
        Str name = str_format(g->arena, "%.*s.%.*s", STR_ARG(g->files[file].module),
                              STR_ARG(facts_str(f, s->name)));
        if (is_meant(g, name)) g->classes[type.i].is_long_lived = true;
    }
}

void settings_apply(Graph *g) {
    if (!g->settings.n_long_lived) return;
    g->has_long_lived = arena_array(g->arena, bool, g->settings.n_long_lived);
    for (u32 id = 1; id <= g->n_classes; id++)
        if (is_meant(g, graph_class_name(g, (ClassId){id}))) g->classes[id].is_long_lived = true;
    for (u32 i = 0; i < g->n_files; i++) mark_variables(g, i);
}

/* Attributes that methods of a class set are also those of its subclasses' instances. */
static bool has_long_lived(const Graph *g, ClassId c, u32 depth) {
    const ClassNode *node = &g->classes[c.i];
    if (graph_is_long_lived_class(g, c)) return true;
    for (u32 i = 0; i < node->subclasses.n && depth; i++)
        if (has_long_lived(g, node->subclasses.v[i], depth - 1)) return true;
    return false;
}

Str settings_holder(Graph *g, ClassId c, Str attribute) {
    enum { SUBCLASS_DEPTH = 4 };
    if (!g->settings.n_long_lived || !c.i) return (Str){0};
    Str class = graph_class_name(g, c);
    Str whole = str_format(g->arena, "%.*s.%.*s", STR_ARG(class), STR_ARG(attribute));
    bool is_named = is_meant(g, whole);
    return is_named || has_long_lived(g, c, SUBCLASS_DEPTH) ? class : (Str){0};
}

bool settings_escapes(const Graph *g, const Container *c) {
    return g->settings.profile == PROFILE_LIBRARY && c->is_public;
}

static bool is_public_part(Str part) {
    bool is_special = str_starts(part, "__") && str_ends(part, "__");
    return part.n && (part.p[0] != '_' || is_special) && part.p[0] != '<';
}

bool graph_users_may_call(const Graph *g, ScopeRef function) {
    if (g->settings.profile != PROFILE_LIBRARY || scope_is_none(function)) return false;
    Str name = graph_scope_name(g, function);
    for (u32 from = 0, i = 0; i <= name.n; i++) {
        if (i < name.n && name.p[i] != '.') continue;
        if (!is_public_part(str_sub(name, from, i))) return false;
        from = i + 1;
    }
    return true;
}

/* ---- effects of the project's extension types ---- */

const EffectRow *graph_own_effects(const Graph *g, u32 *n) {
    *n = g->settings.n_effects;
    return g->settings.effects;
}

const EffectRow *graph_effects(const Graph *g, Str canonical, u32 *n) {
    const EffectRow *found = know_effects(canonical, n), *own = g->settings.effects;
    if (found) return found;
    u32 low = 0, high = g->settings.n_effects, end = high;
    while (low < high) { /* the first that is not before it */
        u32 middle = low + (high - low) / 2;
        if (str_cmp(str_from(own[middle].name), canonical) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (high = low; high < end && str_is(canonical, own[high].name);) high++;
    *n = high - low;
    return *n ? &own[low] : NULL;
}
