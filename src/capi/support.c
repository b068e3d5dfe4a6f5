/* What is wrong with a type object: its support of the cyclic collector, and what its instances
 * leave behind. Every conclusion needs that all of the slot is in the unit, and is drawn from what
 * the slot mentions: a field that stands in it in any way is taken to be dealt with. */
#include "capi/slots.h"

typedef struct Judge {
    const Study *s;
    const CUnit *u;
    const TypeObject *type;
    u32 first; /* number of the first fault of types */
    const Members *m;
    bool has_gc;
    bool may_inherit;                         /* from a base */
    Reach dealloc, traverse, clear, finalize; /* empty when the slot is not there */
    u32 dealloc_fn, traverse_fn, clear_fn;
} Judge;

/* Fields of which a slot is said to forget them. */
typedef struct Missed {
    Buf text; /* 'a', 'b' and 'c' */
    u32 fields[C_STEPS_MAX];
    u32 n;
    u32 sureness; /* of the surest */
} Missed;

/* How sure it is that a field can hold objects that refer back: -1 when it cannot. */
static int can_refer(u32 holds) {
    if (holds & HOLDS_CALLABLE) return 2;
    if (holds & HOLDS_ATOM) return -1;
    if (!(holds & HOLDS_GIVEN) || holds & (HOLDS_CHECKED | HOLDS_PROJECT)) return 0;
    return holds & HOLDS_CONTAINER ? 1 : 2;
}

/* A field that is called like something to call: a bound method is what it mostly gets. */
static bool is_called_callback(Str name) {
    static const char *const words[] = {"callback", "hook",     "handler",
                                        "func",     "listener", "notify"};
    for (u32 i = 0; i < ARRAY_LEN(words); i++)
        if (str_contains(name, words[i])) return true;
    return str_ends(name, "_cb") || str_ends(name, "fn");
}

/* The same for types that do not take part: what is given once, when the instance is made, hardly
 * ever knows of it. */
static int can_come_back(u32 holds, Str name) {
    int sure = can_refer(holds);
    if (sure < 2 || holds & HOLDS_CALLABLE) return sure;
    return holds & HOLDS_SET_LATER || is_called_callback(name) ? 1 : 0;
}

static bool is_reference(const CUnit *u, u32 field) {
    return cunit_is_object(u, u->decls[field].type);
}

static void miss(Judge *j, Missed *missed, u32 field, u32 sureness) {
    if (missed->n == C_STEPS_MAX) return;
    missed->fields[missed->n++] = field;
    if (sureness > missed->sureness) missed->sureness = sureness;
    (void)j;
}

static Str missed_text(Judge *j, Missed *missed) {
    missed->text.arena = j->s->out->arena;
    for (u32 i = 0; i < missed->n; i++) {
        if (i) buf_text(&missed->text, i + 1 == missed->n ? " and " : ", ");
        Str name = cunit_name(j->u, missed->fields[i]);
        buf_printf(&missed->text, "'%.*s'", STR_ARG(name));
    }
    return buf_get(&missed->text);
}

/* Types that share a function share its faults. */
static bool is_known(const Judge *j, CFaultKind kind, u32 decl) {
    const CFaults *out = j->s->out;
    for (u32 i = j->first; i < out->list.n; i++)
        if (out->list.v[i].kind == kind && out->list.v[i].function == decl) return true;
    return false;
}

/* A fault at the slot function or type `decl`; NULL when nothing was missed. */
static CFault *blame(Judge *j, CFaultKind kind, u32 decl, Missed *missed) {
    if ((missed && !missed->n) || is_known(j, kind, decl)) return NULL;
    CFault *fault = study_fault(j->s, kind, decl, 0);
    fault->holder = j->type->name;
    fault->consumer = cunit_name(j->u, decl);
    fault->sureness = 2;
    fault->is_init = false;
    fault->source = (Str){0};
    if (!missed) return fault;
    fault->source = missed_text(j, missed);
    fault->sureness = missed->sureness;
    for (u32 i = 0; i < missed->n; i++) {
        u32 field = missed->fields[i], site = j->m->site[field];
        if (!site) continue;
        Str name = cunit_name(j->u, field);
        bool any = can_refer(j->m->holds[field]) > 0;
        fault->steps[fault->n_steps++] = (CStep){
            site, str_format(j->s->out->arena,
                             any ? "'%.*s' gets what the caller gives" : "'%.*s' gets its object",
                             STR_ARG(name))};
    }
    return fault;
}

