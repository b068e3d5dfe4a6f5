/* Where references are lost, as faults: one for each acquisition, with the ways on which it is. */
#include "capi/engine.h"

static bool is_lost(const Thing *t) {
    return t->owned > 0 && t->null != IS_NULL && !(t->flags & THING_ESCAPED) &&
           t->kind != THING_STATUS && t->kind != THING_NONE && !t->status;
}

static CFault *known_fault(const Engine *e, u32 origin) {
    CFaults *out = e->study->out;
    for (u32 i = out->list.n; i-- > 0 && out->list.v[i].function == e->function;)
        if (out->list.v[i].origin == origin) return &out->list.v[i];
    return NULL;
}

static Str holder_name(const Engine *e, u32 thing) {
    for (u32 i = 0; i < e->now->n_slots; i++) {
        const Slot *slot = &e->now->slots[i];
        if (slot->value.kind == VALUE_THING && slot->value.number == thing)
            return engine_place_name(e, slot->decl);
    }
    return (Str){0};
}

/* The branches that were taken since the acquisition. */
static void add_way(const Engine *e, CFault *fault) {
    const State *s = e->now;
    u32 from = s->n_steps > C_STEPS_MAX ? s->n_steps - C_STEPS_MAX : 0;
    for (u32 i = from; i < s->n_steps && fault->n_steps < C_STEPS_MAX; i++) {
        u32 step = s->steps[i % C_STEPS_MAX], node = step / 2;
        if (e->unit->nodes[node].start < e->unit->nodes[fault->origin].start) continue;
        Str text = step & 1 ? STR("this holds") : STR("this does not hold");
        fault->steps[fault->n_steps++] = (CStep){node, text};
    }
}

/* Functions that hand over an exception that was set. */
static bool gives_exception(Str name) {
    static const char *const names[] = {"PyErr_Fetch", "PyErr_GetRaisedException",
                                        "PyErr_GetExcInfo", "PyErr_GetHandledException"};
    for (u32 i = 0; i < ARRAY_LEN(names); i++)
        if (str_is(name, names[i])) return true;
    return false;
}

static CFaultKind leak_kind(const Engine *e, const Thing *t, CFaultKind kind) {
    if (t->kind == THING_BUFFER) return C_FAULT_BUFFER;
    if (t->kind == THING_MEMORY) return C_FAULT_MEMORY;
    if (t->flags & THING_REFUSED) return C_FAULT_REFUSED;
    Str source = cunit_str(e->unit, e->unit->nodes[t->origin].name);
    if (gives_exception(source)) return C_FAULT_ERROR_LOST;
    return kind;
}

/* `Lib_INCREF(op)`: what it is for. */
static bool is_counting(const Engine *e, const Thing *t) {
    static const char *const words[] = {"INCREF", "DECREF", "incref", "decref", "IncRef", "DecRef"};
    Str name = cunit_name(e->unit, e->function);
    for (u32 i = 0; i < ARRAY_LEN(words); i++)
        if (str_contains(name, words[i])) return t->flags & THING_PARAMETER;
    return false;
}

/* The loop around a node, or 0. */
static u32 loop_around(const Engine *e, u32 node) {
    for (u32 i = node; i; i = e->study->parents[i]) {
        u8 kind = e->unit->nodes[i].kind;
        if (kind == C_FOR || kind == C_WHILE || kind == C_DO) return i;
    }
    return 0;
}

/* One reference for each round of a loop, and a release for each round of another: nobody counts
 * them here. */
static bool is_counted_by_rounds(Engine *e, u32 thing) {
    const CUnit *u = e->unit;
    u32 retained = 0, released = 0;
    CWalk walk = cwalk_begin(e->arena, u->decls[e->function].node);
    for (u32 node; (node = cwalk_next(u, &walk));) {
        const ApiRow *row = study_row(e->study, node);
        ApiArg effect = row ? api_arg(row, 0) : API_ARG_PLAIN;
        bool retains = effect == API_ARG_RETAIN;
        if (!retains && effect != API_ARG_RELEASE && effect != API_ARG_XRELEASE) continue;
        u32 decl = engine_local(e, cnode_child(u, node, 1)), loop = loop_around(e, node);
        Value value = decl ? state_get(e->now, decl) : (Value){0};
        if (!loop || value.kind != VALUE_THING || value.number != thing) continue;
        if (retains) retained = loop;
        if (!retains && loop != retained) released = loop;
    }
    return retained && released;
}

