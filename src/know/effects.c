/* What calls do to references: who holds what afterwards. The lookup; the tables are
 * - effects_objects.c: the standard library, objects that hold objects,
 * - effects_run.c: the standard library, where things wait to be run or called: loops, threads,
 *   processes, servers, user interfaces, tests, and the hooks of the interpreter,
 * - effects_other.c: third-party packages.
 *
 * One row is one kind of reference of one call; the columns are those of EffectRow in know.h. What
 * is done to the elements of list, dict, set, deque and queues by their methods stands in
 * methods.c. A class has rows for its constructor under its own name and for each method under
 * `Class.method`; subclasses find them through results.c.
 *
 * Sources of the standard library's rows: the documentation, Lib/ and Modules/ of CPython 2.7 to
 * 3.13. tests/meta/test_know.py imports every name and compares `held` with the signature;
 * tests/meta/test_effects.py calls many of them and measures with weak references whether the
 * holder keeps what the row says that it keeps. */
#include "know/know.h"
#include "know/table.h"

enum { MOST_CLASSES = 8 }; /* above one another; the tables have five */

static const EffectRow *rows_of(const EffectRow *rows, u32 count, Str name, u32 *n) {
    u32 first = table_find(rows, count, sizeof *rows, name), end = first;
    while (end < count && str_is(name, rows[end].name)) end++;
    *n = end - first;
    return *n ? &rows[first] : NULL;
}

static const EffectRow *method_rows(Str class_name, Str method, u32 depth, u32 *n) {
    char name[TABLE_NAME_SIZE];
    if (class_name.n + 1 + method.n >= sizeof name) return NULL;
    Str full = table_join(name, class_name, method);
    const EffectRow *found = NULL;
    for (u32 table = 0; !found && table < EFFECT_TABLES; table++) {
        u32 count;
        const EffectRow *rows = know_effect_rows(table, &count);
        found = rows_of(rows, count, full, n);
    }
    for (u32 i = 0; !found && depth < MOST_CLASSES; i++) {
        Str base = know_base_class(class_name, i);
        if (!base.n) break;
        found = method_rows(base, method, depth + 1, n);
    }
    return found;
}

const EffectRow *know_effects(Str canonical, u32 *n) {
    i64 dot = str_rfind(canonical, '.');
    *n = 0;
    if (dot < 0 || canonical.n >= TABLE_NAME_SIZE) return NULL;
    Str class_name = str_sub(canonical, 0, (u32)dot);
    Str method = str_sub(canonical, (u32)dot + 1, canonical.n);
    const EffectRow *found = method_rows(class_name, method, 0, n);
    return found || !str_is(method, "__init__") ? found : know_effects(class_name, n);
}

/* ---- what is held ---- */

/* The token of `held` that starts at `*at`, which moves behind it; empty at the end. */
static Str next_token(const char **at) {
    const char *from = *at;
    while (**at && **at != ',') (*at)++;
    Str token = {from, (u32)(*at - from)};
    if (**at) (*at)++;
    return token;
}

bool effect_has_position(const EffectRow *row, u32 position) {
    const char *at = row->held;
    for (Str token = next_token(&at); token.n; token = next_token(&at)) {
        if (str_is(token, "*")) return true;
        if (token.p[0] < '0' || token.p[0] > '9') continue;
        u32 from = (u32)(token.p[0] - '0'); /* one digit: a test checks it */
        if (position == from || (position > from && str_ends(token, "+"))) return true;
    }
    return false;
}

static bool has_token(const EffectRow *row, Str wanted) {
    const char *at = row->held;
    for (Str token = next_token(&at); token.n; token = next_token(&at))
        if (str_eq(token, wanted)) return true;
    return false;
}

bool effect_has_keyword(const EffectRow *row, Str keyword) {
    return has_token(row, keyword) || has_token(row, STR("*")) || has_token(row, STR("**"));
}

bool effect_has_receiver(const EffectRow *row) {
    return has_token(row, STR("@self"));
}

bool effect_has_result(const EffectRow *row) {
    return has_token(row, STR("@result"));
}

const EffectRow *know_effect_rows(u32 table, u32 *n) {
    switch (table) {
    case 0:
        return effects_objects(n);
    case 1:
        return effects_run(n);
    default:
        return effects_other(n);
    }
}

bool know_has_methods(Str class_name) {
    for (u32 table = 0; table < EFFECT_TABLES; table++) {
        u32 count;
        const EffectRow *rows = know_effect_rows(table, &count);
        if (table_has_prefix(rows, count, sizeof *rows, class_name)) return true;
    }
    return false;
}
