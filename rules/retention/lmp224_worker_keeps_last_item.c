/* ## What it does
 * Reports a loop of a worker that takes items from a queue and waits for the next one while the
 * last item, and what was unpacked from it or made of it, is still bound to its locals.
 *
 * ## Why it leaks
 * A local holds its object until it is bound again or deleted. `item = queue.get()` binds `item`
 * only when the next item has arrived: until then the last one stays, with all that it holds: the
 * arguments of a call, a future and its result, a request. It is one item for each worker
 * (bounded), but for as long as the worker idles: hours, in a pool that is seldom used. Where the
 * item leads back to the worker or its queue, the worker itself may never end.
 *
 * ## Example
 * ```python bad
 * import queue
 *
 *
 * def work(jobs: queue.Queue):
 *     while True:
 *         job = jobs.get()
 *         if job is None:
 *             return
 *         function, arguments = job
 *         function(*arguments)
 * ```
 *
 * After the last job its arguments stay in memory until there is another one. Let go of all of it
 * at the end of the round:
 *
 * ```python good
 * import queue
 *
 *
 * def work(jobs: queue.Queue):
 *     while True:
 *         job = jobs.get()
 *         if job is None:
 *             return
 *         function, arguments = job
 *         function(*arguments)
 *         del job, function, arguments
 * ```
 *
 * ## When it is silent
 * - The local is deleted, or bound to None or another constant, at the end of the round or before
 *   the queue is asked again.
 * - The item has no local: `handle(queue.get())`.
 * - `get_nowait()`, `get(False)`, loops that end when the queue is empty.
 * - Nothing but its name says that the receiver is a queue, and nothing in the loop that the item
 * is work.
 *
 * At medium confidence where the item is work: it is called, or something that was unpacked from it
 * is; it has a method `run` or the like, or a future whose result is set; or by its name, when the
 * receiver is known to be a queue: `job`, `request`. All other items, items that are also put
 * somewhere else, generators and tests are reported at low confidence.
 *
 * ## What it misses
 * `for item in iter(queue.get, None)`, and other ways to wait: sockets, pipes, conditions. Locals
 * of a helper that waits. A `continue` that skips the `del` is not looked for.
 *
 * ## How to confirm
 * Put one object into the queue, drop it, wait until it is done: a weak reference to it is alive
 * until the next item arrives.
 *
 * ## References
 * - CPython, Lib/concurrent/futures/thread.py: `del work_item` after each round
 * - anyio pull request 887
 */
#include "rule/rule.h"

enum { KEPT_MAX = 12 };

/* What makes an item worth speaking of, worst last. */
typedef enum Weight {
    WEIGHT_NONE,
    WEIGHT_NAME,     /* `job`, `request` */
    WEIGHT_WORK,     /* `item.run()` */
    WEIGHT_FUTURE,   /* `future.set_result(…)` */
    WEIGHT_CALLABLE, /* `function(*arguments)` */
} Weight;

typedef struct Loop {
    u32 file;
    const Facts *f;
    RegionId region; /* the while statement */
    ScopeId scope;
    u32 get;                  /* the call that waits */
    u32 end;                  /* operation after the loop's last */
    SymbolId items[KEPT_MAX]; /* bound to the item or to parts of it, cleared ones included */
    u32 n_items;
    SymbolId kept[KEPT_MAX]; /* still bound when the queue is asked again: of the items, and results
                              */
    u32 n_kept;
    bool keeps_item; /* not only results */
} Loop;

static bool is_item(const Loop *l, SymbolId s) {
    for (u32 i = 0; i < l->n_items; i++)
        if (l->items[i].i == s.i) return true;
    return false;
}

static bool is_in_loop(const Loop *l, const Op *op) {
    RegionId r = op->region;
    while (r.i && r.i != l->region.i && l->f->regions[r.i].scope.i == l->scope.i)
        r = l->f->regions[r.i].parent;
    return r.i == l->region.i;
}

/* ---- the loop ---- */

static bool has_word(Str text, const char *const *words, u32 n) {
    for (u32 i = 0; i < n; i++)
        if (str_contains(text, words[i])) return true;
    return false;
}

