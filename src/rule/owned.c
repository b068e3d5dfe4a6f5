/* What the rules about owned resources say alike: what becomes of one that nobody releases, how it
 * is called, and how it is released. */
#include "rule/rule.h"

static PythonVersion version_of_minor(u32 minor) {
    return (PythonVersion)(PYTHON_3_3 + (minor - 3));
}

static Effect delayed(RuleContext *c, u32 file) {
    OpRef where;
    return graph_collector_is_off(c->graph, file, &where) ? EFFECT_NEVER_FREED : EFFECT_DELAYED;
}

Effect rule_resource_effect(RuleContext *c, u32 file, const Acquired *a, Str *because) {
    u32 targets = rule_targets(c, file), since = resource_since(a->row);
    u32 until = resource_until(a->row);
    *because = (Str){0};
    if (a->row->flags & RESOURCE_STAYS) return EFFECT_NEVER_FREED;
    if (until && targets_before(targets, version_of_minor(until))) {
        *because = rule_text(c, "before Python 3.%u dropping it ends nothing", until);
        return EFFECT_NEVER_FREED;
    }
    bool is_meant = !(a->row->flags & RESOURCE_WRITING) || a->is_writing;
    if (since <= 4 && since && is_meant) return delayed(c, file);
    if (since && is_meant && targets_from(targets, version_of_minor(since))) {
        *because = rule_text(c, "from Python 3.%u on dropping it does not close it", since);
        return delayed(c, file);
    }
    return EFFECT_HAZARD;
}

static bool is_descriptor(const Acquired *a) {
    return a->row->flags & RESOURCE_STAYS &&
           (a->row->kind == RESOURCE_FILE || a->row->flags & RESOURCE_FIRST);
}

Str rule_resource_noun(const Acquired *a) {
    if (is_descriptor(a)) return STR("descriptor");
    if (a->row->kind == RESOURCE_EXECUTOR) return STR("pool");
    if (str_starts(a->name, "selectors.")) return STR("selector");
    return str_from(resource_text(a->row->kind));
}

const char *rule_resource_verb(const Acquired *a) {
    switch (a->row->kind) {
    case RESOURCE_PROCESS:
        return "waiting for";
    case RESOURCE_THREAD:
        return "stopping";
    default:
        return "closing";
    }
}

/* The first of the methods and functions that release it. */
static Str first_release(const Acquired *a) {
    Str all = str_from(a->row->releases);
    i64 comma = str_find(all, ',');
    return comma < 0 ? all : str_sub(all, 0, (u32)comma);
}

/* Objects whose `with` block does not close them, or that have none. */
static bool has_no_with(const Acquired *a) {
    static const char *const NAMES[] = {"sqlite3.connect",
                                        "psycopg2.connect",
                                        "pymysql.connect",
                                        "MySQLdb.connect",
                                        "asyncio.new_event_loop",
                                        "http.client.HTTPConnection",
                                        "http.client.HTTPSConnection",
                                        "aiomysql.connect"};
    for (u32 i = 0; i < ARRAY_LEN(NAMES); i++)
        if (str_is(a->name, NAMES[i])) return true;
    return false;
}

Str rule_resource_help(RuleContext *c, const Acquired *a, Str name) {
    Str release = first_release(a);
    if (!name.n) name = STR("…");
    if (is_descriptor(a))
        return rule_text(c,
                         "call `os.close(%.*s)` in a `finally`, or give it to `os.fdopen()` and "
                         "use that in a `with`",
                         STR_ARG(name));
    if (str_find(release, '.') >= 0)
        return rule_text(c, "call `%.*s(%.*s)` in a `finally`", STR_ARG(release), STR_ARG(name));
    bool is_async = a->row->flags & RESOURCE_AWAITED || str_is(release, "aclose");
    if (str_is(release, "close") && has_no_with(a))
        return rule_text(c,
                         "enter it with `contextlib.closing(…)`, or call `%.*s.close()` in a "
                         "`finally`: its own `with`, if it has one, does not close it",
                         STR_ARG(name));
    if (str_is(release, "close") || str_is(release, "shutdown") || str_is(release, "cleanup"))
        return rule_text(c, "open it in %s `with` statement, or call `%.*s.%.*s()` in a `finally`",
                         is_async ? "an `async" : "a", STR_ARG(name), STR_ARG(release));
    return rule_text(c, "call `%.*s.%.*s()` in a `finally`", STR_ARG(name), STR_ARG(release));
}

Str rule_resource_confirm(RuleContext *c, const Acquired *a, Effect effect, Str function) {
    if (a->row->kind == RESOURCE_EXECUTOR || a->row->kind == RESOURCE_THREAD)
        return rule_text(c, "`threading.active_count()` before and after 100 calls of `%.*s()`",
                         STR_ARG(function));
    if (a->row->kind == RESOURCE_PROCESS)
        return rule_text(c, "the children of the process (`ps --ppid`) after 100 calls of `%.*s()`",
                         STR_ARG(function));
    if (effect == EFFECT_DELAYED)
        return rule_text(c,
                         "with `gc.disable()`, `len(os.listdir(\"/proc/self/fd\"))` before and "
                         "after 100 calls of `%.*s()`",
                         STR_ARG(function));
    if (effect == EFFECT_NEVER_FREED)
        return rule_text(c,
                         "`len(os.listdir(\"/proc/self/fd\"))` before and after 100 calls of "
                         "`%.*s()`",
                         STR_ARG(function));
    return STR("`python -X dev` prints a ResourceWarning; other implementations close it late");
}
