#include "app/fix.h"

#include "app/console.h"
#include "app/edit.h"
#include "os/os.h"
#include "source/source.h"

#include <stdlib.h>
#include <string.h>

/* ---- one file ---- */

static bool can_change(const ScanFile *file) {
    return file->state == SCAN_READ && !file->is_stdin && !file->blob.n;
}

static void complain(FixRun *run, u32 file, Str why) {
    console_error("cannot change '%.*s': %.*s", STR_ARG(run->a->scan.files[file].path),
                  STR_ARG(why));
    run->failed = true;
}

/* Writes what became of the file, or its difference. */
static bool put_file(FixRun *run, u32 file, const EditedFile *edited) {
    const ScanFile *f = &run->a->scan.files[file];
    if (run->diff) {
        edit_diff(f->path, edited, run->diff);
        run->files++;
        return true;
    }
    int error = os_write_file(f->real_path.p, edited->bytes);
    if (error) complain(run, file, str_from(strerror(error)));
    run->files += !error;
    return !error;
}

/* ---- fixes ---- */

/* An edit of a finding's fix that was taken. */
typedef struct Taken {
    Place place;
    Str text;
    u32 finding;
} Taken;

typedef VEC(Taken) TakenList;

static int taken_cmp(const void *a, const void *b) {
    const Taken *x = a, *y = b;
    if (x->place.file != y->place.file) return x->place.file < y->place.file ? -1 : 1;
    if (x->place.start != y->place.start) return x->place.start < y->place.start ? -1 : 1;
    if (x->place.end != y->place.end) return x->place.end < y->place.end ? -1 : 1;
    return (x->finding > y->finding) - (x->finding < y->finding);
}

static bool wants_fix(const FixRun *run, const Finding *f) {
    bool ok = f->fix.edits.n && (f->fix.is_safe || run->unsafe);
    for (u32 i = 0; i < f->fix.edits.n && ok; i++)
        ok = can_change(&run->a->scan.files[f->fix.edits.v[i].place.file]);
    return ok;
}

/* Two edits that touch leave it open which comes first: the later fix waits for the next round. */
static bool touches(const Taken *a, const Taken *b) {
    return a->place.file == b->place.file && b->place.start <= a->place.end;
}

/* Marks the fixes that go together. Sorted edits, and a fix that meets a taken one is out, with all
 * of its edits; then what was out because of it stays out until the next round. */
static void choose_fixes(TakenList *all, bool *is_out) {
    const Taken *last = NULL;
    for (u32 i = 0; i < all->n; i++) {
        const Taken *t = &all->v[i];
        if (is_out[t->finding]) continue;
        bool meets = last && last->finding != t->finding && touches(last, t);
        if (meets)
            is_out[t->finding] = true;
        else
            last = t;
    }
}

/* Applies the edits [from, to) of one file. */
static bool change_file(FixRun *run, const TakenList *all, u32 from, u32 to, const bool *is_out) {
    TextEdits edits = {0};
    u32 file = all->v[from].place.file;
    const ScanFile *f = &run->a->scan.files[file];
    for (u32 i = from; i < to; i++) {
        const Taken *t = &all->v[i];
        TextEdit edit = {t->place.start, t->place.end, t->text};
        if (!is_out[t->finding]) vec_push(run->arena, &edits, edit);
    }
    EditedFile edited;
    Str why;
    if (!edits.n) return true;
    EditCheck check = f->is_c ? EDIT_C : EDIT_CODE;
    if (edit_file(run->arena, f->real_path.p, f->facts.content, &edits, check, &edited, &why))
        return put_file(run, file, &edited);
    complain(run, file, why);
    return false;
}

void fix_apply(FixRun *run) {
    TakenList all = {0};
    bool *is_out = arena_array(run->arena, bool, run->findings->n + 1);
    for (u32 i = 0; i < run->findings->n; i++) {
        const Finding *f = &run->findings->v[i];
        is_out[i] = !wants_fix(run, f);
        for (u32 k = 0; k < f->fix.edits.n && !is_out[i]; k++) {
            Taken taken = {f->fix.edits.v[k].place, f->fix.edits.v[k].text, i};
            vec_push(run->arena, &all, taken);
        }
    }
    if (!all.n) return;
    qsort(all.v, all.n, sizeof *all.v, taken_cmp);
    choose_fixes(&all, is_out);
    for (u32 from = 0, to = 0; from < all.n; from = to) {
        while (to < all.n && all.v[to].place.file == all.v[from].place.file) to++;
        if (change_file(run, &all, from, to, is_out)) continue;
        for (u32 i = from; i < to; i++) is_out[all.v[i].finding] = true;
    }
    for (u32 i = 0; i < run->findings->n; i++) run->fixed += !is_out[i];
}

/* ---- suppressions ---- */