/* `while not self.stopped`, `while running.is_set()`: a loop that goes on until somebody ends it.
 */
static bool is_lasting(const Facts *f, const Region *loop) {
    static const char *const WORDS[] = {"stop", "run",  "alive", "active", "shut",   "clos",
                                        "done", "exit", "quit",  "ended",  "is_set", "finish"};
    if (loop->flags & REGION_ENDLESS) return true;
    for (u32 o = loop->test_first; o < loop->test_end; o++) {
        const Op *op = &f->ops[o];
        if (op->kind == OP_BIND) return true; /* `while (item := queue.get()) is not None` */
        const Path *p = &f->paths[op->kind == OP_TEST ? op->subject : 0];
        if (p->kind == PATH_OP && f->ops[p->id].kind == OP_CALL)
            p = &f->paths[f->ops[p->id].subject];
        Str name = {0};
        if (p->kind == PATH_ATTR) name = facts_str(f, (StrId){p->id});
        if (p->kind == PATH_SYMBOL) name = facts_str(f, f->symbols[p->id].name);
        if (name.n && has_word(name, WORDS, ARRAY_LEN(WORDS))) return true;
    }
    return false;
}

/* Nothing follows in the loop's own body that ends it in the first round. */
static bool goes_round(const Loop *l) {
    for (u32 o = l->get; o < l->end; o++) {
        const Op *op = &l->f->ops[o];
        bool ends = op->kind == OP_RETURN || op->kind == OP_BREAK || op->kind == OP_RAISE;
        if (ends && op->region.i == l->region.i) return false;
    }
    return true;
}

static bool find_loop(Loop *l) {
    const Facts *f = l->f;
    RegionId r = f->ops[l->get].region;
    l->scope = f->regions[r.i].scope;
    u8 scope = f->scopes[l->scope.i].kind;
    if (scope != SCOPE_FUNCTION) return false;
    while (r.i && f->regions[r.i].scope.i == l->scope.i && f->regions[r.i].kind != REGION_WHILE) {
        if (f->regions[r.i].kind == REGION_FOR) return false;
        r = f->regions[r.i].parent;
    }
    if (f->regions[r.i].kind != REGION_WHILE || f->regions[r.i].scope.i != l->scope.i) return false;
    l->region = r;
    l->end = l->get;
    for (u32 o = l->get; o < f->scopes[l->scope.i].op_end; o++)
        if (is_in_loop(l, &f->ops[o])) l->end = o + 1;
    return is_lasting(f, &f->regions[r.i]) && goes_round(l);
}

/* ---- locals ---- */

/* The local that an operation binds, or 0. */
static SymbolId bound_local(const Loop *l, const Op *op) {
    if (op->kind != OP_BIND || !op->operands) return (SymbolId){0};
    SymbolId s = facts_root_symbol(l->f, op_path(op));
    return l->f->symbols[s.i].scope.i == l->scope.i ? s : (SymbolId){0};
}

static bool is_constant(const Facts *f, const Op *bind) {
    return f->paths[op_operand(f, bind, 0).i].kind == PATH_LITERAL;
}

/* The operation that made the value, through an `await`. */
static u32 made_by(const Facts *f, PathId value) {
    const Path *root = facts_root(f, value);
    if (root->kind != PATH_OP) return 0;
    const Op *op = &f->ops[root->id];
    if (op->kind != OP_AWAITED_VALUE) return root->id;
    const Path *awaited = facts_root(f, op_path(op));
    return awaited->kind == PATH_OP ? awaited->id : root->id;
}

static void add(SymbolId *list, u32 *n, SymbolId s) {
    for (u32 i = 0; i < *n; i++)
        if (list[i].i == s.i) return;
    if (*n < KEPT_MAX) list[(*n)++] = s;
}

/* The last operation of the loop that binds the local to an object. */
static u32 last_bind(const Loop *l, SymbolId s) {
    u32 last = 0;
    for (u32 o = l->get; o < l->end; o++) {
        const Op *op = &l->f->ops[o];
        if (bound_local(l, op).i == s.i && !is_constant(l->f, op)) last = o;
    }
    return last;
}

