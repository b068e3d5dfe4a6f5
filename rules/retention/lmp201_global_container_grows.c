/* ## What it does
 * Reports a container that lives as long as the process and is filled again and again while nothing
 * in the whole program ever removes from it: a module global, an attribute of a class body, an
 * attribute of an object that a module holds, an attribute of a function.
 *
 * ## Why it leaks
 * What is in the container is reachable from a module, and modules live until the process ends. If
 * each request, message or connection adds an entry and none is removed, memory grows with the
 * number of calls, and with it everything that the entries refer to.
 *
 * ## Example
 * ```python bad
 * SESSIONS = {}
 *
 *
 * def handle(request):
 *     SESSIONS[request.id] = request
 *     return request.user
 *
 *
 * def serve(queue):
 *     while True:
 *         handle(queue.get())
 * ```
 *
 * Every request ever handled stays in memory. Remove the entry when its time is over:
 *
 * ```python good
 * SESSIONS = {}
 *
 *
 * def handle(request):
 *     SESSIONS[request.id] = request
 *     try:
 *         return request.user
 *     finally:
 *         del SESSIONS[request.id]
 *
 *
 * def serve(queue):
 *     while True:
 *         handle(queue.get())
 * ```
 *
 * ## When it is silent
 * - Something removes from the container anywhere in the program: `pop`, `remove`, `discard`,
 *   `clear`, `del`, a slice assignment, a fresh container bound to the name, an empty one stored
 *   under a key that is there; through an alias, another module, a helper or a dataclass that gets
 *   the container as an argument, or a method handed out as a callback. A removal in tests does not
 *   count, nor one in `__del__`; where it is `__del__` of what the container holds, it can never
 *   run, and LMP109 says so instead. A `reset()` or `clear_all()` that is there for users, and that
 *   nothing calls, leaves it at low, or at medium where what each request adds is shown. What is
 *   too old and goes only when its key is asked for again is no removal, as other keys stay: at
 *   medium where clients send the keys, else at low.
 * - Its length is compared somewhere, it has a `maxlen` or `maxsize`, or it holds its elements
 *   weakly. A length that is compared only to find an entry (`if n < len(x): return x[n]`), or to
 *   see whether there is any, is no bound, where nothing that adds comes after it; nor does the
 *   length of an inner container bound the outer one.
 * - It is filled while modules are imported only: decorators, `__init_subclass__`, metaclasses,
 *   helpers that the module deletes.
 * - A function puts another list in its place for a while, and the one before back.
 * - The function, or all who call it, bind a fresh one to the name before: what it adds takes the
 *   place of what was in the last. What another function adds is told, and so is what a `while`
 *   loop of that function adds.
 * - It is filled once: only while it is empty, as the function or all its callers ask, or a
 *   constant only while it is missing; or behind a flag of a module or class that the same function
 *   sets and no other one takes back, also around every call of the function. A table of a module
 *   that is filled there, and that nothing in the file empties, is such a flag.
 * - The keys come from a closed set: constants, Enum members, bool, types, names of keyword
 *   arguments, what a loop takes out of a list or table of constants.
 * - The elements are weak references, the filling code is a test, or a script that runs once.
 *
 * Where a name alone says that it is a request, message or connection, the level is medium at most
 * when a test lets each in once (`if x not in seen`), and when it is a field of what a loop gives.
 * A field of a row of a file or table is a text, whatever its name.
 *
 * The default level asks for a fact that makes the growth serious: a per-request object, an
 * identity as key, a task or thread, an exception, `self`, or a list to which each request adds:
 * in what a framework calls (a route, a handler, a task of a queue), what that calls each time, or
 * a loop that the program never leaves; at medium a key that a client sends (a header, a field of
 * the query or form, the path, its address), unless the function asks another collection for it
 * before, and a file or socket that stays open under a key made of parameters. Plain growth,
 * functions that look like registration (also by what they add: a class, or the function that they
 * decorate), keys that name what a program has some of (`device_id`, `user.id`) or an event,
 * classes as keys, texts under an `id()`, what stands under the `id()` of a parameter that most
 * calls leave out, tables that are there to remember (`_blacklist`), texts of which each is told
 * once, what only a child process adds (`self.pid != os.getpid()`), lists of an object that gives
 * way to a new one in a module variable, what no call in the project comes to (each of them leaves
 * the flag off under which it is added, or a method is not called at all), what the start of the
 * program fills (the constructor of its one window, a callback that this start hands to a timer, a
 * loop over what the settings list), a list of the class body where a process has one instance of
 * the class (the main function or what it calls once makes it, or the class hands it out), whose
 * elements hold nothing worse than that instance, what a `load…` or `reload…` stores under names
 * that it lists in a folder or file, a list of constants that is added again, an object that only
 * modules of settings (`configs/`), which nothing imports, or the part of a module that runs by
 * itself make to show how it is done, and containers that code outside the project can reach are
 * reported at low confidence. So is, as for all rules, what stands in copies of other projects, in
 * folders of old code, and for growth in commands and in what is shipped as data.
 *
 * ## What it misses
 * Containers reached through `getattr`, `globals()` or untyped attributes of other objects, and
 * growth through more than one helper. A removal that exists but never runs counts as a removal.
 *
 * ## How to confirm
 * Print the length of the container before and after a hundred calls of the function that fills it.
 *
 * ## References
 * - Python documentation, "Data model": an object is kept while it is reachable
 * - SpotBugs fb-contrib, PMB_POSSIBLE_MEMORY_BLOAT, is the same idea for Java
 */