/* The findings of one file with what their comments say. */
typedef struct Ignoring {
    FixRun *run;
    Str reason, text;
    u32 file, from, to; /* findings */
    u32 *lines;         /* line starts of the text */
    u32 n_lines;
    bool is_c;
} Ignoring;

static u32 line_of(const Ignoring *g, u32 finding) {
    u32 at = g->run->findings->v[finding].place.start;
    return source_position(g->text, g->lines, g->n_lines, at).line;
}

/* A comment of C ends at the first star with a slash. */
static void put_reason(const Ignoring *g, Buf *out) {
    buf_char(out, ' ');
    for (u32 i = 0; i < g->reason.n; i++) {
        bool ends = g->is_c && i && g->reason.p[i - 1] == '*' && g->reason.p[i] == '/';
        if (ends) buf_char(out, ' ');
        buf_char(out, g->reason.p[i]);
    }
}

/* `# limpet: ignore[LMP201, LMP206] reason`, in C between slashes and stars, for the findings
 * [from, to), which are on one line. */
static Str comment_of(const Ignoring *g, u32 from, u32 to) {
    Buf out = {.arena = g->run->arena};
    buf_text(&out, g->is_c ? "/* limpet: ignore[" : "# limpet: ignore[");
    for (u32 i = from, n = 0; i < to; i++) {
        Str code = g->run->findings->v[i].code;
        bool is_again = false;
        for (u32 k = from; k < i; k++) is_again |= str_eq(g->run->findings->v[k].code, code);
        if (is_again) continue;
        if (n++) buf_text(&out, ", ");
        buf_str(&out, code);
    }
    buf_char(&out, ']');
    if (g->reason.n) put_reason(g, &out);
    if (g->is_c) buf_text(&out, " */");
    return buf_get(&out);
}