/* Something lets go of the local between its last use in a round and the next time that the queue
 * is asked. */
static bool is_cleared(const Loop *l, SymbolId s) {
    u32 last = last_bind(l, s);
    u32 first = l->f->scopes[l->scope.i].op_first;
    for (u32 o = first; o < l->end; o++) {
        const Op *op = &l->f->ops[o];
        if ((o > l->get && o < last) || !is_in_loop(l, op)) continue;
        if (op->kind == OP_DELETE && l->f->paths[op->subject].kind == PATH_SYMBOL &&
            facts_root_symbol(l->f, op_path(op)).i == s.i)
            return true;
        if (bound_local(l, op).i == s.i && is_constant(l->f, op)) return true;
    }
    return false;
}

/* A call that is given the item or a part of it, or of which it is the callee. */
static bool works_on_item(const Loop *l, u32 made) {
    const Op *op = &l->f->ops[made];
    if (op->kind != OP_CALL || made <= l->get) return false;
    if (is_item(l, facts_root_symbol(l->f, op_path(op)))) return true;
    for (u32 i = 0; i < op->operands; i++)
        if (is_item(l, facts_root_symbol(l->f, op_operand(l->f, op, i)))) return true;
    return false;
}

/* The item, what is taken out of it, and results of calls that are made of it. */
static void find_locals(Loop *l) {
    SymbolId results[KEPT_MAX];
    u32 n_results = 0;
    for (u32 o = l->get; o < l->end; o++) {
        const Op *op = &l->f->ops[o];
        SymbolId s = bound_local(l, op);
        if (!s.i || is_constant(l->f, op)) continue;
        PathId value = op_operand(l->f, op, 0);
        u32 made = made_by(l->f, value);
        bool is_part = made == l->get || is_item(l, facts_root_symbol(l->f, value));
        if (is_part)
            add(l->items, &l->n_items, s);
        else if (works_on_item(l, made))
            add(results, &n_results, s);
    }
    for (u32 i = 0; i < l->n_items; i++)
        if (!is_cleared(l, l->items[i])) add(l->kept, &l->n_kept, l->items[i]);
    l->keeps_item = l->n_kept > 0;
    for (u32 i = 0; i < n_results; i++)
        if (!is_cleared(l, results[i])) add(l->kept, &l->n_kept, results[i]);
}

/* ---- what the item is ---- */

static Weight weight_of_name(Str name) {
    static const char *const WORK[] = {"task", "job", "work", "callback", "coro"};
    bool is_count = str_ends(name, "_id") || str_ends(name, "_name") || str_ends(name, "s");
    if (is_count) return WEIGHT_NONE;
    bool is_work = has_word(name, WORK, ARRAY_LEN(WORK));
    return is_work || know_is_request_name(name) ? WEIGHT_NAME : WEIGHT_NONE;
}

/* What the call does with the item or a part of it. */
static Weight weight_of_call(const Loop *l, const Op *op) {
    static const char *const RUNS[] = {"run", "execute", "perform", "invoke", "process", "_run"};
    static const char *const SETS[] = {"set_result", "set_exception",
                                       "set_running_or_notify_cancel"};
    const Path *callee = &l->f->paths[op->subject];
    if (!is_item(l, facts_root_symbol(l->f, op_path(op)))) return WEIGHT_NONE;
    if (callee->kind == PATH_SYMBOL || callee->kind == PATH_CONST) return WEIGHT_CALLABLE;
    if (callee->kind != PATH_ATTR) return WEIGHT_NONE;
    Str name = facts_str(l->f, (StrId){callee->id});
    bool sets_nothing = l->f->paths[op_operand(l->f, op, 0).i].kind == PATH_LITERAL;
    for (u32 i = 0; i < ARRAY_LEN(SETS); i++)
        if (str_is(name, SETS[i]) && !sets_nothing) return WEIGHT_FUTURE;
    for (u32 i = 0; i < ARRAY_LEN(RUNS); i++)
        if (str_is(name, RUNS[i])) return WEIGHT_WORK;
    return WEIGHT_NONE;
}