#include "rule/rule.h"

enum { OBJECTS = SHAPE_INSTANCE | SHAPE_SELF | SHAPE_TASK | SHAPE_EXCEPTION | SHAPE_REQUEST };

/* `items = []` in the class body, `self.items.append(x)` in a method: one list for all instances,
 * which is as a rule not meant so. */
static bool is_shared_unawares(const Container *container, const Use *use) {
    bool list = container->kind == CONTAINER_LIST || container->kind == CONTAINER_SET ||
                container->kind == CONTAINER_DEQUE;
    u32 plain = SHAPE_FUNCTION | SHAPE_CLOSED | SHAPE_CONSTANT | SHAPE_TEXT;
    return container->holder == HOLDER_CLASS_ATTRIBUTE && list && use->through_instance &&
           !use->membership_guard && !(use->value_shape & plain) && use->level == 0;
}

/* Something asks for what is in it, so that a set of it is as large as there are names. */
static bool is_asked(const Container *container) {
    for (u32 i = 0; i < container->n_uses; i++)
        if (container->uses[i].kind == USE_READ) return true;
    return false;
}

/* A process has one instance, which shares with nobody: the source makes it once, the main function
 * does, or the class hands out the one, and nothing shows that more are made. */
static bool is_of_one(RuleContext *c, ClassId class) {
    Instances made = {.making = MADE_OFTEN};
    if (class.i) made = graph_instances(c->graph, class);
    return made.making == MADE_ONCE || (made.is_singleton && made.making < MADE_OFTEN) ||
           (class.i && graph_is_solitary(c->graph, class));
}

/* Shared on purpose, as it seems: names that are looked up, and what a class of a library collects
 * in its constructor, of which users make few. */
static bool is_shared_on_purpose(RuleContext *c, const Container *container, const Use *use) {
    Str function = str_after_last(graph_scope_name(c->graph, use->function), '.');
    ClassId class = graph_method_class(c->graph, use->function);
    if (container->kind == CONTAINER_SET) return is_asked(container);
    bool is_beginning = str_is(function, "__init__");
    if (is_of_one(c, class)) return true;
    return class.i && is_beginning && graph_instances(c->graph, class).making == MADE_UNSEEN;
}

/* All that makes the growth serious is that each element holds the instance which adds it: of one
 * instance, which lives on in any case. */
static bool holds_the_one(RuleContext *c, const Container *container, const Growth *growth) {
    return container->holder == HOLDER_CLASS_ATTRIBUTE && growth->facts == SHAPE_SELF &&
           !graph_adds_self(c->graph, growth->site) &&
           is_of_one(c, graph_method_class(c->graph, growth->site->function));
}

