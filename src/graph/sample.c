/* Instances that modules make to show how it is done: they say nothing of how long those live that
 * a program makes. */
#include "graph/starting.h"

#define NO_FILE UINT32_MAX

enum { HOLDERS = 3 }; /* objects around an object */

/* ---- modules with settings that users copy ---- */

static bool is_sample_folder(Str word) {
    static const char *const WORDS[] = {"configs", "presets", "recipes", "samples", "templates"};
    return str_is_any(word, WORDS, ARRAY_LEN(WORDS));
}

static bool is_in_sample_folder(const Graph *g, u32 file) {
    Str path = g->files[file].real_path;
    i64 slash = str_rfind(path, '/');
    if (slash <= (i64)g->common_root) return false;
    return is_sample_folder(str_after_last(str_sub(path, 0, (u32)slash), '/'));
}

/* It defines nothing and has no part that runs as a program. */
static bool only_makes(const Facts *f) {
    for (u32 i = 1; i < f->n_scopes; i++)
        if (f->scopes[i].kind == SCOPE_FUNCTION || f->scopes[i].kind == SCOPE_CLASS) return false;
    return !has_main_part(f);
}

static bool leads_to(const Graph *g, u32 from, const Import *import, u32 file) {
    Str dotted;
    u32 module = module_of_import(g, from, import, &dotted);
    if (module == file || !import->name.i) return module == file;
    Str name = facts_str(g->files[from].facts, import->name);
    return file == (module != NO_FILE ? module_child(g, module, name)
                                      : module_of_name(g, from, import, name));
}

static bool is_imported(const Graph *g, u32 file) {
    for (u32 i = 0; i < g->n_files; i++) {
        const Facts *f = g->files[i].facts;
        if (i == file || g->files[i].is_test || g->files[i].is_stub) continue;
        for (u32 k = 1; k < f->n_imports; k++)
            if (leads_to(g, i, &f->imports[k], file)) return true;
    }
    return false;
}

static bool is_sample_module(const Graph *g, u32 file) {
    return is_in_sample_folder(g, file) && only_makes(g->files[file].facts) &&
           !is_imported(g, file);
}

/* ---- the part of a module that shows what is in it ---- */

static bool is_in_main_part(const Facts *f, OpId op) {
    for (RegionId r = f->ops[op.i].region; r.i; r = f->regions[r.i].parent)
        if (f->regions[r.i].kind == REGION_MAIN) return true;
    return false;
}

/* A module that is no test, nor a package that only passes it on, has the class by name. */
static bool is_used_elsewhere(const Graph *g, ClassId c) {
    const ClassNode *node = &g->classes[c.i];
    const Facts *own = g->files[node->file].facts;
    u64 name = name_hash(own, own->scopes[node->scope.i].name);
    for (u32 i = 0; i < g->n_files; i++) {
        const Facts *f = g->files[i].facts;
        if (i == node->file || g->files[i].is_test || g->files[i].is_package) continue;
        for (u32 k = 1; k < f->n_imports; k++) {
            const Import *import = &f->imports[k];
            if (!import->name.i || name_hash(f, import->name) != name) continue;
            Entity e = entity_of_symbol(g, i, import->symbol, RESOLVE_DEPTH);
            if (e.kind == ENTITY_CLASS && entity_class(g, e).i == c.i) return true;
        }
    }
    return false;
}

static bool is_shown_only(const Graph *g, ClassId c, OpRef call) {
    return call.file == g->classes[c.i].file &&
           is_in_main_part(g->files[call.file].facts, call.op) && is_used_elsewhere(g, c);
}

/* ---- the whole ---- */

static bool is_of_sample(const Graph *g, ClassId c, u32 depth);

/* Something that the program runs holds what the call makes: a module variable, or an object that
 * lives on. */
static bool is_of_program(const Graph *g, OpRef call, u32 depth) {
    ScopeRef function = function_of_op(g, call);
    if (!function.scope.i || module_variable_of(g, call).i) return true;
    ClassId maker = graph_method_class(g, function);
    return maker.i && g->classes[maker.i].resident.n &&
           !(depth && is_of_sample(g, maker, depth - 1));
}

static bool is_of_sample(const Graph *g, ClassId c, u32 depth) {
    ClassId family[FAMILY_SLOTS];
    u32 n = c.i ? family_of(g, c, family) : 0, samples = 0;
    for (u32 k = 0; k < n; k++) {
        const ClassNode *node = &g->classes[family[k].i];
        if (!class_is_kind_of(g, family[k], c)) continue;
        for (u32 i = 0; i < node->calls.n; i++) {
            OpRef call = node->calls.v[i];
            if (g->files[call.file].is_test) continue;
            bool is_sample = is_shown_only(g, family[k], call) || is_sample_module(g, call.file);
            if (!is_sample && is_of_program(g, call, depth)) return false;
            samples += is_sample;
        }
    }
    return samples > 0;
}

bool graph_is_of_sample(const Graph *g, ClassId c) {
    return is_of_sample(g, c, HOLDERS);
}