/* `context.run(function, *arguments)`: a callable and its arguments, both out of the item. */
static bool hands_on_call(const Loop *l, const Op *op) {
    bool has_callable = false;
    for (u32 i = 0; i < op->operands; i++) {
        Operand o = l->f->operands[op->operand + i];
        if (!is_item(l, facts_root_symbol(l->f, o.path))) continue;
        if (operand_kind(o) == OPERAND_STAR || operand_kind(o) == OPERAND_DOUBLE_STAR)
            return has_callable || is_item(l, facts_root_symbol(l->f, op_path(op)));
        has_callable = true;
    }
    return false;
}

static Weight weight_of(const Loop *l) {
    Weight w = WEIGHT_NONE;
    for (u32 i = 0; i < l->n_kept; i++) {
        Weight named = weight_of_name(facts_str(l->f, l->f->symbols[l->kept[i].i].name));
        w = MAX(w, named);
    }
    for (u32 o = l->get; o < l->end; o++) {
        const Op *op = &l->f->ops[o];
        if (op->kind != OP_CALL || l->f->regions[op->region.i].scope.i != l->scope.i) continue;
        if (hands_on_call(l, op)) return WEIGHT_CALLABLE;
        w = MAX(w, weight_of_call(l, op));
    }
    return w;
}

/* Another one keeps the item: `batch.append(item)`. */
static bool is_put_elsewhere(const Loop *l) {
    for (u32 o = l->get; o < l->end; o++) {
        const Op *op = &l->f->ops[o];
        const Path *callee = &l->f->paths[op->kind == OP_CALL ? op->subject : 0];
        bool adds = op->kind == OP_STORE;
        if (callee->kind == PATH_ATTR) {
            const MethodRow *row = know_method(facts_str(l->f, (StrId){callee->id}));
            adds = row && row->effect == METHOD_ADDS;
        }
        for (u32 i = 0; adds && i < op->operands; i++) {
            const Path *p = &l->f->paths[op_operand(l->f, op, i).i];
            if (p->kind == PATH_SYMBOL && l->f->symbols[p->id].target.i == l->items[0].i)
                return true;
        }
    }
    return false;
}

/* ---- the call ---- */

/* `get()`, `get(True)`, `get(timeout=5)`: it may wait. */
static bool may_wait(const Facts *f, const Op *call) {
    for (u32 i = 0; i < call->operands; i++) {
        Operand o = f->operands[call->operand + i];
        const Path *p = &f->paths[o.path.i];
        bool is_flag = operand_kind(o) == OPERAND_KEYWORD
                           ? str_is(facts_str(f, operand_name(o)), "block")
                           : operand_kind(o) == OPERAND_POSITIONAL && i == 0;
        if (operand_kind(o) == OPERAND_KEYWORD && !is_flag &&
            !str_is(facts_str(f, operand_name(o)), "timeout"))
            return false;
        if (is_flag && !(p->kind == PATH_LITERAL && p->flags == LITERAL_TRUE)) return false;
    }
    return true;
}

/* A queue by the call that made it or by its annotation; *is_named when only its name says so. */
static bool is_queue(RuleContext *c, u32 file, PathId receiver, bool *is_named) {
    const Facts *f = graph_facts(c->graph, file);
    Str made = graph_maker_of(c->graph, file, receiver);
    *is_named = false;
    if (know_constructor(made) == MADE_QUEUE) return true;
    if (made.n && !str_ends(made, "Queue")) return false;
    const Path *p = &f->paths[receiver.i];
    Str name = {0};
    if (p->kind == PATH_ATTR) name = facts_str(f, (StrId){p->id});
    if (p->kind == PATH_SYMBOL) name = facts_str(f, f->symbols[p->id].name);
    SymbolId param = graph_parameter(c->graph, file, receiver);
    const Scope *scope = &f->scopes[f->symbols[param.i].scope.i];
    for (u32 i = scope->param_first; param.i && i < scope->param_end; i++)
        if (f->params[i].symbol.i == param.i &&
            know_constructor(graph_name_of(c->graph, file, f->params[i].annotation)) == MADE_QUEUE)
            return true;
    *is_named = true;
    return str_is(name, "q") || str_ends(name, "_q") || str_contains(name, "queue") ||
           str_contains(name, "Queue");
}

