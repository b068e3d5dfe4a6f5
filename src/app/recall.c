#include "app/recall.h"

#include "app/native.h"

#include <string.h>

/* ---- the name of a state ---- */

static void put_flags(Buf *out, const bool *flags, u32 n) {
    for (u32 i = 0; i < n; i++) buf_char(out, flags[i] ? '1' : '0');
}

static void put_rules(Buf *out, const FileRules *rules) {
    u32 n;
    rules_all(&n);
    put_flags(out, rules->enabled, n);
    put_flags(out, rules->chosen, n);
    buf_char(out, (char)rules->min_confidence);
}

/* Sets of rules are few, and each is written once. */
static void put_selection(Buf *out, const Selection *s, u32 files) {
    Map known = {0};
    const FileRules all = {s->enabled, s->chosen, s->min_confidence};
    put_rules(out, &all);
    buf_printf(out, "%u %d %d\n", s->targets, s->free_threaded, s->files != NULL);
    for (u32 i = 0; s->files && i < files; i++) {
        u64 key = (u64)(uintptr_t)s->files[i];
        u32 number = map_get(&known, key);
        buf_printf(out, "%u ", number);
        if (number) continue;
        map_set(out->arena, &known, key, known.n + 1);
        put_rules(out, s->files[i]);
    }
}

/* C stands for itself by what it was read from. */
static bool put_files(Buf *out, const Scan *scan) {
    bool has_c = false;
    for (u32 i = 0; i < scan->n; i++) {
        const ScanFile *file = &scan->files[i];
        if (!file->blob.n) return false;
        has_c |= file->is_c;
        buf_counted(out, file->path);
        buf_counted(out, file->real_path);
        buf_counted(out, file->blob);
    }
    return !has_c || native_digest(scan, out);
}

/* Settings that say what is shown, not what is found. */
static bool is_about_showing(Str line) {
    static const char *const keys[] = {"output-format",   "fail-on",  "unsafe-fixes",
                                       "strict-baseline", "baseline", "# baseline"};
    for (u32 i = 0; i < ARRAY_LEN(keys); i++)
        if (str_starts(line, keys[i])) return true;
    return false;
}

static void put_settings(Buf *out, const Config *config) {
    Buf all = {.arena = out->arena};
    config_show(config, &all);
    for (Str text = buf_get(&all); text.n;) {
        i64 end = str_find(text, '\n');
        Str line = str_sub(text, 0, end < 0 ? text.n : (u32)end + 1);
        if (!is_about_showing(line)) buf_str(out, line);
        text = str_sub(text, line.n, text.n);
    }
}

bool recall_key(const Analysis *a, Hash128 *key) {
    Arena scratch = {0};
    Buf out = {.arena = &scratch};
    buf_text(&out, "known findings ");
    buf_text(&out, cache_build);
    put_settings(&out, a->config);
    put_selection(&out, &a->selection, a->scan.n);
    bool ok = put_files(&out, &a->scan);
    *key = hash_wide(out.p, out.n);
    arena_free(&scratch);
    return ok;
}

/* ---- the list ---- */

void recall_keep(Cache *cache, Hash128 key, Arena *arena, const KnownList *known) {
    Buf out = {.arena = arena};
    Str piece;
    if (cache_find(cache, key, &piece)) return;
    for (u32 i = 0; i < known->n; i++) {
        const KnownFinding *k = &known->v[i];
        buf_counted(&out, k->code);
        buf_counted(&out, k->path);
        buf_counted(&out, k->scope);
        buf_counted(&out, k->subject);
        buf_str(&out, (Str){(const char *)&k->ordinal, sizeof k->ordinal});
    }
    cache_put(cache, 0, key, (Str){0}, buf_get(&out), true);
}

static bool take_bytes(Str *from, void *out, u32 n) {
    if (from->n < n) return false;
    memcpy(out, from->p, n);
    *from = str_sub(*from, n, from->n);
    return true;
}

static bool take_text(Str *from, Arena *arena, Str *out) {
    u32 n;
    if (!take_bytes(from, &n, sizeof n) || from->n < n) return false;
    *out = str_copy(arena, str_sub(*from, 0, n));
    *from = str_sub(*from, n, from->n);
    return true;
}

bool recall_take(Cache *cache, Hash128 key, Arena *arena, KnownList *known) {
    Str piece;
    *known = (KnownList){0};
    if (!cache || !cache_find(cache, key, &piece)) return false;
    while (piece.n) {
        KnownFinding k = {0};
        if (!take_text(&piece, arena, &k.code) || !take_text(&piece, arena, &k.path) ||
            !take_text(&piece, arena, &k.scope) || !take_text(&piece, arena, &k.subject) ||
            !take_bytes(&piece, &k.ordinal, sizeof k.ordinal))
            return false;
        vec_push(arena, known, k);
    }
    return true;
}

bool recall_covers(const KnownList *then, const KnownList *now) {
    u32 at = 0;
    for (u32 i = 0; i < now->n; i++) {
        while (at < then->n && known_cmp(&then->v[at], &now->v[i]) < 0) at++;
        if (at == then->n || known_cmp(&then->v[at], &now->v[i]) != 0) return false;
    }
    return true;
}
