/* `limpet graph --format json`: the whole graph as one object of four lists, each in the order of
 * files and source:
 *
 *   modules     name, is_package, imports ({name, kind, target}), path
 *   classes     name, bases (linearised, then those outside), complete, metaclass,
 *               module_instance, attributes ({name, type}), path, line
 *   functions   name, how_often, callers, used_as_value, called_by_name, callers_outside, path,
 * line containers  name, holder, kind, verdict, uses ({kind, how, how_often, level, through_alias,
 *               overwrites, guarded, key, value, path, line}), path, line
 *
 * Texts that do not apply are empty; paths are as `limpet` shows them. */
#include "graph/model.h"

typedef struct Json {
    const Graph *g;
    Buf *out;
} Json;

static void number(const Json *j, const char *key, u32 value) {
    buf_printf(j->out, "\"%s\": %u, ", key, value);
}

static void item(const Json *j, u32 index, Str value) {
    buf_text(j->out, index ? ", \"" : "\"");
    buf_json(j->out, value);
    buf_char(j->out, '"');
}

/* The last members of an object. */
static void place(const Json *j, u32 file, u32 offset) {
    u32 line, column;
    facts_line(j->g->files[file].facts, offset, &line, &column);
    buf_json_string(j->out, "path", j->g->files[file].path);
    buf_printf(j->out, "\"line\": %u}", line);
}

static void begin_row(const Json *j, u32 *rows) {
    buf_text(j->out, (*rows)++ ? ",\n    {" : "\n    {");
}

static void write_module(const Json *j, u32 file) {
    static const char *const KINDS[] = {"unknown",  "outside",  "module", "class",
                                        "function", "variable", "package"};
    const FileNode *node = &j->g->files[file];
    const Facts *f = node->facts;
    buf_json_string(j->out, "name", node->module);
    buf_json_flag(j->out, "is_package", node->is_package);
    buf_text(j->out, "\"imports\": [");
    for (u32 i = 1; i < f->n_imports; i++) {
        const Import *import = &f->imports[i];
        const Symbol *s = &f->symbols[import->symbol.i];
        Str target;
        EntityKind kind = ENTITY_NONE;
        if (import->symbol.i) {
            Entity e = entity_of_symbol(j->g, file, s->target, RESOLVE_DEPTH);
            kind = e.kind;
            target = entity_name(j->g, e);
        } else {
            bool is_outside = module_of_import(j->g, file, import, &target) == UINT32_MAX;
            kind = is_outside ? ENTITY_EXTERNAL : ENTITY_MODULE;
        }
        buf_text(j->out, i > 1 ? ", {" : "{");
        buf_json_string(j->out, "name", import->symbol.i ? facts_str(f, s->name) : STR("*"));
        buf_json_string(j->out, "kind", str_from(KINDS[kind]));
        buf_text(j->out, "\"target\": \"");
        buf_json(j->out, target);
        buf_text(j->out, "\"}");
    }
    buf_text(j->out, "], \"path\": \"");
    buf_json(j->out, node->path);
    buf_text(j->out, "\"}");
}

static void write_attributes(const Json *j, const ClassNode *c) {
    buf_text(j->out, "\"attributes\": [");
    for (u32 d = c->first_attribute; d; d = j->g->attribute_defs.v[d].next_of_class) {
        const AttributeDef *def = &j->g->attribute_defs.v[d];
        const Facts *f = j->g->files[def->file].facts;
        StrId name = {f->paths[f->ops[def->op.i].subject].id};
        ClassId type = {map_get(&j->g->attribute_types, def->key)};
        buf_text(j->out, d == c->first_attribute ? "{" : ", {");
        buf_json_string(j->out, "name", facts_str(f, name));
        buf_text(j->out, "\"type\": \"");
        buf_json(j->out, graph_class_name(j->g, type));
        buf_text(j->out, "\"}");
    }
    buf_text(j->out, "], ");
}

