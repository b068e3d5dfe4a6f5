#include "app/edit.h"

#include "facts/facts.h"
#include "os/os.h"
#include "python/python.h"
#include "report/report.h"
#include "source/source.h"

#include <stdlib.h>
#include <string.h>

enum { LARGEST = 1 << 30, CONTEXT = 3 };

#define FAIL(arena, why, ...) (*(why) = str_format((arena), __VA_ARGS__), false)

/* ---- text ---- */

static bool has_crlf(Str text) {
    i64 end = str_find(text, '\n');
    return end > 0 && text.p[end - 1] == '\r';
}

static void put_text(Buf *out, Str text, bool crlf) {
    for (u32 i = 0; i < text.n; i++) {
        if (crlf && text.p[i] == '\n' && (i == 0 || text.p[i - 1] != '\r')) buf_char(out, '\r');
        buf_char(out, text.p[i]);
    }
}

/* `offset` is what stands before the text in `whole`: a byte order mark. */
static Str apply(Arena *arena, Str whole, u32 offset, const TextEdits *edits, bool crlf) {
    Buf out = {.arena = arena};
    u32 at = 0;
    for (u32 i = 0; i < edits->n; i++) {
        const TextEdit *e = &edits->v[i];
        buf_str(&out, str_sub(whole, at, e->start + offset));
        put_text(&out, e->text, crlf);
        at = e->end + offset;
    }
    buf_str(&out, str_sub(whole, at, whole.n));
    return buf_get(&out);
}

/* ---- bytes ---- */

static bool is_ascii(Str text) {
    for (u32 i = 0; i < text.n; i++)
        if ((u8)text.p[i] >= 0x80) return false;
    return true;
}

/* Do offsets in the text hold in the bytes, too? They do unless something was converted. */
static bool is_parallel(Str bytes, u32 mark, Str text) {
    if (bytes.n - mark != text.n) return false;
    for (u32 i = 0; i < text.n; i++)
        if (bytes.p[mark + i] != text.p[i] && !(bytes.p[mark + i] == '\r' && text.p[i] == '\n'))
            return false;
    return true;
}

static bool encode(Arena *arena, Str bytes, const Source *source, const TextEdits *edits,
                   EditedFile *out, Str *why) {
    static const char BOM[] = "\xEF\xBB\xBF";
    u32 mark = str_starts(bytes, BOM) ? 3 : 0;
    bool crlf = has_crlf(source->text), plain = true;
    for (u32 i = 0; i < edits->n; i++) plain &= is_ascii(edits->v[i].text);
    bool is_utf8 = str_is(source->encoding, "utf-8") || mark;
    if (is_parallel(bytes, mark, source->text) && (plain || is_utf8)) {
        out->bytes = apply(arena, bytes, mark, edits, crlf);
        return true;
    }
    Str again;
    if (!source_encode(source->text, source->encoding, arena, &again) || !str_eq(again, bytes) ||
        !source_encode(out->after, source->encoding, arena, &out->bytes))
        return FAIL(arena, why, "it cannot be written back in its encoding, %.*s",
                    STR_ARG(source->encoding));
    return true;
}

/* Strings of the JSON change, and the cells are then what they should be. */
static bool encode_cells(Arena *arena, Str bytes, const Source *source, const TextEdits *edits,
                         EditedFile *out, Str *why) {
    TextEdits raw = {0};
    bool ok = notebook_edit(bytes, source, edits, arena, &raw);
    Str after = ok ? apply(arena, bytes, 0, &raw, false) : (Str){0};
    if (!ok || !str_eq(notebook_decode(after, arena).text, out->after))
        return FAIL(arena, why, "its cells cannot be changed at this place");
    *out = (EditedFile){.before = bytes, .after = after, .bytes = after, .edits = raw};
    return true;
}

/* ---- is it still Python? ---- */

typedef struct Parsed {
    Str text;
    const u32 *marks; /* offsets of new comments, ascending */
    u32 n_marks;
    u32 errors, ops, commented; /* commented: marks that are in comments */
} Parsed;

