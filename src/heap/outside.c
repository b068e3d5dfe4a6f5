/* Calls of what is outside the project: knowledge of functions and classes by name, and methods of
 * containers by their own name where nobody can tell the receiver's class. */
#include "heap/walk.h"

static const Value ANYTHING = {.is_open = true};

static Value argument(Walk *w, const Op *call, u32 index, const char *name) {
    PathId path = call_argument(w->f, call, index, name);
    return path_is_literal(w->f, path) ? (Value){0} : value_of(w, path);
}

static ObjectId made_by(Walk *w, ObjectKind kind, Str name) {
    ObjectId o = object_new(w, kind, w->at.i);
    if (o.i) {
        Str class = know_result_class(name);
        object_at(w, o)->made = class.n ? class : name;
        object_at(w, o)->label = label_text(LABEL_NONE, name);
    }
    return o;
}

/* ---- what is held ---- */

static void hold_all(Walk *w, const Op *call, ObjectId holder, u32 flags) {
    for (u32 k = 0; k < call->operands; k++) {
        Operand o = w->f->operands[call->operand + k];
        if (path_is_literal(w->f, o.path)) continue;
        Str name =
            operand_kind(o) == OPERAND_KEYWORD ? facts_str(w->f, operand_name(o)) : STR("args");
        edges_store(w, value_one(holder), label_text(LABEL_ARGUMENT, name), value_of(w, o.path),
                    flags);
    }
}

/* A bound method, closure or partial: what is handed over to be called. */
static bool is_callable(const Walk *w, const Value *v) {
    for (u32 i = 0; i < v->n; i++) {
        ObjectKind kind = object_at(w, v->v[i])->kind;
        if (kind == OBJECT_METHOD || kind == OBJECT_CLOSURE) return true;
        if (kind == OBJECT_HOLDER && !object_at(w, v->v[i])->is_weak) return true;
    }
    return false;
}

/* `f(**options)`: the callables in a dict that was made here. */
static void hold_values(Walk *w, Value holder, const Value *options, u32 flags) {
    for (u32 i = 0; i < options->n; i++) {
        u32 left = SCAN_MAX;
        for (u32 e = object_at(w, options->v[i])->edges; e && left; left--) {
            Edge edge = w->edges.v[e];
            e = edge.next;
            Value v = value_one(edge.to);
            if (edge.label.kind != LABEL_ITEM || edge.flags & EDGE_DEAD) continue;
            Label label = label_text(LABEL_ARGUMENT, edge.label.text);
            if (is_callable(w, &v)) edges_store(w, holder, label, v, flags);
        }
    }
}

static void hold_callables(Walk *w, const Op *call, Value holder, u32 flags) {
    for (u32 k = 0; k < call->operands; k++) {
        Operand o = w->f->operands[call->operand + k];
        PathKind kind = (PathKind)w->f->paths[o.path.i].kind;
        if (kind == PATH_LITERAL) continue;
        Value v = value_of(w, o.path);
        if (operand_kind(o) == OPERAND_DOUBLE_STAR) hold_values(w, holder, &v, flags);
        if (!is_callable(w, &v)) continue;
        Str name =
            operand_kind(o) == OPERAND_KEYWORD ? facts_str(w->f, operand_name(o)) : STR("callback");
        edges_store(w, holder, label_text(LABEL_ARGUMENT, name), v, flags);
    }
}

/* Copies what a display or other fresh container holds. */
static void copy_elements(Walk *w, Value to, const Value *from, u32 flags) {
    for (u32 i = 0; i < from->n; i++) {
        ObjectKind kind = object_at(w, from->v[i])->kind;
        if (kind != OBJECT_CONTAINER && kind != OBJECT_NAMESPACE) continue;
        u32 left = SCAN_MAX;
        for (u32 e = object_at(w, from->v[i])->edges; e && left; left--) {
            Edge edge = w->edges.v[e];
            e = edge.next;
            if (edge.flags & EDGE_DEAD) continue;
            Label label = edge.label.kind == LABEL_ARGUMENT ? label_element() : edge.label;
            edges_store(w, to, label, value_one(edge.to), flags);
        }
    }
}

/* ---- rows of know/effects.c ---- */

