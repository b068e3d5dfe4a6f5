/* Registries of the runtime: who registers, and what is handed over. The calls are those that
 * know/effects*.c has a row for. */
#include "root/tree.h"

#include "base/near.h"

/* ---- which rows belong to a root ---- */

static bool is_under(Str name, Str word) {
    return str_eq(name, word) ||
           (name.n > word.n && name.p[word.n] == '.' && str_eq(str_sub(name, 0, word.n), word));
}

/* A reference that lasts: of the process, of the event loop, or of a logger, which `logging` keeps.
 */
static bool is_registration(const EffectRow *row) {
    if (row->flags & EFFECT_REMOVES) return false;
    return row->holder == HELD_BY_PROCESS || row->holder == HELD_BY_LOOP ||
           (row->holder == HELD_BY_RECEIVER && str_starts(str_from(row->name), "logging.Logger."));
}

/* `atexit`, `weakref.finalize`; `loop` is every event loop, `threading` whatever runs in threads.
 */
static bool is_of(const EffectRow *row, Str word) {
    if (str_is(word, "loop") && row->holder == HELD_BY_LOOP) return true;
    if (str_is(word, "threading") && str_is(str_from(row->how), "running threads")) return true;
    return is_under(str_from(row->name), word);
}

typedef bool RowVisitor(void *context, const EffectRow *row);

static bool visit_rows(RowVisitor *visit, void *context) {
    for (u32 table = 0; table < EFFECT_TABLES; table++) {
        u32 n;
        const EffectRow *rows = know_effect_rows(table, &n);
        for (u32 i = 0; i < n; i++)
            if (is_registration(&rows[i]) && visit(context, &rows[i])) return true;
    }
    return false;
}

static bool is_named(void *context, const EffectRow *row) {
    return is_of(row, *(Str *)context);
}

Str runtime_named(Str word) {
    return visit_rows(is_named, &word) ? word : (Str){0};
}

typedef struct Nearest {
    Str word;
    Str *best;
} Nearest;

static bool measure(void *context, const EffectRow *row) {
    Nearest *n = context;
    Str name = str_from(row->name);
    i64 dot = str_find(name, '.');
    near_keep(n->word, name, n->best);
    if (dot > 0) near_keep(n->word, str_sub(name, 0, (u32)dot), n->best);
    return false;
}

void runtime_nearest(Str word, Str *best) {
    Nearest n = {word, best};
    near_keep(word, STR("loop"), best);
    visit_rows(measure, &n);
}

/* ---- calls ---- */

/* A call that lets something of a registry go. */
typedef struct Undo {
    OpRef where;
    bool is_sure; /* of that object: not only of one that was made in the same way */
} Undo;

typedef struct Look {
    Tree *t;
    Str word;
    Map names;    /* hashes of last names that a row has */
    Map removals; /* undo_key -> index + 1 of undos */
    VEC(Undo) undos;
    u32 depth;
    bool is_unsure; /* the call that is looked at is known by its name alone */
} Look;

static bool add_name(void *context, const EffectRow *row) {
    Look *l = context;
    if (is_of(row, l->word))
        map_set(&l->t->scratch, &l->names, hash_str(str_after_last(str_from(row->name), '.')), 1);
    return false;
}

/* Removals have names of their own. */
static void add_removals(Look *l) {
    for (u32 table = 0; table < EFFECT_TABLES; table++) {
        u32 n;
        const EffectRow *rows = know_effect_rows(table, &n);
        for (u32 i = 0; i < n; i++)
            if (rows[i].flags & EFFECT_REMOVES)
                map_set(&l->t->scratch, &l->names,
                        hash_str(str_after_last(str_from(rows[i].name), '.')), 1);
    }
}

static const EffectRow *rows_of_method(Look *l, Str class, Str method, u32 *n) {
    if (!class.n) return NULL;
    return know_effects(str_format(&l->t->scratch, "%.*s.%.*s", STR_ARG(class), STR_ARG(method)),
                        n);
}

/* A method of an object of the library, by what made the receiver, its class, or, for the event
 * loop, by the method's name alone. */