static void report(Engine *e, u32 thing, CFaultKind kind, u32 exit, Str holder) {
    Thing *t = &e->now->things[thing];
    if (is_counting(e, t) || is_counted_by_rounds(e, thing)) return;
    kind = leak_kind(e, t, kind);
    CFault *old = known_fault(e, t->origin);
    /* what is lost on the normal way says more than what is lost when something fails */
    if (old && !(old->kind == C_FAULT_ERROR_PATH && kind != C_FAULT_ERROR_PATH)) return;
    CFault *fault = old;
    if (!fault) fault = study_fault(e->study, kind, e->function, t->origin);
    fault->kind = kind;
    fault->exit = exit;
    fault->holder = holder;
    fault->is_sure = !(t->flags & THING_UNSURE);
    /* a helper may take a reference for its caller */
    if (t->flags & THING_PARAMETER && !e->study->is_method[e->function]) fault->is_guess = true;
    fault->n_steps = 0;
    add_way(e, fault);
}

void engine_check_lost(Engine *e, u32 node) {
    State *s = e->now;
    for (u32 i = 0; i < s->n_things; i++) {
        Thing *t = &s->things[i];
        if (!is_lost(t) || state_holds(s, i)) continue;
        /* what never had a name is the matter of inline.c */
        if (t->flags & THING_NAMED && t->left) {
            Value now = state_get(s, t->left);
            bool is_round = now.kind == VALUE_THING && s->things[now.number].origin == t->origin;
            report(e, i, is_round ? C_FAULT_ROUND : C_FAULT_OVERWRITTEN, node,
                   engine_place_name(e, t->left));
        }
        t->flags |= THING_ESCAPED;
        t->owned = 0;
    }
}

static bool is_failure(const Engine *e, Value value) {
    if (e->now->failed) return true;
    if (value.kind == VALUE_THING) return e->now->things[value.number].null == IS_NULL;
    if (value.kind != VALUE_INT) return false;
    bool is_pointer = e->unit->types[e->unit->decls[e->function].type].flags & CTYPE_POINTER;
    return value.number < 0 || (value.number == 0 && is_pointer);
}

void engine_check_return(Engine *e, u32 node, Value value) {
    State *s = e->now;
    bool fails = is_failure(e, value);
    for (u32 i = 0; i < s->n_slots; i++) { /* the caller's, or released with the variable's scope */
        const Place *place = engine_place_at(e, s->slots[i].decl);
        if (place && place->kind == PLACE_POINTED) engine_escape(e, s->slots[i].value);
    }
    for (u32 i = 0; i < s->n_things; i++)
        if (is_lost(&s->things[i]) && s->things[i].flags & THING_NAMED)
            report(e, i, fails ? C_FAULT_ERROR_PATH : C_FAULT_NEVER, node, holder_name(e, i));
}

/* What a method returns to Python, Python releases. */
void engine_check_returned(Engine *e, u32 node, Value value) {
    State *s = e->now;
    bool is_object = cunit_is_object(e->unit, e->unit->decls[e->function].type);
    if (!is_object || !e->study->is_method[e->function] || !node) return;
    if (value.kind == VALUE_STATIC && !s->n_immortal && !known_fault(e, node)) {
        CFault *fault = study_fault(e->study, C_FAULT_RETURNED, e->function, node);
        fault->exit = node;
        fault->is_sure = false; /* None and its kin cannot be freed since 3.12 */
        fault->is_guess = true;
        fault->holder = STR("None, True, False or a type");
    }
    if (value.kind != VALUE_THING) return;
    const Thing *t = &s->things[value.number];
    u32 not_ours = THING_ESCAPED | THING_STORED | THING_SHARED | THING_UNSURE | THING_LENT;
    bool is_borrowed = t->kind == THING_OBJECT && t->owned <= 0 && !(t->flags & not_ours);
    bool is_given_up = t->flags & (THING_STOLEN | THING_RELEASED);
    if (!is_borrowed || t->status || t->null == IS_NULL || (is_given_up && t->flags & THING_KEPT))
        return;
    u32 origin = t->origin ? t->origin : node;
    if (known_fault(e, origin)) return;
    CFault *fault = study_fault(e->study, C_FAULT_RETURNED, e->function, origin);
    fault->exit = node;
    fault->is_lent = !(t->flags & THING_NEW);
    if (t->last && is_given_up) {
        fault->steps[fault->n_steps++] = (CStep){t->last, STR("the last reference is given up")};
        fault->consumer = cunit_str(e->unit, e->unit->nodes[t->last].name);
    }
    fault->holder = holder_name(e, (u32)value.number);
    add_way(e, fault);
}

/* The key of the first argument of a call, `args` or `self->items`, or 0. */
static u64 first_key(const Engine *e, u32 call) {
    u32 argument = cnode_child(e->unit, call, 1);
    Known unused = {0};
    return argument ? engine_key(e, argument, &unused) : 0;
}