static u32 flags_of(const EffectRow *row) {
    return (row->flags & EFFECT_WEAK ? (u32)EDGE_WEAK : 0u) |
           (row->flags & EFFECT_BLIND ? (u32)EDGE_BLIND : 0u) |
           (row->flags & EFFECT_UNTIL_RUN ? (u32)EDGE_BRIEF : 0u);
}

static void hold_value(Walk *w, Value holder, const EffectRow *row, Value v, u32 flags) {
    if (row->flags & EFFECT_COPY)
        copy_elements(w, holder, &v, flags);
    else
        edges_store(w, holder, label_text(LABEL_ARGUMENT, str_from(row->how)), v, flags);
}

/* The versions that a row is true for, as bits: 3.n is n, 2.7 is 31. */
static u32 versions_of(const EffectRow *row) {
    u32 since = effect_since(row), before = effect_before(row);
    u32 bits = since ? 0 : 1u << 31;
    for (u32 minor = since; minor < (before ? before : 31u); minor++) bits |= 1u << minor;
    return bits;
}

static void hold_one(Walk *w, Value holder, const EffectRow *row, Value v, u32 flags) {
    u32 first = w->edges.n;
    hold_value(w, holder, row, v, flags);
    for (u32 i = first; i < w->edges.n && flags & EDGE_BLIND; i++)
        w->edges.v[i].blind = versions_of(row);
}

/* Weak rows that have strong sides: `weak=False`, all that is no bound method. */
static bool is_weak_for(Walk *w, const Op *call, const EffectRow *row, const Value *v) {
    if (row->flags & EFFECT_WEAK_METHODS)
        return v->n == 1 && object_at(w, v->v[0])->kind == OBJECT_METHOD;
    if (row->flags & EFFECT_WEAK_IF_ASKED) {
        const Path *asked = &w->f->paths[call_argument(w->f, call, UINT32_MAX / 4, "weak").i];
        return asked->kind == PATH_LITERAL && asked->flags == LITERAL_TRUE;
    }
    if (!(row->flags & EFFECT_WEAK_KEYWORD)) return !!(row->flags & EFFECT_WEAK);
    const Path *weak = &w->f->paths[call_argument(w->f, call, UINT32_MAX / 4, "weak").i];
    return weak->kind != PATH_LITERAL || weak->flags != LITERAL_FALSE;
}

/* What a row names of a call: arguments, the receiver. */
static void hold_named(Walk *w, const Op *call, Value holder, const EffectRow *row, u32 flags,
                       Value receiver) {
    u32 position = 0, strong = flags & ~(u32)EDGE_WEAK, weak = flags | EDGE_WEAK;
    for (u32 k = 0; k < call->operands; k++) {
        Operand o = w->f->operands[call->operand + k];
        OperandKind kind = operand_kind(o);
        u32 at = kind == OPERAND_POSITIONAL ? position++ : 0;
        bool is_named = kind == OPERAND_POSITIONAL ? effect_has_position(row, at)
                        : kind == OPERAND_KEYWORD
                            ? effect_has_keyword(row, facts_str(w->f, operand_name(o)))
                            : false;
        if (!is_named || path_is_literal(w->f, o.path)) continue;
        Value v = value_of(w, o.path);
        hold_one(w, holder, row, v, is_weak_for(w, call, row, &v) ? weak : strong);
    }
    if (effect_has_receiver(row)) hold_one(w, holder, row, receiver, flags);
}

/* What rows with the same `how` gave to the holder is let go. */
static void release(Walk *w, Value holder, const EffectRow *row) {
    for (u32 k = 0; k < holder.n; k++)
        edges_cut(w, holder.v[k], label_text(LABEL_ARGUMENT, str_from(row->how)));
}