static const EffectRow *method_rows(Look *l, u32 file, const Path *callee, u32 *n) {
    static const char *const RUNNERS[] = {"threading.Thread", "multiprocessing.Process"};
    const Graph *g = l->t->g;
    const Facts *f = graph_facts(g, file);
    Str method = facts_str(f, (StrId){callee->id});
    ClassId c = graph_type_of(g, file, callee->parent);
    for (u32 i = 0; c.i && i < ARRAY_LEN(RUNNERS); i++)
        if (graph_is_subclass(g, c, RUNNERS[i]))
            return rows_of_method(l, str_from(RUNNERS[i]), method, n);
    if (c.i) return NULL;
    Str made = graph_maker_of(g, file, callee->parent);
    const EffectRow *rows = NULL;
    if (made.n) rows = rows_of_method(l, know_result_class(made), method, n);
    if (!rows) rows = rows_of_method(l, made, method, n);
    if (rows || made.n || !know_protocol(method, PROTOCOL_SCHEDULE)) return rows;
    l->is_unsure = true;
    return rows_of_method(l, STR("asyncio.AbstractEventLoop"), method, n);
}

static const EffectRow *rows_of(Look *l, u32 file, PathId callee, u32 *n) {
    const Facts *f = graph_facts(l->t->g, file);
    const Path *p = &f->paths[callee.i];
    bool is_imported = false;
    StrId last = {p->kind == PATH_ATTR ? p->id : 0};
    *n = 0;
    l->is_unsure = false;
    if (p->kind == PATH_SYMBOL) {
        const Symbol *s = &f->symbols[p->id];
        last = s->name;
        is_imported = f->symbols[s->target.i].flags & SYMBOL_IMPORT;
    }
    if (!is_imported && !map_get(&l->names, f->strings[last.i].hash)) return NULL;
    const EffectRow *rows = know_effects(graph_name_of(l->t->g, file, callee), n);
    if (!rows && p->kind == PATH_ATTR) rows = method_rows(l, file, p, n);
    return rows;
}

/* ---- what a call hands over ---- */

static void add_held(Look *l, const EffectRow *row, u32 file, OpId op, u32 in_file, Thing thing) {
    Tree *t = l->t;
    Hold hold = hold_of(t, str_from(row->how), thing, file, op);
    hold.flags |= (row->flags & EFFECT_WEAK ? (u32)HOLD_WEAK : 0u) |
                  (row->flags & EFFECT_UNTIL_RUN ? (u32)HOLD_BRIEF : 0u) |
                  (l->is_unsure ? (u32)HOLD_UNSURE : 0u);
    if (row->flags & EFFECT_SLOT) hold.removal = STR("replaced by the next one");
    hold_thing(t, (HoldId){1}, hold, in_file, thing, l->depth);
}

/* `self.thread.start()`: the thread that a method has put there. */
static bool stored_thing(Look *l, u32 file, PathId path, u32 *in_file, Thing *thing) {
    const Facts *f = graph_facts(l->t->g, file);
    const Path *p = &f->paths[path.i];
    ClassId c = p->kind == PATH_ATTR ? graph_type_of(l->t->g, file, p->parent) : (ClassId){0};
    if (!c.i) return false;
    bool found = false;
    Attribute a = graph_attribute(l->t->g, c, facts_str(f, (StrId){p->id}), &l->t->scratch);
    for (u32 i = 0; i < a.n_uses && !found; i++) {
        const AttributeUse *u = &a.uses[i];
        if (u->kind != ATTRIBUTE_DEFINED) continue;
        Thing each = thing_of(l->t, u->file, u->value);
        if (each.is_plain) continue;
        *thing = each;
        *in_file = u->file;
        found = true;
    }
    return found;
}

static void add_receiver(Look *l, const EffectRow *row, u32 file, OpId op) {
    const Facts *f = graph_facts(l->t->g, file);
    const Path *callee = &f->paths[f->ops[op.i].subject];
    if (callee->kind != PATH_ATTR) return;
    Thing thing = thing_of(l->t, file, callee->parent);
    u32 in_file = file;
    if (!thing.class.i && !thing.made) stored_thing(l, file, callee->parent, &in_file, &thing);
    add_held(l, row, file, op, in_file, thing);
}

