#include "app/known.h"

#include "finding/fingerprint.h"

#include <stdlib.h>

int known_cmp(const void *a, const void *b) {
    const KnownFinding *x = a, *y = b;
    int order = str_cmp(x->path, y->path);
    if (!order) order = str_cmp(x->code, y->code);
    if (!order) order = str_cmp(x->scope, y->scope);
    if (!order) order = str_cmp(x->subject, y->subject);
    return order ? order : (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

static u64 key_of(u64 identity, Str path) {
    return identity ^ hash_str(path) * 0x9E3779B97F4A7C15u;
}

KnownList known_of(Arena *arena, const Analysis *a, const Str *paths, bool with_unsure) {
    KnownList list = {0};
    Arena scratch = {0};
    Map seen = {0};
    for (u32 i = 0; i < a->findings.n; i++) {
        const Finding *f = &a->findings.v[i];
        if (!with_unsure && !analysis_is_wanted(a, f)) continue;
        Str path = paths[f->place.file];
        u64 key = key_of(f->identity, path);
        u32 ordinal = map_get(&seen, key) + 1;
        map_set(&scratch, &seen, key, ordinal);
        KnownFinding known = {f->code, path,  f->local_scope, f->local_subject,
                              ordinal, false, false};
        vec_push(arena, &list, known);
    }
    arena_free(&scratch);
    if (list.n) qsort(list.v, list.n, sizeof *list.v, known_cmp);
    return list;
}

/* ---- matching ---- */

/* Known findings in chains by key: for each key the first one that is not used, then the next. */
typedef struct Chains {
    Map first; /* index + 1 */
    u32 *next; /* by index, index + 1 */
} Chains;

typedef struct Match {
    Arena scratch;
    KnownList *known;
    const Analysis *a;
    const Str *paths;
    KnownExists *exists;
    void *context;
    bool *hidden;
    Map file_of;  /* from the hash of a path to file id + 1 */
    Map scopes;   /* hashes of file and local scope, of the files that were asked for */
    bool *listed; /* by file id: its scopes are in the map */
    bool *moved;  /* by known index: its old place is gone */
} Match;

static Chains chain_up(Match *m, u64 (*key)(const KnownFinding *), bool only_moved) {
    Chains c = {.next = arena_array(&m->scratch, u32, m->known->n + 1)};
    for (u32 i = m->known->n; i-- > 0;) {
        const KnownFinding *k = &m->known->v[i];
        if (k->is_used || (only_moved && !m->moved[i])) continue;
        c.next[i] = map_get(&c.first, key(k));
        map_set(&m->scratch, &c.first, key(k), i + 1);
    }
    return c;
}

enum { USED_UP = UINT32_MAX }; /* values of a map are not 0 */

/* Takes a known finding of the key, if one is left. */
static bool take(Match *m, Chains *c, u64 key) {
    u32 at = map_get(&c->first, key);
    if (!at || at == USED_UP) return false;
    m->known->v[at - 1].is_used = true;
    u32 next = c->next[at - 1];
    map_set(&m->scratch, &c->first, key, next ? next : USED_UP);
    return true;
}

static u64 identity_of(const KnownFinding *k) {
    return fingerprint_identity(k->code, k->scope, k->subject);
}

static u64 same_path_key(const KnownFinding *k) {
    return key_of(identity_of(k), k->path);
}

/* Rule, subject and path, for functions with another name. */
static u64 renamed(Str code, Str subject, Str path) {
    return key_of(fingerprint_identity(code, STR("*"), subject), path);
}

static u64 renamed_key(const KnownFinding *k) {
    return renamed(k->code, k->subject, k->path);
}

static u64 scope_key(u32 file, Str scope) {
    return hash_str(scope) ^ (file + 1) * 0x9E3779B97F4A7C15u;
}

static void list_scopes(Match *m, u32 file) {
    if (m->listed[file]) return;
    m->listed[file] = true;
    const Graph *g = m->a->graph;
    const Facts *f = graph_facts(g, file);
    if (!f) return;
    Str own = graph_module_name(g, file);
    map_set(&m->scratch, &m->scopes, scope_key(file, STR("<module>")), 1);
    for (u32 i = 1; i < f->n_scopes; i++) {
        Str name = graph_scope_name(g, (ScopeRef){file, {i}});
        map_set(&m->scratch, &m->scopes, scope_key(file, fingerprint_scope(own, name)), 1);
    }
}

/* Sets is_judged and moved for what has not been found where it was. */
static void look_for_places(Match *m) {
    for (u32 i = 0; i < m->known->n; i++) {
        KnownFinding *k = &m->known->v[i];
        u32 file = map_get(&m->file_of, hash_str(k->path));
        bool runs =
            file ? rules_run_on(&m->a->selection, file - 1, k->code)
                 : rules_selected(&m->a->selection, str_copy(&m->scratch, k->code).p) != NULL;
        bool is_there = file || m->exists(m->context, k->path);
        k->is_judged = k->is_used || (runs && (file || !is_there));
        if (k->is_used) continue;
        m->moved[i] = !is_there;
        if (!file || m->a->scan.files[file - 1].state != SCAN_READ) continue;
        list_scopes(m, file - 1);
        m->moved[i] = !map_get(&m->scopes, scope_key(file - 1, k->scope));
    }
}

typedef enum MatchPass { SAME_PLACE, MOVED, RENAMED, PASSES } MatchPass;

static u64 finding_key(const Match *m, const Finding *f, MatchPass pass) {
    Str path = m->paths[f->place.file];
    if (pass == SAME_PLACE) return key_of(f->identity, path);
    return pass == MOVED ? f->identity : renamed(f->code, f->local_subject, path);
}

static void run_pass(Match *m, MatchPass pass) {
    static u64 (*const keys[])(const KnownFinding *) = {same_path_key, identity_of, renamed_key};
    Chains chains = chain_up(m, keys[pass], pass != SAME_PLACE);
    for (u32 unsure = 0; unsure < 2; unsure++)
        for (u32 i = 0; i < m->a->findings.n; i++) {
            const Finding *f = &m->a->findings.v[i];
            if (m->hidden[i] || analysis_is_wanted(m->a, f) == unsure) continue;
            if (pass == RENAMED && !f->local_subject.n) continue;
            m->hidden[i] = take(m, &chains, finding_key(m, f, pass));
        }
}

void known_match(KnownList *known, const Analysis *a, const Str *paths, KnownExists *exists,
                 void *context, bool *hidden) {
    Match m = {.known = known,
               .a = a,
               .paths = paths,
               .exists = exists,
               .context = context,
               .hidden = hidden};
    m.listed = arena_array(&m.scratch, bool, a->scan.n + 1);
    m.moved = arena_array(&m.scratch, bool, known->n + 1);
    for (u32 i = 0; i < a->scan.n; i++) map_set(&m.scratch, &m.file_of, hash_str(paths[i]), i + 1);
    run_pass(&m, SAME_PLACE);
    look_for_places(&m);
    run_pass(&m, MOVED);
    run_pass(&m, RENAMED);
    for (u32 i = 0; i < known->n; i++) known->v[i].is_judged |= known->v[i].is_used;
    arena_free(&m.scratch);
}