static Value take_effects(Walk *w, const Op *call, Str name, const EffectRow *rows, u32 n,
                          Value receiver) {
    Value result = ANYTHING;
    for (u32 i = 0; i < n; i++) {
        u32 flags = flags_of(&rows[i]);
        Value holder = {0};
        if (rows[i].flags & EFFECT_ASSIGN) continue;
        switch (rows[i].holder) {
        case HELD_BY_RESULT:
            if (!result.n)
                result = value_one(made_by(
                    w, rows[i].flags & EFFECT_COPY ? OBJECT_CONTAINER : OBJECT_HOLDER, name));
            if (result.n && flags & EDGE_WEAK) object_at(w, result.v[0])->is_weak = true;
            holder = result;
            break;
        case HELD_BY_RECEIVER:
            holder = receiver;
            break;
        case HELD_BY_ARGUMENT:
            holder = argument(w, call, (u32)rows[i].holder_index, NULL);
            break;
        case HELD_BY_NOBODY:
            release(w, receiver.n ? receiver : argument(w, call, 0, NULL), &rows[i]);
            continue;
        default: /* roots close no cycle */
            continue;
        }
        if (rows[i].flags & EFFECT_REMOVES) continue;
        hold_named(w, call, holder, &rows[i], flags, receiver);
    }
    return result;
}

/* The class outside the project of what an object is: by the call that made it, also in another
 * method of the class that keeps it. */
static Str class_outside(Walk *w, ObjectId id) {
    Object *o = object_at(w, id);
    if (o->made.n || o->kind != OBJECT_LOADED || o->label.kind != LABEL_ATTRIBUTE) return o->made;
    if (o->is_looked_up) return o->made;
    o->is_looked_up = true;
    ClassId c = object_class(w, o->base);
    if (!c.i) return (Str){0};
    Attribute a = graph_attribute_outline(w->g, c, object_at(w, id)->label.text);
    if (!a.made_by.n) return (Str){0};
    Str class = know_result_class(a.made_by);
    return object_at(w, id)->made = class.n ? class : a.made_by;
}

/* `connection.row_factory = f`: what a library does with a value that is assigned. */
void assign_outside(Walk *w, Value base, Str attribute, Value value) {
    for (u32 b = 0; b < base.n; b++) {
        Str made = class_outside(w, base.v[b]);
        u32 n = 0;
        if (!made.n || made.n + 1 + attribute.n > 120) continue;
        Str name = str_format(&w->space->arena, "%.*s.%.*s", STR_ARG(made), STR_ARG(attribute));
        const EffectRow *rows = graph_effects(w->g, name, &n);
        for (u32 i = 0; rows && i < n; i++)
            if (rows[i].flags & EFFECT_ASSIGN && rows[i].holder == HELD_BY_RECEIVER) {
                bool is_first = !i || !str_eq(str_from(rows[i].how), str_from(rows[i - 1].how));
                Label slot = label_text(LABEL_ARGUMENT, str_from(rows[i].how));
                if (is_first) edges_cut(w, base.v[b], slot); /* else another version's row */
                hold_one(w, value_one(base.v[b]), &rows[i], value, flags_of(&rows[i]));
            }
    }
}

/* ---- functions with a meaning of their own ---- */

static Label named_label(Walk *w, PathId name) {
    const Path *p = &w->f->paths[name.i];
    if (p->kind != PATH_LITERAL)
        return (Label){LABEL_ATTRIBUTE, map_pair(w->file + 1, w->at.i), STR("[…]")};
    return label_attribute(w->f, (StrId){p->id});
}

/* locals(): the parameters, and what else is bound. */
static Value namespace(Walk *w) {
    ObjectId o = object_new(w, OBJECT_NAMESPACE, w->at.i);
    for (u32 i = 0; o.i && i < w->n_parameters; i++)
        if (w->parameters[i].i) {
            Label label = object_at(w, w->parameters[i])->label;
            label.kind = LABEL_ATTRIBUTE;
            label.hash = hash_str(label.text);
            edge_add(w, o, w->parameters[i], label, 0);
        }
    return value_one(o);
}

/* iter(x) holds what `__iter__` gives. */
static Value iterator(Walk *w, const Op *call, Str name) {
    Value v = argument(w, call, 0, NULL);
    ClassId c = v.n == 1 ? object_class(w, v.v[0]) : (ClassId){0};
    Member m = c.i ? graph_member(w->g, c, hash_str(STR("__iter__"))) : (Member){0};
    if (m.kind == MEMBER_METHOD) return property_value(w, m.function, v.v[0]);
    ObjectId o = made_by(w, OBJECT_HOLDER, name);
    if (o.i) hold_all(w, call, o, c.i ? EDGE_UNSURE : 0);
    return value_one(o);
}