static void report_shared(RuleContext *c, Finding *f, const Container *container,
                          const Growth *growth) {
    f->place = f->container; /* the class body is where it is mended */
    f->scope = graph_scope_name(c->graph, graph_class_scope(c->graph, container->owner));
    if (!growth->escapes && !growth->idle_removal && !growth->is_idle &&
        !is_shared_on_purpose(c, container, growth->site))
        f->confidence = MAX(f->confidence, CONFIDENCE_MEDIUM);
    f->message = rule_text(c,
                           "'%.*s' keeps what all instances add alive until the process ends: "
                           "'self.%.*s' is the one of the class body, and nothing removes from it",
                           STR_ARG(container->name), STR_ARG(rule_container_name(container)));
    const Op *made = facts_op(graph_facts(c->graph, container->file), container->op);
    Str name = rule_container_name(container), fresh = STR("[]");
    const char *type = container->kind == CONTAINER_SET     ? "set"
                       : container->kind == CONTAINER_DEQUE ? "collections.deque"
                                                            : "list";
    if (container->kind != CONTAINER_LIST) fresh = rule_text(c, "%s()", type);
    /* what the class begins with, each instance begins with */
    if (made->operands) fresh = rule_text(c, "%s(self.%.*s)", type, STR_ARG(name));
    f->help = rule_text(c, "`self.%.*s = %.*s` in `__init__`, so that each instance has its own",
                        STR_ARG(name), STR_ARG(fresh));
}

/* A set of texts that is asked before one of them is told: as many as there are different ones. */
static bool is_told_once(RuleContext *c, const Container *container, const Use *use) {
    static const char *const NAMES[] = {"critical", "debug", "deprecat", "error", "info",
                                        "log",      "print", "warn",     "write"};
    u32 objects = SHAPE_INSTANCE | SHAPE_SELF | SHAPE_TASK | SHAPE_EXCEPTION;
    bool is_guarded = use->membership_guard || is_asked(container);
    if (container->kind != CONTAINER_SET || !is_guarded || scope_is_none(use->function))
        return false;
    if ((use->key_shape | use->value_shape) & objects) return false;
    const Facts *f = graph_facts(c->graph, use->file);
    const Scope *scope = &f->scopes[use->function.scope.i];
    for (u32 i = scope->op_first; i < scope->op_end; i++) {
        if (f->ops[i].kind != OP_CALL) continue;
        Str name = str_public(facts_last_name(f, op_path(&f->ops[i])));
        for (u32 k = 0; k < ARRAY_LEN(NAMES); k++)
            if (str_starts(name, NAMES[k])) return true;
    }
    return false;
}

static void check(RuleContext *c, ContainerId id) {
    const Container *container = graph_container(c->graph, id);
    if (container->holder == HOLDER_DEFAULT || container->holder == HOLDER_CLOSURE) return;
    Growth growth;
    if (!rule_growth_offered(c, id, &growth)) return;
    if (graph_adds_self(c->graph, growth.site)) return; /* LMP202 */
    Finding *f = rule_report_growth(c, container, &growth);
    if (!growth.offered && is_shared_unawares(container, growth.site))
        report_shared(c, f, container, &growth);
    const Use *site = growth.site;
    /* of a text under it there are as many as there were objects at one time */
    bool is_number = container->kind == CONTAINER_SET || container->kind == CONTAINER_LIST ||
                     (site->value_shape & SHAPE_TEXT && !(site->value_shape & OBJECTS));
    PathId element = site->key.i ? site->key : site->value; /* `id(x)`: LMP221 speaks of it */
    PathId of = graph_identity_of(c->graph, (KeyRef){site->file, element});
    if ((is_number && of.i) ||
        (of.i && graph_is_mostly_omitted(c->graph, (KeyRef){site->file, of})) ||
        is_told_once(c, container, site) || holds_the_one(c, container, &growth) ||
        graph_is_after_fork(c->graph, site->file, site->op) ||
        graph_adds_the_same(c->graph, container, site) ||
        (container->holder == HOLDER_SINGLETON && graph_is_of_sample(c->graph, container->owner)))
        f->confidence = CONFIDENCE_LOW;
}

const Rule rule_lmp201 = {
    .code = "LMP201",
    .name = "global-container-grows",
    .summary = "a container that lives as long as the process is filled per call and never drained",
    .effect = EFFECT_NEVER_FREED,
    .effects = "never-freed",
    .severity = SEVERITY_WARNING,
    .confidence = CONFIDENCE_MEDIUM,
    .since = "0.1.0",
    .on_container = check,
};