static TextEdit behind(const Ignoring *g, u32 from, u32 to) {
    u32 line = line_of(g, from);
    Str text = source_line(g->text, g->lines, g->n_lines, line);
    u32 end = g->lines[line - 1] + text.n;
    while (text.n && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\t')) text.n--;
    Str comment = comment_of(g, from, to);
    return (TextEdit){g->lines[line - 1] + text.n, end,
                      str_format(g->run->arena, "  %.*s", STR_ARG(comment))};
}

static TextEdit above(const Ignoring *g, u32 from, u32 to) {
    u32 line = line_of(g, from), start = g->lines[line - 1], blanks = 0;
    Str text = source_line(g->text, g->lines, g->n_lines, line);
    while (blanks < text.n && (text.p[blanks] == ' ' || text.p[blanks] == '\t')) blanks++;
    Str comment = comment_of(g, from, to);
    return (TextEdit){
        start, start,
        str_format(g->run->arena, "%.*s%.*s\n", (int)blanks, text.p, STR_ARG(comment))};
}

static bool try_edits(const Ignoring *g, const TextEdits *edits, EditedFile *out, Str *why) {
    const ScanFile *f = &g->run->a->scan.files[g->file];
    EditCheck check = g->is_c ? EDIT_C : EDIT_COMMENTS;
    return edit_file(g->run->arena, f->real_path.p, f->facts.content, edits, check, out, why);
}

/* Findings of one line get one comment: calls `make` for each line. */
static TextEdits edits_by_line(const Ignoring *g, bool (*is_good)(const Ignoring *, TextEdit)) {
    TextEdits edits = {0};
    for (u32 i = g->from, end; i < g->to; i = end) {
        u32 line = line_of(g, i);
        for (end = i + 1; end < g->to && line_of(g, end) == line; end++) {
        }
        TextEdit edit = behind(g, i, end);
        if (is_good && !is_good(g, edit)) edit = above(g, i, end);
        if (is_good && !is_good(g, edit)) {
            console_error("no comment can stand at %.*s:%u",
                          STR_ARG(g->run->a->scan.files[g->file].path), line);
            g->run->failed = true;
            continue;
        }
        vec_push(g->run->arena, &edits, edit);
        g->run->fixed += end - i;
    }
    return edits;
}

/* Is it still the same program with this edit alone? */
static bool is_harmless(const Ignoring *g, TextEdit edit) {
    EditedFile ignored;
    TextEdits one = {&edit, 1, 1};
    Str why;
    return try_edits(g, &one, &ignored, &why);
}

static void suppress_file(Ignoring *g) {
    FixRun *run = g->run;
    u32 fixed = run->fixed;
    EditedFile edited;
    Str why;
    TextEdits edits = edits_by_line(g, NULL);
    bool ok = try_edits(g, &edits, &edited, &why);
    if (!ok) { /* a line that ends inside of a string, or in a backslash */
        run->fixed = fixed;
        edits = edits_by_line(g, is_harmless);
        ok = edits.n && try_edits(g, &edits, &edited, &why);
    }
    if (ok && put_file(run, g->file, &edited)) return;
    if (!ok) complain(run, g->file, why);
    run->fixed = fixed;
}

void fix_suppress(FixRun *run, Str reason) {
    const Findings *all = run->findings;
    for (u32 from = 0, to = 0; from < all->n; from = to) {
        u32 file = all->v[from].place.file;
        const ScanFile *f = &run->a->scan.files[file];
        while (to < all->n && all->v[to].place.file == file) to++;
        if (!can_change(f)) {
            complain(run, file, STR("it was not read from a file"));
            continue;
        }
        Str bytes;
        int error = os_read_file(f->real_path.p, 1u << 30, run->arena, &bytes);
        if (error) {
            complain(run, file, str_from(strerror(error)));
            continue;
        }
        Ignoring g = {.run = run, .reason = reason, .file = file, .from = from, .to = to};
        g.is_c = f->is_c;
        g.text = source_decode_as(f->real_path, bytes, run->arena).text;
        g.n_lines = source_lines(g.text, run->arena, &g.lines);
        suppress_file(&g);
    }
}

/* ---- comments that cover nothing ---- */

static bool is_word_char(char c) {
    return char_is_letter(c) || char_is_digit(c) || c == '-';
}

/* The word in the comment, as a whole word; n is 0 when it is not there. */
static Span find_word(Str text, Span in, Str word) {
    for (u32 at = in.start; at + word.n <= in.end; at++) {
        bool begins = at == in.start || !is_word_char(text.p[at - 1]);
        bool ends = at + word.n == in.end || !is_word_char(text.p[at + word.n]);
        if (begins && ends && str_eq(str_sub(text, at, at + word.n), word))
            return (Span){at, at + word.n};
    }
    return (Span){0};
}

static u32 back_over_blanks(Str text, u32 at, u32 from) {
    while (at > from && (text.p[at - 1] == ' ' || text.p[at - 1] == '\t')) at--;
    return at;
}

static u32 over_blanks(Str text, u32 at, u32 to) {
    while (at < to && (text.p[at] == ' ' || text.p[at] == '\t')) at++;
    return at;
}

/* The piece of a comment from its `#` to the next one. */
static Span piece_around(Str text, Span comment, u32 at) {
    Span piece = comment;
    for (u32 i = comment.start; i < comment.end; i++) {
        if (text.p[i] != '#') continue;
        if (i <= at) piece.start = i;
        if (i > at) return (Span){piece.start, i};
    }
    return piece;
}

/* What to remove: the word with its comma, or the piece of the comment, or the line. */
static Span removal(Str text, Span comment, Span word, bool is_c) {
    Span piece = is_c ? comment : piece_around(text, comment, word.start);
    u32 before = back_over_blanks(text, word.start, piece.start);
    u32 after = over_blanks(text, word.end, piece.end);
    if (after < piece.end && text.p[after] == ',')
        return (Span){word.start, over_blanks(text, after + 1, piece.end)};
    if (before > piece.start && text.p[before - 1] == ',') return (Span){before - 1, word.end};
    u32 line = piece.start;
    while (line > 0 && text.p[line - 1] != '\n') line--;
    u32 start = back_over_blanks(text, piece.start, line), end = piece.end;
    bool is_last = end == comment.end;
    if (!is_last) return piece;
    if (start > line) return (Span){start, end};
    if (end < text.n && text.p[end] == '\r') end++;
    return (Span){line, end < text.n && text.p[end] == '\n' ? end + 1 : end};
}

static void fix_comment(Arena *arena, Finding *f, Str text, bool is_c) {
    Span comment = {f->place.start, MIN(f->place.end, text.n)};
    /* the grammar takes the first byte of a line end for the comment's last one */
    while (comment.end > comment.start && text.p[comment.end - 1] == '\r') comment.end--;
    i64 blank = str_find(f->subject, ' '); /* "ignore LMP201" */
    Str word = str_sub(f->subject, blank < 0 ? 0 : (u32)blank + 1, f->subject.n);
    Span at = find_word(text, comment, word);
    if (!at.end) return;
    Span span = removal(text, comment, at, is_c);
    f->fix = (Fix){.title = STR("remove what covers nothing"), .is_safe = true};
    finding_edit(arena, f, (Edit){{f->place.file, span.start, span.end}, STR("")});
}

void fix_unused_suppressions(Arena *arena, const Scan *scan, Findings *findings) {
    Arena scratch = {0};
    for (u32 i = 0; i < findings->n; i++) {
        Finding *f = &findings->v[i];
        const ScanFile *file = &scan->files[f->place.file];
        Str bytes;
        if (!str_is(f->code, "LMP902") || !can_change(file)) continue;
        if (os_read_file(file->real_path.p, 1u << 30, &scratch, &bytes) == 0) {
            Source source = source_decode_as(file->real_path, bytes, &scratch);
            if (source.content == file->facts.content)
                fix_comment(arena, f, source.text, file->is_c);
        }
        arena_free(&scratch);
    }
}