/* getattr, setattr, delattr; false for another name. */
static bool reflect(Walk *w, const Op *call, Str name, Value *v) {
    PathId attribute = call_argument(w->f, call, 1, NULL);
    Value base = argument(w, call, 0, NULL);
    if (str_is(name, "builtins.delattr")) {
        if (base.n == 1) edges_cut(w, base.v[0], named_label(w, attribute));
        return true;
    }
    if (str_is(name, "builtins.getattr")) {
        const Path *literal = &w->f->paths[attribute.i];
        if (literal->kind == PATH_LITERAL && base.n == 1)
            *v = attribute_value(w, base.v[0], (PathId){0}, (StrId){literal->id});
        return true;
    }
    if (str_is(name, "builtins.setattr")) {
        edges_store(w, base, named_label(w, attribute), argument(w, call, 2, NULL), 0);
        return true;
    }
    return false;
}

/* super(): it holds the first parameter. */
static Value parent_of_self(Walk *w, Str name) {
    ObjectId o = w->n_parameters ? made_by(w, OBJECT_HOLDER, name) : (ObjectId){0};
    if (o.i && w->parameters[0].i)
        edge_add(w, o, w->parameters[0], label_text(LABEL_SELF, STR("__self__")), 0);
    return value_one(o);
}

static bool special(Walk *w, const Op *call, Str name, Value *v) {
    if (str_ends(name, "attr") && str_starts(name, "builtins.") && reflect(w, call, name, v))
        return true;
    if (str_is(name, "builtins.next")) {
        Value started = argument(w, call, 0, NULL);
        for (u32 i = 0; i < started.n; i++) object_at(w, started.v[i])->is_started = true;
        return true;
    }
    if (str_is(name, "builtins.vars") && call->operands)
        *v = argument(w, call, 0, NULL);
    else if (str_is(name, "builtins.vars") || str_is(name, "builtins.locals"))
        *v = namespace(w);
    else if (str_is(name, "builtins.iter"))
        *v = iterator(w, call, name);
    else if (str_is(name, "builtins.super"))
        *v = parent_of_self(w, name);
    else
        return false;
    return true;
}

/* ---- by canonical name ---- */

static Value container(Walk *w, const Op *call, Str name, MadeKind kind) {
    ObjectId o = made_by(w, OBJECT_CONTAINER, name);
    if (!o.i) return ANYTHING;
    object_at(w, o)->is_weak = kind == MADE_WEAK;
    Value from = argument(w, call, 0, NULL);
    copy_elements(w, value_one(o), &from, 0);
    if (kind == MADE_DEFAULTDICT) hold_callables(w, call, value_one(o), 0);
    return value_one(o);
}

static bool is_known(const Walk *w, Str name) {
    u32 n;
    return name.n && (graph_effects(w->g, name, &n) || know_call(name) || know_resource(name) ||
                      know_constructor(name) != MADE_NOTHING || know_result_class(name).n);
}

static Value named_value(Walk *w, const Op *call, Str name) {
    u32 n;
    const CallRow *reads = know_call(name);
    if (reads && reads->flags & (CALL_READS | CALL_COPY)) { /* list(generator), sum(generator) */
        Value run = argument(w, call, 0, NULL);
        exhaust(w, &run);
    }
    const EffectRow *rows = graph_effects(w->g, name, &n);
    if (rows) return take_effects(w, call, name, rows, n, ANYTHING);
    MadeKind made = know_constructor(name);
    if (made != MADE_NOTHING) return container(w, call, name, made);
    const CallRow *row = know_call(name);
    if (row && row->flags & CALL_WEAK) {
        ObjectId o = made_by(w, OBJECT_HOLDER, name);
        if (o.i) object_at(w, o)->is_weak = true;
        return value_one(o);
    }
    if (row && row->flags & (CALL_HOLDS | CALL_LAZY) && !(row->flags & CALL_TASK)) {
        ObjectId o = made_by(w, OBJECT_HOLDER, name);
        if (o.i) hold_all(w, call, o, 0);
        return value_one(o);
    }
    if (row && row->flags & CALL_GROWS && row->container >= 0 && row->value >= 0)
        edges_store(w, argument(w, call, (u32)row->container, NULL), label_element(),
                    argument(w, call, (u32)row->value, NULL), 0);
    if (!row || know_resource(name)) return value_one(made_by(w, OBJECT_UNKNOWN, name));
    return ANYTHING;
}

