/* Summaries as text: one block a function, one line an edge. */
#include "heap/walk.h"

typedef struct Printing {
    const Heap *h;
    const Summary *s;
    u32 function; /* whose summary it is */
    Buf *out;
} Printing;

void label_print(const Label *label, Buf *out) {
    switch (label->kind) {
    case LABEL_ATTRIBUTE:
        buf_printf(out, ".%.*s", STR_ARG(label->text));
        break;
    case LABEL_ITEM:
        buf_printf(out, "[\"%.*s\"]", STR_ARG(label->text));
        break;
    case LABEL_INDEX:
        buf_printf(out, "[%.*s]", STR_ARG(label->text));
        break;
    case LABEL_ELEMENT:
        buf_text(out, "[…]");
        break;
    case LABEL_CELL:
        buf_printf(out, " captures %.*s", STR_ARG(label->text));
        break;
    case LABEL_SELF:
        buf_text(out, ".__self__");
        break;
    case LABEL_ARGUMENT:
        if (label->text.n && (label->text.p[0] == '.' || label->text.p[0] == '('))
            buf_str(out, label->text);
        else
            buf_printf(out, " holds (%.*s)", STR_ARG(label->text));
        break;
    case LABEL_NONE:
        break;
    }
}

static void print_selector(const Label *label, Buf *out) {
    if (label->kind == LABEL_SELF)
        buf_text(out, " is bound to");
    else
        label_print(label, out);
}

static void print_object(const Printing *p, u32 index) {
    const SummaryObject *o = &p->s->objects[index];
    const Facts *f = graph_facts(p->h->g, o->file);
    Buf *out = p->out;
    switch (o->kind) {
    case OBJECT_LOADED:
        print_object(p, o->base);
        print_selector(&o->label, out);
        return;
    case OBJECT_PARAMETER:
    case OBJECT_CELL:
        buf_str(out, o->label.text);
        return;
    case OBJECT_GLOBAL:
        buf_printf(out, "%.*s.%.*s", STR_ARG(graph_module_name(p->h->g, o->file)),
                   STR_ARG(o->label.text));
        return;
    case OBJECT_INSTANCE:
        buf_printf(out, "new %.*s", STR_ARG(graph_class_name(p->h->g, o->class)));
        break;
    default:
        buf_text(out, object_kind_text(o->kind));
        if (o->label.text.n) buf_printf(out, " %.*s", STR_ARG(o->label.text));
    }
    u32 line, column;
    facts_line(f, f->ops[o->id].span.start, &line, &column);
    buf_printf(out, " of line %u", line);
}

static void print_edge(const Printing *p, const SummaryEdge *e) {
    static const struct {
        u32 flag;
        const char *text;
    } FLAGS[] = {{EDGE_UNSURE, "unsure"},    {EDGE_GUESSED, "guessed"}, {EDGE_BLIND, "blind"},
                 {EDGE_DOUBTED, "doubted"},  {EDGE_WEAK, "weak"},       {EDGE_BRIEF, "brief"},
                 {EDGE_CLOSED, "on a cycle"}};
    u32 line, column;
    const Facts *f = graph_facts(p->h->g, e->file);
    facts_line(f, f->ops[e->op.i].span.start, &line, &column);
    buf_text(p->out, "    ");
    print_object(p, e->from);
    print_selector(&e->label, p->out);
    buf_text(p->out, " -> ");
    print_object(p, e->to);
    buf_printf(p->out, ", line %u", line);
    for (u32 i = 0; i < ARRAY_LEN(FLAGS); i++)
        if (e->flags & FLAGS[i].flag) buf_printf(p->out, ", %s", FLAGS[i].text);
    buf_char(p->out, '\n');
}

static void print_call(const Printing *p, const SummaryCall *call) {
    ScopeRef function = graph_function_scope(p->h->g, p->function);
    const Facts *f = graph_facts(p->h->g, function.file);
    const Param *param = &f->params[f->scopes[function.scope.i].param_first + call->parameter];
    buf_printf(p->out, "    calls %.*s(", STR_ARG(facts_str(f, f->symbols[param->symbol.i].name)));
    for (u32 i = 0; i < call->n; i++) {
        if (i) buf_text(p->out, ", ");
        if (call->arguments[i])
            print_object(p, call->arguments[i]);
        else
            buf_text(p->out, "…");
    }
    buf_text(p->out, ")\n");
}

static void print_summary(const Printing *p) {
    const Summary *s = p->s;
    ScopeRef function = graph_function_scope(p->h->g, p->function);
    buf_printf(p->out, "  summary %.*s\n", STR_ARG(graph_scope_name(p->h->g, function)));
    for (u32 i = 0; i < s->n_cuts; i++) {
        buf_text(p->out, s->cuts[i].is_sure ? "    lets go of " : "    may let go of ");
        print_object(p, s->cuts[i].base);
        print_selector(&s->cuts[i].label, p->out);
        buf_char(p->out, '\n');
    }
    for (u32 i = 0; i < s->n_edges; i++) print_edge(p, &s->edges[i]);
    for (u32 i = 0; i < s->n_calls; i++) print_call(p, &s->calls[i]);
    for (u32 i = 0; i < s->n_returns; i++) {
        buf_text(p->out, "    returns ");
        if (s->returns[i])
            print_object(p, s->returns[i]);
        else
            buf_text(p->out, "something else");
        buf_char(p->out, '\n');
    }
}

void heap_print_text(const Heap *h, Buf *out) {
    u32 file = UINT32_MAX;
    for (u32 id = 1; id <= h->n_functions; id++) {
        if (!h->summaries[id]) continue;
        ScopeRef function = graph_function_scope(h->g, id);
        if (function.file != file)
            buf_printf(out, "module %.*s\n", STR_ARG(graph_module_name(h->g, function.file)));
        file = function.file;
        Printing p = {h, h->summaries[id], id, out};
        print_summary(&p);
    }
}