static void add_arguments(Look *l, const EffectRow *row, u32 file, OpId op) {
    const Facts *f = graph_facts(l->t->g, file);
    const Op *call = &f->ops[op.i];
    u32 position = 0;
    for (u32 i = 0; i < call->operands; i++) {
        Operand o = f->operands[call->operand + i];
        OperandKind kind = operand_kind(o);
        bool is_it = kind == OPERAND_KEYWORD
                         ? effect_has_keyword(row, facts_str(f, operand_name(o)))
                         : effect_has_position(row, position++);
        if (!is_it) continue;
        Thing thing = thing_of(l->t, file, o.path);
        if (!thing.is_value) add_held(l, row, file, op, file, thing);
    }
}

static void add_row(Look *l, const EffectRow *row, u32 file, OpId op) {
    const Op *call = &graph_facts(l->t->g, file)->ops[op.i];
    if (effect_has_receiver(row)) add_receiver(l, row, file, op);
    if (effect_has_result(row)) {
        Thing made = {.text = str_from(row->name), .made = call};
        add_held(l, row, file, op, file, made);
    }
    add_arguments(l, row, file, op);
}

/* `@atexit.register` above a function: the decorator that is not called stands before it. */
static void add_decorated(Look *l, const EffectRow *row, u32 file, OpId op) {
    enum { OPS_BETWEEN = 40 };
    const Facts *f = graph_facts(l->t->g, file);
    u32 end = MIN(f->n_ops, op.i + OPS_BETWEEN);
    for (u32 o = op.i + 1; o < end; o++) {
        if (f->ops[o].kind != OP_FUNCTION) continue;
        ScopeRef function = {file, {f->ops[o].subject}};
        add_held(l, row, file, op, file, function_thing(l->t, function));
        return;
    }
}

/* Of what rows with this `how` put there: one object, by its text, or all that is there. */
static u64 undo_key(Str how, Str object) {
    u64 key[] = {hash_str(how), hash_str(object)};
    return hash_bytes(key, sizeof key);
}

static void note_undo(Look *l, const EffectRow *row, u32 file, OpId op) {
    const Facts *f = graph_facts(l->t->g, file);
    const Op *call = &f->ops[op.i];
    const Path *callee = &f->paths[call->subject];
    Str object = {0};
    bool is_receiver = effect_has_receiver(row);
    if (is_receiver && callee->kind == PATH_ATTR)
        object = thing_of(l->t, file, callee->parent).text;
    else if (row->held[0] && call->operands)
        object = thing_of(l->t, file, op_operand(f, call, 0)).text;
    u64 key = undo_key(str_from(row->how), object);
    if (map_get(&l->removals, key)) return;
    vec_push(l->t->arena, &l->undos, (Undo){{file, op}, !is_receiver});
    map_set(l->t->arena, &l->removals, key, l->undos.n);
}

static void look_at(Look *l, u32 file, OpId op) {
    const Op *o = &graph_facts(l->t->g, file)->ops[op.i];
    bool is_decorator = o->kind == OP_LOAD && o->flags & OP_IMPLICIT;
    if (o->kind != OP_CALL && o->kind != OP_STORE && !is_decorator) return;
    ArenaMark mark = arena_mark(&l->t->scratch);
    u32 n;
    const EffectRow *rows = rows_of(l, file, op_path(o), &n);
    for (u32 i = 0; rows && i < n; i++) {
        const EffectRow *row = &rows[i];
        bool is_assignment = row->flags & EFFECT_ASSIGN;
        if (is_assignment != (o->kind == OP_STORE)) continue;
        if (row->flags & EFFECT_REMOVES) note_undo(l, row, file, op);
        if (!is_registration(row) || !is_of(row, l->word)) continue;
        if (is_decorator)
            add_decorated(l, row, file, op);
        else
            add_row(l, row, file, op);
    }
    arena_rewind(&l->t->scratch, mark);
}

/* Who takes out what rows with the same `how` have put there. */
static void note_removals(Look *l) {
    for (HoldId id = hold_at(l->t, (HoldId){1})->first; id.i; id = hold_at(l->t, id)->next) {
        Hold *hold = hold_at(l->t, id);
        u32 undo = map_get(&l->removals, undo_key(hold->selector, hold->object));
        if (!undo) undo = map_get(&l->removals, undo_key(hold->selector, (Str){0}));
        if (!undo || hold->removal.n) continue;
        Undo u = l->undos.v[undo - 1];
        hold->removal = str_format(l->t->arena, "%sremoved at %.*s", u.is_sure ? "" : "perhaps ",
                                   STR_ARG(hold_place(l->t, u.where.file, u.where.op)));
    }
}