/* ---- the collector ---- */

/* Instances that the collector does not see, though what they hold may hold them. */
static void judge_support(Judge *j) {
    const TypeObject *type = j->type;
    if (!type->flags_known || j->has_gc || j->may_inherit) return;
    Missed missed = {0};
    for (u32 f = j->u->decls[type->record].child; f; f = j->u->decls[f].next) {
        u32 holds = j->m->holds[f];
        int sure = can_come_back(holds, cunit_name(j->u, f));
        bool is_owned = holds & (HOLDS_OWNED | HOLDS_RELEASED);
        if (is_reference(j->u, f) && is_owned && sure >= 0) miss(j, &missed, f, (u32)sure);
    }
    bool is_abstract = type->flags & TYPE_BASETYPE && !type->slots[SLOT_NEW] && !type->is_heap;
    if (type->slots[SLOT_TRAVERSE] && missed.n) missed.sureness = 2; /* it was meant to */
    bool is_half = type->slots[SLOT_CLEAR] || j->dealloc.untracks;
    if (is_half && missed.n && !missed.sureness) missed.sureness = 1;
    if (is_abstract) missed.sureness = 0; /* classes in Python that derive from it take part */
    CFault *fault = blame(j, C_FAULT_NO_GC, type->decl, &missed);
    if (!fault) return;
    fault->consumer = cunit_name(j->u, j->traverse_fn);
    if (type->flags_at && fault->n_steps < C_STEPS_MAX)
        fault->steps[fault->n_steps++] =
            (CStep){type->flags_at, STR("the flags of the type: no Py_TPFLAGS_HAVE_GC")};
}

static void judge_traverse(Judge *j) {
    const Reach *r = &j->traverse;
    if (!j->has_gc || !j->traverse_fn || r->is_open || r->takes_address || r->is_cast) return;
    Missed missed = {0};
    u32 i = 0;
    for (u32 f = j->u->decls[j->type->record].child; f; f = j->u->decls[f].next, i++) {
        u32 holds = j->m->holds[f];
        int sure = can_refer(holds);
        bool is_owned = holds & (HOLDS_OWNED | HOLDS_RELEASED);
        bool is_seen = !reach_bit(i) || r->fields & reach_bit(i);
        if (is_reference(j->u, f) && is_owned && !is_seen && sure >= 0)
            miss(j, &missed, f, (u32)sure);
    }
    blame(j, C_FAULT_TRAVERSE, j->traverse_fn, &missed);
    if (missed.n || !j->type->is_heap || r->names_type || r->calls_traverse) return;
    CFault *fault = blame(j, C_FAULT_TRAVERSE, j->traverse_fn, NULL);
    if (fault) fault->sureness = 0;
}

/* Only of fields that the collector is shown. */
static void judge_clear(Judge *j) {
    const Reach *r = &j->clear;
    if (!j->has_gc || !j->clear_fn || !j->traverse_fn) return;
    if (r->is_open || r->takes_address || r->is_cast) return;
    Missed missed = {0};
    u32 i = 0;
    for (u32 f = j->u->decls[j->type->record].child; f; f = j->u->decls[f].next, i++) {
        u32 holds = j->m->holds[f];
        int sure = can_refer(holds);
        bool is_shown = reach_bit(i) & j->traverse.fields, is_cleared = reach_bit(i) & r->fields;
        if (is_reference(j->u, f) && holds & (HOLDS_OWNED | HOLDS_RELEASED) && is_shown &&
            !is_cleared && sure >= 0)
            miss(j, &missed, f, (u32)sure);
    }
    if (missed.sureness > 1) missed.sureness = 1; /* another link of the cycle may be cleared */
    blame(j, C_FAULT_CLEAR, j->clear_fn, &missed);
}

/* ---- the end of an instance ---- */

