#include "finding/fingerprint.h"

#include "base/utf8.h"

#include <stdio.h>

void module_names_add(Arena *arena, ModuleNames *names, Str name) {
    if (name.n) map_set(arena, &names->known, hash_str(name), 1);
}

/* ---- names without their module ---- */

static bool is_name_char(char c) {
    return char_is_word(c) || c == '.' || (u8)c >= 0x80;
}

/* What is left of a dotted name. */
static Str without_module(const ModuleNames *names, Str own, Str name) {
    if (own.n && str_eq(name, own)) return STR("<module>");
    for (u32 end = name.n; end-- > 1;) {
        if (name.p[end] != '.') continue;
        Str front = str_sub(name, 0, end), rest = str_sub(name, end + 1, name.n);
        if (rest.n && map_get(&names->known, hash_str(front))) return rest;
    }
    return name;
}

/* Also of a script whose name is no name for import: `my-tool.CACHE`. */
static bool begins_with(Str text, Str own) {
    return own.n && text.n > own.n + 1 && str_eq(str_sub(text, 0, own.n), own) &&
           text.p[own.n] == '.';
}

/* Names of files may hold any byte, and what is kept in files is UTF-8. */
static Str valid_text(Arena *arena, Str text) {
    Buf out = {.arena = arena};
    for (u32 at = 0; at < text.n;) {
        u32 code, n = utf8_decode(text, at, &code);
        buf_str(&out, code == UTF8_INVALID ? STR("\xEF\xBF\xBD") : str_sub(text, at, at + n));
        at += n;
    }
    return buf_get(&out);
}

Str fingerprint_local(Arena *arena, const ModuleNames *names, Str own, Str text) {
    Buf out = {.arena = arena};
    for (u32 at = 0; at < text.n;) {
        bool is_own = begins_with(str_sub(text, at, text.n), own);
        if (is_own) at += own.n + 1;
        u32 end = at;
        while (end < text.n && is_name_char(text.p[end])) end++;
        Str name = str_sub(text, at, end);
        if (name.n) buf_str(&out, is_own ? name : without_module(names, own, name));
        if (end < text.n) buf_char(&out, text.p[end++]);
        at = end;
    }
    return valid_text(arena, buf_get(&out));
}

Str fingerprint_scope(Str own, Str scope) {
    if (!own.n || scope.n < own.n || !str_eq(str_sub(scope, 0, own.n), own)) return scope;
    if (scope.n == own.n) return STR("<module>");
    return scope.p[own.n] == '.' ? str_sub(scope, own.n + 1, scope.n) : scope;
}

/* ---- hashes ---- */

static void key_part(Buf *buf, Str s) {
    buf_printf(buf, "%u:", s.n); /* the length keeps ("ab", "c") and ("a", "bc") apart */
    buf_str(buf, s);
}

u64 fingerprint_identity(Str code, Str scope, Str subject) {
    Arena scratch = {0};
    Buf key = {.arena = &scratch};
    key_part(&key, code);
    key_part(&key, scope);
    key_part(&key, subject);
    u64 hash = hash_str(buf_get(&key));
    arena_free(&scratch);
    return hash;
}

void fingerprint_all(Findings *findings) {
    Arena scratch = {0};
    Map seen = {0}; /* from an identity to how many had it */
    for (u32 i = 0; i < findings->n; i++) {
        Finding *f = &findings->v[i];
        f->identity = fingerprint_identity(f->code, f->local_scope, f->local_subject);
        u32 ordinal = map_get(&seen, f->identity) + 1;
        map_set(&scratch, &seen, f->identity, ordinal);
        char text[32];
        int n = snprintf(text, sizeof text, "%016llx#%u", (unsigned long long)f->identity, ordinal);
        f->fingerprint = hash_bytes(text, (size_t)n);
    }
    arena_free(&scratch);
}