void runtime_grow(Tree *t, const Root *root, u32 depth) {
    Look l = {.t = t, .word = root->name, .depth = depth};
    visit_rows(add_name, &l);
    add_removals(&l);
    for (u32 file = 0; file < graph_file_count(t->g); file++) {
        const Facts *f = graph_facts(t->g, file);
        for (u32 o = 1; o < f->n_ops; o++) look_at(&l, file, (OpId){o});
    }
    note_removals(&l);
}

/* ---- functools caches ---- */

static void add_parameters(Tree *t, HoldId at, ScopeRef function, u32 depth) {
    const Facts *f = graph_facts(t->g, function.file);
    const Scope *scope = &f->scopes[function.scope.i];
    bool is_method = graph_method_kind(t->g, function) == METHOD_INSTANCE;
    for (u32 p = scope->param_first; p < scope->param_end; p++) {
        SymbolId s = f->params[p].symbol;
        Str name = facts_str(f, f->symbols[s.i].name);
        ClassId c = graph_type_of_variable(t->g, (SymbolRef){function.file, s});
        if (is_method && p == scope->param_first) c = graph_method_class(t->g, function);
        Thing thing = c.i ? instance_thing(t, c)
                          : (Thing){.text = str_format(t->arena, "argument %.*s", STR_ARG(name))};
        Hold hold = {.selector = str_format(t->arena, "(%.*s)", STR_ARG(name)),
                     .object = thing.text,
                     .class = thing.class};
        hold_thing(t, at, hold, function.file, thing, depth);
    }
}

static void add_cache(Tree *t, u32 file, OpId op, ScopeRef function, Memo memo, u32 depth) {
    if (memo.bound == MEMO_NONE) return;
    const Facts *f = graph_facts(t->g, function.file);
    Str name = graph_scope_name(t->g, function);
    Thing thing = {.text = memo.name};
    Hold hold = hold_of(t, str_format(t->arena, "cache of %.*s", STR_ARG(name)), thing, file, op);
    if (memo.bound == MEMO_BOUNDED)
        hold.removal = str_format(t->arena, "bounded to %llu entr%s", (unsigned long long)memo.size,
                                  memo.size == 1 ? "y" : "ies");
    else if (graph_memo_is_cleared(t->g, file, facts_str(f, f->scopes[function.scope.i].name)))
        hold.removal = STR("cleared in its file");
    else
        hold.removal = memo.bound == MEMO_UNKNOWN ? STR("its bound cannot be read")
                                                  : STR("grows, nothing removes from it");
    HoldId id = hold_add(t, (HoldId){1}, hold);
    if (id.i) add_parameters(t, id, function, depth - 1);
}

static void add_decorators(Tree *t, ScopeRef function, u32 depth) {
    const Facts *f = graph_facts(t->g, function.file);
    const Scope *scope = &f->scopes[function.scope.i];
    for (u32 d = scope->decorator_first; d < scope->decorator_end; d++)
        add_cache(t, function.file, scope->def, function,
                  graph_memo_of(t->g, function.file, f->operands[d].path), depth);
}

void caches_grow(Tree *t, u32 depth) {
    for (u32 file = 0; file < graph_file_count(t->g); file++) {
        const Facts *f = graph_facts(t->g, file);
        ScopeId s = {0};
        while ((s = graph_next_function(t->g, file, s)).i)
            add_decorators(t, (ScopeRef){file, s}, depth);
        for (u32 o = 1; o < f->n_ops; o++) {
            const Op *op = &f->ops[o];
            ScopeRef function = {0};
            if (op->kind != OP_BIND && op->kind != OP_STORE) continue;
            if (f->paths[bound_value(f, op).i].kind != PATH_OP) continue;
            Memo memo = graph_memo_applied(t->g, file, bound_value(f, op), &function);
            if (!scope_is_none(function)) add_cache(t, file, (OpId){o}, function, memo, depth);
        }
    }
}