static void count_marks(Parsed *p, const FactsBuilder *b) {
    u32 at = 1;
    for (u32 i = 0; i < p->n_marks; i++) {
        while (at < b->comments.n && b->comments.v[at].span.end <= p->marks[i]) at++;
        p->commented += at < b->comments.n && b->comments.v[at].span.start <= p->marks[i];
    }
}

static void parse(void *context) {
    Parsed *p = context;
    Arena arena = {0};
    FactsBuilder builder;
    PythonWorker *worker = python_worker_new();
    facts_begin(&builder, &arena);
    python_extract(worker, p->text, false, &builder);
    p->errors = builder.errors.n;
    p->ops = builder.ops.n;
    count_marks(p, &builder);
    python_worker_free(worker);
    arena_free(&arena);
}

/* Where the comment of each edit that adds one begins in the new text; returns how many. */
static u32 find_marks(Arena *arena, const TextEdits *edits, bool crlf, char opens, u32 *marks) {
    i64 shift = 0;
    u32 n = 0;
    for (u32 i = 0; i < edits->n; i++) {
        const TextEdit *e = &edits->v[i];
        if (e->text.n) marks[n++] = (u32)((i64)e->start + shift + MAX(str_find(e->text, opens), 0));
        Buf text = {.arena = arena};
        put_text(&text, e->text, crlf);
        shift += (i64)text.n - (i64)(e->end - e->start);
    }
    return n;
}

static bool is_sound(Arena *arena, Str before, Str after, const TextEdits *edits, EditCheck check) {
    bool has_marks = check == EDIT_COMMENTS;
    u32 *marks = arena_array(arena, u32, edits->n + 1);
    u32 n = find_marks(arena, edits, has_crlf(before), check == EDIT_C ? '/' : '#', marks);
    if (check == EDIT_C) return edit_keeps_c(arena, before, after, marks, n);
    Parsed old = {.text = before};
    Parsed new = {.text = after, .marks = marks, .n_marks = has_marks ? n : 0};
    char message[256];
    if (!base_attempt(parse, &old, message, sizeof message) ||
        !base_attempt(parse, &new, message, sizeof message))
        return false;
    if (new.errors > old.errors) return false;
    return !has_marks || (new.ops == old.ops &&new.commented == new.n_marks);
}

bool edit_file(Arena *arena, const char *path, u64 content, const TextEdits *edits, EditCheck check,
               EditedFile *out, Str *why) {
    Str bytes;
    int error = os_read_file(path, LARGEST, arena, &bytes);
    if (error) return FAIL(arena, why, "%s", strerror(error));
    Source source = source_decode_as(str_from(path), bytes, arena);
    if (source.content != content) return FAIL(arena, why, "it has changed meanwhile");
    if (source.trouble != SOURCE_FINE)
        return FAIL(arena, why, "it has bytes that its encoding does not allow");
    *out = (EditedFile){.before = source.text, .edits = *edits};
    Str after = out->after = apply(arena, source.text, 0, edits, has_crlf(source.text));
    bool ok = source.n_cells ? encode_cells(arena, bytes, &source, edits, out, why)
                             : encode(arena, bytes, &source, edits, out, why);
    if (!ok) return false;
    if (is_sound(arena, source.text, after, edits, check)) return true;
    return FAIL(arena, why, "the result would be %s",
                check == EDIT_C ? "another program" : "no Python");
}

/* ---- differences ---- */

/* Lines that one edit, or several that touch the same lines, replace. */
typedef struct Hunk {
    u32 old_first, old_end; /* lines from 0 */
    u32 new_first, new_end;
} Hunk;

typedef struct Lines {
    Str text;
    u32 *starts;
    u32 n;
} Lines;

static Lines lines_of(Arena *arena, Str text) {
    Lines l = {.text = text};
    l.n = source_lines(text, arena, &l.starts);
    if (l.n && l.starts[l.n - 1] == text.n) l.n--; /* the nothing after the last line end */
    return l;
}