/* ---- methods by their own name ---- */

/* Does nobody but a container of Python have such a method there? */
static u32 doubt_of(Str method) {
    static const char *const PLAIN[] = {"append", "appendleft", "extend", "setdefault"};
    for (u32 i = 0; i < ARRAY_LEN(PLAIN); i++)
        if (str_is(method, PLAIN[i])) return 0;
    /* what is in a queue is taken out of it */
    if (str_is(method, "put") || str_is(method, "put_nowait")) return EDGE_BRIEF;
    return EDGE_UNSURE;
}

static void cut_element(Walk *w, ObjectId base, const Value *what) {
    u32 left = SCAN_MAX;
    for (u32 i = object_at(w, base)->edges; i && left; left--) {
        Edge *e = &w->edges.v[i];
        i = e->next;
        bool is_it = what->n == 1 && what->v[0].i == e->to.i;
        if (!label_is_element(e->label.kind)) continue;
        e->flags |= is_it && is_around(w, w->region, w->f->ops[e->at.i].region) ? (u32)EDGE_DEAD
                                                                                : (u32)EDGE_DOUBTED;
    }
}

/* `x.__dict__` and `vars(x)`: keys are attributes. */
static bool is_namespace(Walk *w, PathId receiver, ObjectId base) {
    const Path *p = &w->f->paths[receiver.i];
    if (object_at(w, base)->kind == OBJECT_NAMESPACE) return true;
    return p->kind == PATH_ATTR && str_is(facts_str(w->f, (StrId){p->id}), "__dict__");
}

/* `d.update(name=value)` */
static void add_keywords(Walk *w, const Op *call, Value base, bool is_attribute, u32 flags) {
    for (u32 k = 0; k < call->operands; k++) {
        Operand o = w->f->operands[call->operand + k];
        if (operand_kind(o) != OPERAND_KEYWORD || path_is_literal(w->f, o.path)) continue;
        Label label = label_attribute(w->f, operand_name(o));
        if (!is_attribute) label.kind = LABEL_ITEM;
        edges_store(w, base, label, value_of(w, o.path), flags);
    }
}

/* `d.pop("name")`, `d.clear()`: false when the row has to say what goes. */
static bool remove_named(Walk *w, const Op *call, const MethodRow *row, ObjectId base,
                         bool is_attribute) {
    PathId key = call_argument(w->f, call, 0, NULL);
    const Path *p = &w->f->paths[key.i];
    if (row->flags & METHOD_ALL && is_attribute) {
        edges_cut(w, base, (Label){LABEL_ATTRIBUTE, 0, {0}});
        return true;
    }
    if (row->flags & METHOD_ALL || p->kind != PATH_LITERAL) return false;
    Label label = label_item(w->f, p);
    if (is_attribute && label.kind == LABEL_ITEM) label.kind = LABEL_ATTRIBUTE;
    edges_cut(w, base, label);
    return true;
}

