/* `try: from abc import ABC`, `except ImportError:`: what stands there was for older versions. */
#include "rule/fallback.h"

#include "know/know.h"
#include "rule/rule.h"

/* The Python 3 minor version of the oldest target; 0 when Python 2 is one. */
static u32 oldest_minor(const Facts *f, u32 targets) {
    if (!targets && f->flags & FACTS_PYTHON2) return 0;
    if (!targets) targets = targets_supported();
    if (targets & 1u << PYTHON_2_7) return 0;
    u32 version = PYTHON_3_3;
    while (version < PYTHON_VERSIONS && !(targets >> version & 1)) version++;
    return version - PYTHON_3_3 + 3;
}

static bool is_import_error(const Graph *g, u32 file, PathId type) {
    Str name = graph_name_of(g, file, type);
    return str_is(name, "builtins.ImportError") || str_is(name, "builtins.ModuleNotFoundError");
}

static bool handles_imports(const Graph *g, u32 file, const Op *handler) {
    const Facts *f = graph_facts(g, file);
    if (handler->operands != 1) return false;
    PathId type = op_operand(f, handler, 0);
    const Path *p = &f->paths[type.i];
    if (p->kind != PATH_OP || f->ops[p->id].kind != OP_TUPLE) return is_import_error(g, file, type);
    const Op *tuple = &f->ops[p->id];
    for (u32 i = 0; i < tuple->operands; i++)
        if (!is_import_error(g, file, op_operand(f, tuple, i))) return false;
    return tuple->operands != 0;
}

/* Everywhere, from the version on. */
static bool is_there(const Facts *f, const Import *import, u32 oldest, Str *name) {
    char text[160];
    Str module = facts_str(f, import->module), what = facts_str(f, import->name);
    if (import->level || module.n + what.n + 2 > sizeof text) return false;
    if (!module.n || !what.n) {
        *name = module.n ? module : what;
    } else {
        *name = what;
        memcpy(text, module.p, module.n);
        text[module.n] = '.';
        memcpy(text + module.n + 1, what.p, what.n);
        module = (Str){text, module.n + 1 + what.n};
    }
    u32 since = know_standard_since(module.n ? module : what);
    return since && since <= oldest;
}

/* The `try` does nothing but such imports. */
static bool only_imports(const Facts *f, RegionId try, u32 oldest, Str *name) {
    const Region *r = &f->regions[try.i];
    const Scope *scope = &f->scopes[r->scope.i];
    bool found = false;
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        const Op *op = &f->ops[i];
        if (op->span.start < r->span.start || op->span.end > r->span.end) continue;
        bool binds = op->kind == OP_BIND && (op->flags & OP_LOW) == BIND_IMPORT;
        if (op->region.i != try.i || (op->kind != OP_IMPORT && !binds)) return false;
        if (op->kind != OP_IMPORT) continue;
        if (!is_there(f, &f->imports[op->subject], oldest, name)) return false;
        found = true;
    }
    return found;
}

static bool is_dead(const Graph *g, u32 file, RegionId region, u32 oldest, Str *name) {
    const Facts *f = graph_facts(g, file);
    const Region *r = &f->regions[region.i];
    const Scope *scope = &f->scopes[r->scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++)
        if (f->ops[i].kind == OP_HANDLER && f->ops[i].region.i == region.i)
            return handles_imports(g, file, &f->ops[i]) && only_imports(f, r->group, oldest, name);
    return false;
}

bool is_dead_fallback(const Graph *g, Place place, u32 targets, Str *name) {
    const Facts *f = graph_facts(g, place.file);
    u32 oldest = oldest_minor(f, targets);
    for (u32 i = 1; oldest && i < f->n_regions; i++) {
        const Region *r = &f->regions[i];
        if (r->span.start > place.start) return false;
        if (r->kind != REGION_EXCEPT || place.end > r->span.end) continue;
        if (is_dead(g, place.file, (RegionId){i}, oldest, name)) return true;
    }
    return false;
}
