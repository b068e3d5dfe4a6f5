/* One holder and object, one finding: where several rules fit, the most telling one speaks.
 *
 * Two findings are about the same pair when they name the same container, or stand at the same
 * place. Of these the surest stays, and among equals the one whose rule comes first below; several
 * of one rule stay beside each other. */
#include "rule/rule.h"

#include <stdlib.h>

/* Rules compete within a list; what comes first says more. A rule may be in several. */
static const char *const RETENTION[] = {"LMP226", "LMP225", "LMP204", "LMP203", "LMP211", "LMP212",
                                        "LMP214", "LMP215", "LMP217", "LMP221", "LMP223", "LMP222",
                                        "LMP206", "LMP218", "LMP202", "LMP208", "LMP308", "LMP310",
                                        "LMP220", "LMP219", "LMP406", "LMP201", "LMP233"};
static const char *const OWNERS[] = {"LMP109", "LMP207", "LMP404"};
static const char *const RESOURCES[] = {"LMP406", "LMP502", "LMP501"};
static const char *const TASKS[] = {"LMP408", "LMP216"};

typedef struct Contest {
    const char *const *codes;
    u32 n;
} Contest;
static const Contest CONTESTS[] = {{RETENTION, ARRAY_LEN(RETENTION)},
                                   {OWNERS, ARRAY_LEN(OWNERS)},
                                   {RESOURCES, ARRAY_LEN(RESOURCES)},
                                   {TASKS, ARRAY_LEN(TASKS)}};

/* A finding that competes. */
typedef struct Entry {
    u32 finding; /* index */
    u32 contest, rank;
    Confidence confidence;
    Place place;
} Entry;

static int place_cmp(Place a, Place b) {
    if (a.file != b.file) return a.file < b.file ? -1 : 1;
    if (a.start != b.start) return a.start < b.start ? -1 : 1;
    if (a.end != b.end) return a.end < b.end ? -1 : 1;
    return 0;
}

static int surest_first(const void *a, const void *b) {
    const Entry *x = a, *y = b;
    if (x->confidence != y->confidence) return x->confidence > y->confidence ? -1 : 1;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    int order = place_cmp(x->place, y->place);
    if (order) return order;
    return x->finding < y->finding ? -1 : 1;
}

/* The finding's place in a contest, from 1; 0 when it does not take part. */
static u32 find_rank(const Finding *f, const Contest *contest) {
    for (u32 i = 0; i < contest->n; i++)
        if (str_is(f->code, contest->codes[i])) return i + 1;
    return 0;
}

typedef enum KeyKind { KEY_SITE, KEY_CONTAINER } KeyKind;
static u64 place_key(u32 contest, KeyKind kind, Place p) {
    u32 key[] = {contest, kind, p.file, p.start, p.end};
    return hash_bytes(key, sizeof key);
}

/* Has another rule spoken of what this key stands for? */
static bool is_taken(const Map *speaker, u64 key, u32 rank) {
    u32 by = map_get(speaker, key);
    return by && by != rank;
}

void rules_precede(Arena *arena, Findings *findings) {
    Entry *entries = arena_array(arena, Entry, findings->n * ARRAY_LEN(CONTESTS) + 1);
    bool *dropped = arena_array(arena, bool, findings->n + 1);
    u32 n = 0;
    for (u32 i = 0; i < findings->n; i++) {
        const Finding *f = &findings->v[i];
        for (u32 k = 0; k < ARRAY_LEN(CONTESTS); k++) {
            u32 rank = find_rank(f, &CONTESTS[k]);
            if (rank) entries[n++] = (Entry){i, k, rank, f->confidence, f->place};
        }
    }
    if (n) qsort(entries, n, sizeof *entries, surest_first);
    Map speaker = {0};
    for (u32 i = 0; i < n; i++) {
        const Entry *e = &entries[i];
        const Finding *f = &findings->v[e->finding];
        u64 site = place_key(e->contest, KEY_SITE, f->place);
        u64 container = place_key(e->contest, KEY_CONTAINER, f->container);
        bool lost = is_taken(&speaker, site, e->rank) ||
                    (f->has_container && is_taken(&speaker, container, e->rank));
        if (!lost) map_set(arena, &speaker, site, e->rank);
        if (!lost && f->has_container) map_set(arena, &speaker, container, e->rank);
        dropped[e->finding] |= lost;
    }
    u32 kept = 0;
    for (u32 i = 0; i < findings->n; i++)
        if (!dropped[i]) findings->v[kept++] = findings->v[i];
    findings->n = kept;
}
