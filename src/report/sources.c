#include "os/os.h"
#include "report/parts.h"

/* Findings come in the order of files, and evidence from a few others: some texts at a time are
 * enough, so that a report over a large project does not hold the project. */
enum { KEPT = 8, LARGEST = 512 * 1024 * 1024 };

typedef struct KeptText {
    Arena arena;
    u32 file; /* plus 1; 0 is free */
    Str text;
    bool is_good;
} KeptText;

struct ReportSources {
    const ReportFile *files;
    u32 n;
    u32 next; /* slot that is given up next */
    KeptText kept[KEPT];
};

ReportSources *report_sources(Arena *arena, const ReportFile *files, u32 n) {
    ReportSources *s = arena_new(arena, ReportSources);
    s->files = files;
    s->n = n;
    return s;
}

void report_sources_free(ReportSources *s) {
    for (u32 i = 0; i < KEPT; i++) arena_free(&s->kept[i].arena);
    s->n = 0;
}

static bool load(const ReportFile *file, Arena *arena, Str *text) {
    Str bytes;
    if (!file->real_path.n || os_read_file(file->real_path.p, LARGEST, arena, &bytes) != 0)
        return false;
    Source source = source_decode_as(file->real_path, bytes, arena);
    *text = source.text;
    return source.content == file->content;
}

bool sources_text(ReportSources *s, u32 file, Str *text) {
    if (file >= s->n || !s->files[file].lines) return false;
    if (s->files[file].text.n) {
        *text = s->files[file].text;
        return true;
    }
    for (u32 i = 0; i < KEPT; i++)
        if (s->kept[i].file == file + 1) {
            *text = s->kept[i].text;
            return s->kept[i].is_good;
        }
    KeptText *kept = &s->kept[s->next];
    s->next = (s->next + 1) % KEPT;
    arena_free(&kept->arena);
    kept->file = file + 1;
    kept->text = (Str){0};
    kept->is_good = load(&s->files[file], &kept->arena, &kept->text);
    *text = kept->text;
    return kept->is_good;
}

Position place_position(const ReportInput *in, u32 file, u32 offset) {
    if (file >= in->n_files || !in->files[file].lines) return (Position){1, 1};
    const u32 *lines = in->files[file].lines;
    u32 n = in->files[file].n_lines;
    Str text;
    if (sources_text(in->sources, file, &text)) return source_position(text, lines, n, offset);
    u32 line = 1;
    for (u32 high = n; high - line > 0;) { /* last line that begins at or before the offset */
        u32 middle = line + (high - line + 1) / 2;
        if (lines[middle - 1] <= offset)
            line = middle;
        else
            high = middle - 1;
    }
    return (Position){line, offset - lines[line - 1] + 1};
}

Position place_shown(const ReportInput *in, u32 file, u32 offset, u32 *cell) {
    Position at = place_position(in, file, offset);
    *cell = 0;
    if (file < in->n_files)
        *cell = source_cell(in->files[file].cells, in->files[file].n_cells, at.line, &at.line);
    return at;
}

Position place_in_file(const ReportInput *in, u32 file, u32 offset) {
    bool is_notebook = file < in->n_files && in->files[file].n_cells;
    return is_notebook ? (Position){1, 1} : place_position(in, file, offset);
}

void line_text(const ReportInput *in, u32 file, u32 line, Buf *out) {
    u32 cell = 0;
    if (file < in->n_files)
        cell = source_cell(in->files[file].cells, in->files[file].n_cells, line, &line);
    if (cell) buf_printf(out, "cell %u:", cell);
    buf_printf(out, "%u", line);
}

void place_text(const ReportInput *in, const Finding *f, Buf *out) {
    Position at = place_position(in, f->place.file, f->place.start);
    if (f->place.file < in->n_files) report_escape(out, in->files[f->place.file].path);
    buf_char(out, ':');
    line_text(in, f->place.file, at.line, out);
    buf_printf(out, ":%u", at.column);
}

void head_text(const ReportInput *in, const Finding *f, Buf *out) {
    style_begin(in, out, STYLE_BOLD);
    link_begin(in, f->place.file, place_position(in, f->place.file, f->place.start).line, out);
    place_text(in, f, out);
    link_end(in, f->place.file, out);
    style_end(in, out, STYLE_BOLD);
    buf_text(out, ": ");
    style_begin(in, out, style_of(f->severity));
    buf_str(out, f->code);
    style_end(in, out, style_of(f->severity));
    buf_char(out, ' ');
}