/* A macro puts something into the container, at the place of `index` unless that is NULL, in a call
 * that begins behind `after`. */
static bool is_put_into(const Engine *e, u64 container, const CNode *index, u32 after) {
    const CUnit *u = e->unit;
    CWalk walk = cwalk_begin(e->arena, u->decls[e->function].node);
    for (u32 node; container && (node = cwalk_next(u, &walk));) {
        const CNode *n = &u->nodes[node];
        if (n->kind != C_CALL || n->start < after) continue;
        if (!str_ends(cunit_str(u, n->name), "_SET_ITEM")) continue;
        if (first_key(e, node) != container) continue;
        const CNode *other = &u->nodes[cnode_child(u, node, 2)];
        if (!index || (other->flags & C_HAS_VALUE && other->value == index->value)) return true;
    }
    return false;
}

/* An item that was read by a macro, of a container in which a macro replaces items: the reference
 * of the container is ours to release. */
static bool is_taken_out(const Engine *e, u32 origin) {
    const CUnit *u = e->unit;
    if (!origin || !str_ends(cunit_str(u, u->nodes[origin].name), "_GET_ITEM")) return false;
    return is_put_into(e, first_key(e, origin), NULL, 0);
}

/* `PyTuple_SET_ITEM(args, 0, item)` … `Py_DECREF(item); PyTuple_SET_ITEM(args, 0, old)`: what the
 * place holds is released by hand, before it gets another object. */
static bool is_put_back(const Engine *e, u32 given, u32 release) {
    const CUnit *u = e->unit;
    if (!given || !str_ends(cunit_str(u, u->nodes[given].name), "_SET_ITEM")) return false;
    const CNode *index = &u->nodes[cnode_child(u, given, 2)];
    return index->flags & C_HAS_VALUE &&
           is_put_into(e, first_key(e, given), index, u->nodes[release].start + 1);
}

static bool reads_from(const Engine *e, u32 node, u64 container) {
    const CNode *n = &e->unit->nodes[node];
    return n->kind == C_CALL && str_ends(cunit_str(e->unit, n->name), "_GET_ITEM") &&
           first_key(e, node) == container;
}

/* `PyTuple_SET_ITEM(args, i, borrowed)` … `Py_XINCREF(PyTuple_GET_ITEM(args, i))` before the tuple
 * goes: for a while it holds references that it does not own. */
static bool is_made_up_for(const Engine *e, u32 given) {
    const CUnit *u = e->unit;
    if (!given || !str_ends(cunit_str(u, u->nodes[given].name), "_SET_ITEM")) return false;
    u64 container = first_key(e, given);
    u32 item = 0; /* the variable that was read from it last */
    CWalk walk = cwalk_begin(e->arena, u->decls[e->function].node);
    for (u32 node; container && (node = cwalk_next(u, &walk));) {
        const CNode *n = &u->nodes[node];
        if (n->kind == C_ASSIGN && reads_from(e, u->nodes[n->child].next, container))
            item = engine_local((Engine *)e, n->child);
        const ApiRow *row = study_row(e->study, node);
        if (!row || api_arg(row, 0) != API_ARG_RETAIN) continue;
        u32 argument = cnode_child(u, node, 1);
        const CNode *a = &u->nodes[argument];
        bool is_item = item && a->kind == C_REF && a->decl == item;
        if (is_item || reads_from(e, argument, container)) return true;
    }
    return false;
}

void engine_report_release(Engine *e, CFaultKind kind, u32 thing, u32 node) {
    Thing *t = &e->now->things[thing];
    Str holder = holder_name(e, thing);
    u32 origin = t->origin, last = t->last;
    bool is_lent = !(t->flags & THING_NEW) && !last, is_passed_in = !origin;
    bool is_sure = !(t->flags & THING_UNSURE);
    t->flags |= THING_ESCAPED;
    if (is_counting(e, t) || is_counted_by_rounds(e, thing)) return;
    if (is_taken_out(e, origin) || is_put_back(e, last, node)) return;
    if (is_made_up_for(e, last) || is_made_up_for(e, node)) return;
    if (!origin) origin = node; /* it was passed in */
    if (known_fault(e, origin)) return;
    CFault *fault = study_fault(e->study, kind, e->function, origin);
    fault->exit = node;
    fault->holder = holder;
    fault->is_sure = is_sure;
    fault->is_lent = is_lent;
    if (is_passed_in) fault->source = (Str){0};
    if (last) {
        fault->steps[fault->n_steps++] = (CStep){last, STR("the last reference is given up")};
        fault->consumer = cunit_str(e->unit, e->unit->nodes[last].name);
    }
    add_way(e, fault);
}