/* A method of a container: what it adds to and takes from the receiver. */
static Value container_method(Walk *w, const Op *call, const MethodRow *row, Value receiver) {
    Str method = str_from(row->method);
    Value value = row->value >= 0 ? argument(w, call, (u32)row->value, NULL) : (Value){0};
    for (u32 i = 0; i < receiver.n; i++) {
        Value base = value_one(receiver.v[i]);
        ClassId c = object_class(w, receiver.v[i]);
        if (c.i && graph_member(w->g, c, hash_str(method)).kind == MEMBER_NONE &&
            object_at(w, receiver.v[i])->kind != OBJECT_CONTAINER && !str_is(method, "update"))
            continue; /* an instance of the project that has no such method */
        bool is_attribute = is_namespace(w, w->f->paths[call->subject].parent, receiver.v[i]);
        if (row->effect == METHOD_ADDS && row->flags & METHOD_ITERABLE) {
            copy_elements(w, base, &value, is_attribute ? 0 : doubt_of(method));
            add_keywords(w, call, base, is_attribute, is_attribute ? 0 : doubt_of(method));
        } else if (row->effect == METHOD_ADDS)
            edges_store(w, base, label_element(), value, doubt_of(method));
        else if (row->effect == METHOD_REMOVES &&
                 remove_named(w, call, row, receiver.v[i], is_attribute))
            continue;
        else if (row->effect == METHOD_REMOVES && row->flags & METHOD_ALL)
            edges_cut(w, receiver.v[i], label_element());
        else if (row->effect == METHOD_REMOVES)
            cut_element(w, receiver.v[i], &value);
    }
    if (row->flags & METHOD_ELEMENT && receiver.n == 1) {
        Value v = value_loaded(w, receiver.v[0], label_element(), (PathId){0});
        value_join(&v, &value);
        v.is_open = true;
        return v;
    }
    return ANYTHING;
}

/* What the receiver was made by says which library's method this is. */
static const EffectRow *method_rows(Walk *w, const Value *receiver, Str method, u32 *n) {
    *n = 0;
    for (u32 i = 0; i < receiver->n; i++) {
        Str made = class_outside(w, receiver->v[i]);
        if (!made.n || made.n + 1 + method.n > 120) continue;
        Str name = str_format(&w->space->arena, "%.*s.%.*s", STR_ARG(made), STR_ARG(method));
        const EffectRow *rows = graph_effects(w->g, name, n);
        if (rows) return rows;
    }
    return NULL;
}

/* `add_child`, `putChild`, `attachTo`: by its name it keeps what it is given. */
bool name_is_adding(Str method) {
    static const char *const STARTS[] = {"add", "put", "attach", "append", "insert", "register"};
    if (!method.n ||
        (method.p[0] != 'a' && method.p[0] != 'p' && method.p[0] != 'i' && method.p[0] != 'r'))
        return false; /* most methods */
    for (u32 i = 0; i < ARRAY_LEN(STARTS); i++)
        if (str_starts(method, STARTS[i])) return true;
    return false;
}

static void hold_instances(Walk *w, const Op *call, Value receiver) {
    for (u32 k = 0; k < call->operands; k++) {
        Operand o = w->f->operands[call->operand + k];
        if (path_is_literal(w->f, o.path)) continue;
        Value v = value_of(w, o.path);
        if (v.n == 1 && object_at(w, v.v[0])->kind == OBJECT_INSTANCE)
            edges_store(w, receiver, label_element(), v, EDGE_GUESSED);
    }
}

static Value method_value(Walk *w, const Op *call, const Path *callee) {
    Str method = facts_str(w->f, (StrId){callee->id});
    if (str_is(method, "__get__") && call->operands) {
        ObjectId o = made_by(w, OBJECT_METHOD, method);
        edges_store(w, value_one(o), label_text(LABEL_SELF, STR("__self__")),
                    argument(w, call, 0, NULL), 0);
        return value_one(o);
    }
    if (str_is(method, "close")) {
        /* closing one that has not begun keeps its frame from Python 3.12 on */
        Value closed = value_of(w, callee->parent);
        if (closed.n == 1 && object_at(w, closed.v[0])->is_started) exhaust(w, &closed);
    }
    bool registers = know_is_registering(method);
    const MethodRow *row = know_method(method);
    bool is_known = map_get(&w->h->names, w->f->strings[callee->id].hash) != 0;
    if (!registers && !is_known && (!row || row->effect == METHOD_READS) && !name_is_adding(method))
        return ANYTHING;
    Value receiver = value_of(w, callee->parent);
    if (!receiver.n) return ANYTHING;
    u32 n;
    const EffectRow *rows = method_rows(w, &receiver, method, &n);
    if (rows) return take_effects(w, call, method, rows, n, receiver);
    if (row && row->effect != METHOD_READS) return container_method(w, call, row, receiver);
    if (registers) hold_callables(w, call, receiver, EDGE_GUESSED);
    if (name_is_adding(method)) hold_instances(w, call, receiver);
    return ANYTHING;
}

/* ---- calls ---- */

