/* Rows of files and tables: their fields are texts and numbers, whatever they are called. */
#include "graph/rows.h"

static bool is_row_name(Str name) {
    static const char *const NAMES[] = {"line", "lines", "rec", "record", "records", "row", "rows"};
    return str_is_any(str_after_last(name, '_'), NAMES, ARRAY_LEN(NAMES));
}

/* `open(path)`, `csv.DictReader(file)`, `cursor.fetchall()`, `text.splitlines()` */
static bool makes_rows(const Graph *g, u32 file, const Op *call) {
    static const char *const CALLS[] = {"DictReader", "execute",    "fetchall", "fetchmany",
                                        "iterrows",   "itertuples", "open",     "readlines",
                                        "reader",     "splitlines"};
    return str_is_any(facts_last_name(g->files[file].facts, op_path(call)), CALLS,
                      ARRAY_LEN(CALLS));
}

bool is_round_of_unknown(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    const Symbol *s = &f->symbols[facts_root_symbol(f, path).i];
    const Op *bind = &f->ops[s->bind.i];
    if (f->paths[path.i].kind != PATH_SYMBOL || !s->bind.i || s->flags & SYMBOL_PARAM) return false;
    if (bind->kind != OP_BIND || (bind->flags & OP_LOW) != BIND_FOR) return false;
    return f->paths[bound_value(f, bind).i].kind == PATH_ANY &&
           !type_of_path(g, file, path, RESOLVE_DEPTH).i;
}

/* The variable of a loop over rows, of which the project knows no class. */
static bool is_row(const Graph *g, u32 file, PathId path) {
    const Facts *f = g->files[file].facts;
    SymbolId owner =
        f->paths[path.i].kind == PATH_SYMBOL ? facts_root_symbol(f, path) : (SymbolId){0};
    if (!is_round_of_unknown(g, file, path)) return false;
    const Symbol *s = &f->symbols[owner.i];
    PathId over = f->paths[bound_value(f, &f->ops[s->bind.i]).i].parent;
    const Op *call = facts_call(f, graph_alias_of(g, file, over));
    if (is_row_name(facts_str(f, s->name)) || is_row_name(facts_last_name(f, over))) return true;
    return call && makes_rows(g, file, call);
}

bool is_field_of_row(const Graph *g, u32 file, PathId path) {
    const Path *p = &g->files[file].facts->paths[path.i];
    return (p->kind == PATH_ATTR || p->kind == PATH_CONST) && is_row(g, file, p->parent);
}