static void judge_members(Judge *j) {
    const Reach *r = &j->dealloc;
    u32 at = j->dealloc_fn;
    bool is_missing = !j->type->slots[SLOT_DEALLOC];
    if (is_missing && j->may_inherit) return;
    if ((!at && !is_missing) || r->is_open || r->takes_address || r->is_cast) return;
    if (j->finalize.is_open || j->finalize.is_cast) return;
    if (r->calls_clear && (!j->clear_fn || j->clear.is_open)) return;
    u64 seen = r->fields | j->finalize.fields | (r->calls_clear ? j->clear.fields : 0);
    Missed missed = {0};
    u32 i = 0;
    for (u32 f = j->u->decls[j->type->record].child; f; f = j->u->decls[f].next, i++) {
        u32 holds = j->m->holds[f];
        bool is_done = !reach_bit(i) || seen & reach_bit(i);
        if (is_reference(j->u, f) && holds & HOLDS_OWNED && !is_done)
            miss(j, &missed, f, holds & HOLDS_BRIEFLY ? 0 : holds & HOLDS_SURELY ? 2 : 1);
    }
    if (is_missing && missed.sureness > 1) missed.sureness = 1;
    blame(j, C_FAULT_DEALLOC, at ? at : j->type->decl, &missed);
}

static void judge_dealloc(Judge *j) {
    const Reach *r = &j->dealloc;
    if (!j->dealloc_fn || r->is_open) return;
    /* that of a static type leaves the reference to the heap type alone */
    if (j->type->is_heap && r->calls_static_dealloc && !r->calls_dealloc && !r->drops_type)
        blame(j, C_FAULT_TYPE_KEPT, j->dealloc_fn, NULL);
    bool is_left_to_base = r->calls_dealloc || r->calls_static_dealloc;
    if (!r->frees && !is_left_to_base) {
        CFault *fault = blame(j, C_FAULT_DEALLOC, j->dealloc_fn, NULL);
        if (fault) fault->sureness = 1;
    }
    if (is_left_to_base) return;
    if (j->has_gc && !r->untracks && r->releases) blame(j, C_FAULT_UNTRACK, j->dealloc_fn, NULL);
    if (j->type->is_heap && r->frees && !r->drops_type)
        blame(j, C_FAULT_TYPE_KEPT, j->dealloc_fn, NULL);
}

static void judge(Judge *j) {
    const TypeObject *type = j->type;
    j->has_gc = (type->flags & TYPE_HAVE_GC) != 0;
    j->may_inherit |= type->slots[SLOT_BASE] || type->slots[SLOT_BASES];
    j->dealloc_fn = slots_function(j->u, type, SLOT_DEALLOC);
    j->traverse_fn = slots_function(j->u, type, SLOT_TRAVERSE);
    j->clear_fn = slots_function(j->u, type, SLOT_CLEAR);
    if (j->dealloc_fn) j->dealloc = reach_of(j->s, j->dealloc_fn, type->record);
    if (j->traverse_fn) j->traverse = reach_of(j->s, j->traverse_fn, type->record);
    if (j->clear_fn) j->clear = reach_of(j->s, j->clear_fn, type->record);
    u32 finalize_fn = slots_function(j->u, type, SLOT_FINALIZE);
    if (finalize_fn) j->finalize = reach_of(j->s, finalize_fn, type->record);
    if (type->slots[SLOT_DEL]) blame(j, C_FAULT_TP_DEL, type->decl, NULL);
    if (type->is_unclear || !type->record) return;
    judge_support(j);
    judge_traverse(j);
    judge_clear(j);
    judge_members(j);
    judge_dealloc(j);
}

void slot_faults(const Study *s) {
    TypeObjects types = {0};
    slots_find(s, &types);
    if (!types.list.n) return;
    Members members = members_learn(s);
    u32 first = s->out->list.n;
    for (u32 i = 0; i < types.list.n; i++) {
        const TypeObject *type = &types.list.v[i];
        Judge j = {.s = s, .u = s->unit, .type = type, .first = first, .m = &members};
        bool is_open = !(s->unit->decls[type->decl].flags & CDECL_STATIC); /* other files, too */
        j.may_inherit = types.sets_bases && !type->is_heap;
        j.may_inherit |= is_open && !type->slots[SLOT_DEALLOC];
        judge(&j);
    }
}