static void write_class(const Json *j, ClassId id) {
    const ClassNode *c = &j->g->classes[id.i];
    u32 bases = 0;
    buf_json_string(j->out, "name", graph_class_name(j->g, id));
    buf_text(j->out, "\"bases\": [");
    for (u32 i = 1; i < c->n_mro; i++) item(j, bases++, graph_class_name(j->g, c->mro[i]));
    for (u32 i = 0; i < c->n_bases; i++)
        if (!c->bases[i].known.i) item(j, bases++, c->bases[i].name);
    buf_text(j->out, "], ");
    buf_json_flag(j->out, "complete", c->complete);
    buf_json_string(j->out, "metaclass",
                    c->metaclass_known.i ? graph_class_name(j->g, c->metaclass_known)
                                         : c->metaclass);
    buf_json_flag(j->out, "module_instance", c->instance_symbol.i != 0);
    write_attributes(j, c);
    place(j, c->file, j->g->files[c->file].facts->scopes[c->scope.i].span.start);
}

static void write_function(const Json *j, const FunctionNode *fn) {
    buf_json_string(j->out, "name", graph_scope_name(j->g, (ScopeRef){fn->file, fn->scope}));
    buf_json_string(j->out, "how_often", str_from(how_often_text((HowOften)fn->how_often)));
    number(j, "callers", fn->callers.n);
    buf_json_flag(j->out, "used_as_value", fn->escapes);
    buf_json_flag(j->out, "called_by_name", fn->called_by_name);
    buf_json_flag(j->out, "callers_outside", fn->unknown_callers);
    place(j, fn->file, j->g->files[fn->file].facts->scopes[fn->scope.i].span.start);
}

static void write_shape(const Json *j, const char *key, u32 shape) {
    const char *word;
    u32 words = 0;
    buf_printf(j->out, "\"%s\": [", key);
    for (u32 at = 0; (word = shape_text(shape, &at));) item(j, words++, str_from(word));
    buf_text(j->out, "], ");
}

static void write_use(const Json *j, const Use *u) {
    buf_json_string(j->out, "kind", str_from(use_text(u->kind)));
    buf_json_string(j->out, "how", u->how);
    buf_json_string(j->out, "how_often", str_from(how_often_text(u->how_often)));
    number(j, "level", u->level);
    buf_json_flag(j->out, "through_alias", u->through_alias);
    buf_json_flag(j->out, "overwrites", u->overwrites);
    buf_json_flag(j->out, "guarded", u->membership_guard);
    write_shape(j, "key", u->key_shape);
    write_shape(j, "value", u->value_shape);
    place(j, u->file, j->g->files[u->file].facts->ops[u->op.i].span.start);
}

static void write_container(const Json *j, ContainerId id) {
    const Container *c = &j->g->containers[id.i];
    buf_json_string(j->out, "name", c->name);
    buf_json_string(j->out, "holder", str_from(holder_text(c->holder)));
    buf_json_string(j->out, "kind", str_from(container_kind_text(c->kind)));
    buf_json_string(j->out, "verdict",
                    str_from(graph_verdict_text(graph_growth(j->g, id).verdict)));
    buf_text(j->out, "\"uses\": [");
    for (u32 i = 0; i < c->n_uses; i++) {
        buf_text(j->out, i ? ",\n      {" : "\n      {");
        write_use(j, &c->uses[i]);
    }
    buf_text(j->out, "], ");
    place(j, c->file, c->definition.start);
}

void graph_print_json(const Graph *g, Buf *out) {
    Json j = {g, out};
    u32 modules = 0, classes = 0, functions = 0, containers = 0;
    buf_text(out, "{\n  \"modules\": [");
    for (u32 i = 0; i < g->n_files; i++) {
        if (g->files[i].is_foreign) continue;
        begin_row(&j, &modules);
        write_module(&j, i);
    }
    buf_text(out, "\n  ],\n  \"classes\": [");
    for (u32 id = 1; id <= g->n_classes; id++) {
        begin_row(&j, &classes);
        write_class(&j, (ClassId){id});
    }
    buf_text(out, "\n  ],\n  \"functions\": [");
    for (u32 id = 1; id <= g->n_functions; id++) {
        begin_row(&j, &functions);
        write_function(&j, &g->functions[id]);
    }
    buf_text(out, "\n  ],\n  \"containers\": [");
    for (u32 file = 0; file < g->n_files; file++)
        for (u32 id = 1; id <= g->n_containers; id++) {
            if (g->containers[id].file != file) continue;
            begin_row(&j, &containers);
            write_container(&j, (ContainerId){id});
        }
    buf_text(out, "\n  ]\n}\n");
}