/* May the call be of something that know/ has a row for? Most are not, and need no name. */
static bool is_candidate(const Walk *w, const Path *callee) {
    const Facts *f = w->f;
    if (callee->kind == PATH_ATTR) return map_get(&w->h->names, f->strings[callee->id].hash);
    if (callee->kind != PATH_SYMBOL) return false;
    const Symbol *s = &f->symbols[callee->id];
    const Symbol *owner = &f->symbols[s->target.i];
    return map_get(&w->h->names, f->strings[s->name.i].hash) ||
           (s->target.i && owner->flags & SYMBOL_IMPORT);
}

/* The standard library itself is scanned: what limpet knows of it is better than what it reads. */
bool is_known_outside(const Heap *h, ClassId c) {
    u32 n;
    ScopeRef s = graph_class_scope(h->g, c);
    const Facts *f = graph_facts(h->g, s.file);
    if (!map_get(&h->names, f->strings[f->scopes[s.scope.i].name.i].hash)) return false;
    return know_effects(graph_class_name(h->g, c), &n) != NULL;
}

bool name_is_class(Str name) {
    Str last = str_after_last(name, '.');
    return last.n && last.p[0] >= 'A' && last.p[0] <= 'Z';
}

/* `lru_cache(maxsize=8)(f)`, `CFUNCTYPE(c_int)(f)`: the result holds f. */
static bool is_wrapper(Walk *w, u32 op) {
    const Op *made = &w->f->ops[op];
    if (made->kind != OP_CALL) return false;
    Str name = graph_name_of(w->g, w->file, op_path(made));
    return know_cache(name) || str_is(name, "ctypes.CFUNCTYPE") ||
           str_is(name, "ctypes.PYFUNCTYPE") || str_is(name, "ctypes.WINFUNCTYPE");
}

/* `Row(…)` where the module says `Row = collections.namedtuple(…)`. */
bool is_named_tuple(const Graph *g, u32 file, PathId callee) {
    PathKind kind = (PathKind)graph_facts(g, file)->paths[callee.i].kind;
    if (kind != PATH_SYMBOL && kind != PATH_ATTR) return false;
    SymbolRef s = graph_variable_of(g, file, callee);
    if (!s.symbol.i) return false;
    const Facts *f = graph_facts(g, s.file);
    const Path *value = &f->paths[bound_value(f, &f->ops[f->symbols[s.symbol.i].bind.i]).i];
    if (value->kind != PATH_OP || f->ops[value->id].kind != OP_CALL) return false;
    Str name = graph_name_of(g, s.file, op_path(&f->ops[value->id]));
    return str_is(name, "collections.namedtuple") || str_is(name, "typing.NamedTuple");
}

Value outside_value(Walk *w, const Op *call) {
    PathId path = op_path(call);
    const Path *callee = &w->f->paths[path.i];
    Str last = callee->kind == PATH_ATTR     ? facts_str(w->f, (StrId){callee->id})
               : callee->kind == PATH_SYMBOL ? facts_str(w->f, w->f->symbols[callee->id].name)
                                             : (Str){0};
    if (is_candidate(w, callee)) {
        Str name = graph_name_of(w->g, w->file, path);
        Value v = ANYTHING;
        if (special(w, call, name, &v)) return v;
        if (is_known(w, name)) return named_value(w, call, name);
    }
    if (call->operands && name_is_class(last)) { /* a class that limpet cannot see */
        ObjectId o = made_by(w, OBJECT_UNKNOWN, last);
        if (o.i) hold_callables(w, call, value_one(o), EDGE_GUESSED);
        return value_one(o);
    }
    if (callee->kind == PATH_OP && is_wrapper(w, callee->id)) {
        ObjectId o = made_by(w, OBJECT_HOLDER, STR("functools.partial"));
        if (o.i) hold_all(w, call, o, 0);
        return value_one(o);
    }
    if (is_named_tuple(w->g, w->file, path)) {
        ObjectId o = made_by(w, OBJECT_CONTAINER, last);
        if (o.i) hold_all(w, call, o, 0);
        return value_one(o);
    }
    return callee->kind == PATH_ATTR ? method_value(w, call, callee) : ANYTHING;
}