/* ---- reporting ---- */

static Str names_text(RuleContext *c, const Loop *l, const char *quote) {
    Str text = {0};
    for (u32 i = 0; i < l->n_kept; i++) {
        Str name = facts_str(l->f, l->f->symbols[l->kept[i].i].name);
        text = text.n ? rule_text(c, "%.*s, %s%.*s%s", STR_ARG(text), quote, STR_ARG(name), quote)
                      : rule_text(c, "%s%.*s%s", quote, STR_ARG(name), quote);
    }
    return text;
}

static Str weight_text(Weight weight) {
    static const char *const TEXT[] = {"the item of the last round", "a piece of work",
                                       "a piece of work", "a future, and through it its result",
                                       "a callable with its arguments"};
    return str_from(TEXT[weight]);
}

static Confidence confidence_of(RuleContext *c, const Loop *l, Weight weight) {
    bool is_test = graph_is_test_file(c->graph, l->file);
    bool is_generator = l->f->scopes[l->scope.i].flags & SCOPE_GENERATOR;
    if (is_test || is_generator || !l->keeps_item || is_put_elsewhere(l)) return CONFIDENCE_LOW;
    return weight == WEIGHT_NONE ? CONFIDENCE_LOW : CONFIDENCE_MEDIUM;
}

static void check(RuleContext *c, OpRef ref) {
    const Facts *f = graph_facts(c->graph, ref.file);
    const Op *call = facts_op(f, ref.op);
    Loop l = {.file = ref.file, .f = f, .get = ref.op.i};
    bool is_named;
    PathId receiver = f->paths[call->subject].parent;
    if (!may_wait(f, call) || !find_loop(&l) || !is_queue(c, ref.file, receiver, &is_named)) return;
    find_locals(&l);
    if (!l.n_kept) return;
    Weight weight = weight_of(&l);
    if (is_named && weight <= WEIGHT_NAME) return; /* two guesses by name */
    ScopeRef scope = {ref.file, l.scope};
    Str function = facts_str(f, f->scopes[l.scope.i].name);
    Str queue = rule_path_text(c, ref.file, receiver);
    Finding *finding = rule_report(c, ref.file, call->span, scope);
    finding->confidence = confidence_of(c, &l, weight);
    finding->subject = queue;
    finding->message =
        rule_text(c, "'%.*s' keeps %.*s of its last round alive until '%.*s.get()' returns again",
                  STR_ARG(function), STR_ARG(names_text(c, &l, "'")), STR_ARG(queue));
    rule_step(c, finding, STEP_NODE, rule_text(c, "frame of %.*s", STR_ARG(function)),
              STR("waits here, for as long as there is nothing to do"), ref.file, call->span);
    rule_step(c, finding, STEP_EDGE, rule_text(c, "locals %.*s", STR_ARG(names_text(c, &l, ""))),
              STR("bound in the last round, not deleted"), ref.file,
              f->ops[last_bind(&l, l.kept[0])].span);
    finding->steps.v[finding->steps.n - 1].suspect = true;
    rule_step(c, finding, STEP_NODE, weight_text(weight), (Str){0}, ref.file, call->span);
    finding->help = rule_text(c,
                              "`del %.*s` at the end of the round, or do the work in a function "
                              "that is given the item",
                              STR_ARG(names_text(c, &l, "")));
    finding->confirm = STR("put one object into the queue and drop it: a weak reference to it is "
                           "alive until the next one arrives");
}

static const char *const callees[] = {".get", NULL};

const Rule rule_lmp224 = {
    .code = "LMP224",
    .name = "worker-keeps-last-item",
    .summary = "a worker holds the last item while it waits for the next one",
    .effect = EFFECT_BOUNDED,
    .effects = "bounded",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .callees = callees,
    .on_call = check,
};