static u32 line_at(const Lines *l, u32 offset) {
    u32 low = 0, high = l->n;
    while (high - low > 1) {
        u32 middle = low + (high - low) / 2;
        *(l->starts[middle] <= offset ? &low : &high) = middle;
    }
    return low;
}

static u32 count_newlines(Str text) {
    u32 n = 0;
    for (u32 i = 0; i < text.n; i++) n += text.p[i] == '\n';
    return n;
}

static void put_line(const Lines *l, u32 line, char sign, Buf *out) {
    u32 end = line + 1 < l->n ? l->starts[line + 1] : l->text.n;
    Str text = str_sub(l->text, l->starts[line], end);
    buf_char(out, sign);
    buf_str(out, text);
    if (!text.n || text.p[text.n - 1] != '\n') buf_text(out, "\n\\ No newline at end of file\n");
}

static void put_range(char sign, u32 first, u32 n, Buf *out) {
    /* of an empty range the line before it is named */
    buf_printf(out, " %c%u,%u", sign, n ? first + 1 : first, n);
}

/* Hunks whose contexts touch are one: [from, to). */
static void put_hunks(const Lines *old, const Lines *new, const Hunk *hunks, u32 n, Buf *out) {
    const Hunk *first = &hunks[0], *last = &hunks[n - 1];
    u32 before = MIN(first->old_first, CONTEXT);
    u32 after = MIN(old->n - last->old_end, CONTEXT);
    u32 old_from = first->old_first - before, new_from = first->new_first - before;
    buf_text(out, "@@");
    put_range('-', old_from, last->old_end + after - old_from, out);
    put_range('+', new_from, last->new_end + after - new_from, out);
    buf_text(out, " @@\n");
    u32 at = old_from;
    for (u32 i = 0; i < n; i++) {
        while (at < hunks[i].old_first) put_line(old, at++, ' ', out);
        while (at < hunks[i].old_end) put_line(old, at++, '-', out);
        for (u32 k = hunks[i].new_first; k < hunks[i].new_end; k++) put_line(new, k, '+', out);
    }
    while (at < last->old_end + after) put_line(old, at++, ' ', out);
}

/* The lines of each edit; edits on the same lines together. */
static Hunk *find_hunks(Arena *arena, const Lines *old, const Lines *new, const TextEdits *edits,
                        u32 *n) {
    Hunk *hunks = arena_array(arena, Hunk, edits->n + 1);
    *n = 0;
    i64 shift = 0; /* new lines minus old ones, so far */
    for (u32 i = 0; i < edits->n; i++) {
        const TextEdit *e = &edits->v[i];
        u32 first = line_at(old, e->start), end = line_at(old, e->end) + 1;
        i64 growth = (i64)count_newlines(e->text) -
                     (i64)count_newlines(str_sub(old->text, e->start, e->end));
        Hunk *last = *n ? &hunks[*n - 1] : NULL;
        if (!last || first >= last->old_end) {
            last = &hunks[(*n)++];
            *last = (Hunk){first, end, (u32)((i64)first + shift), 0};
        }
        last->old_end = MAX(last->old_end, MIN(end, old->n));
        shift += growth;
        last->new_end = MIN((u32)((i64)last->old_end + shift), new->n);
    }
    return hunks;
}

void edit_diff(Str path, const EditedFile *file, Buf *out) {
    Arena scratch = {0};
    Lines old = lines_of(&scratch, file->before), new = lines_of(&scratch, file->after);
    u32 n;
    const Hunk *hunks = find_hunks(&scratch, &old, &new, &file->edits, &n);
    buf_text(out, "--- ");
    report_escape(out, path);
    buf_text(out, "\n+++ ");
    report_escape(out, path);
    buf_char(out, '\n');
    for (u32 from = 0, to = 0; from < n; from = to) {
        to = from + 1;
        while (to < n && hunks[to].old_first - hunks[to - 1].old_end <= 2 * CONTEXT) to++;
        put_hunks(&old, &new, hunks + from, to - from, out);
    }
    arena_free(&scratch);
}
