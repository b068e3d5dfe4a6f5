#include "app/deliver.h"

#include "app/console.h"
#include "app/repository.h"
#include "app/trouble.h"
#include "os/os.h"

#include <string.h>

/* ---- where things are ---- */

/* "/a/b" and "../c/./d" give "/a/c/d": as text, so that a symlink keeps the path that git knows. */
static Str join(Arena *arena, Str folder, Str path) {
    Buf out = {.arena = arena};
    if (!str_starts(path, "/")) buf_str(&out, folder);
    while (path.n) {
        i64 slash = str_find(path, '/');
        Str part = slash < 0 ? path : str_sub(path, 0, (u32)slash);
        path = slash < 0 ? (Str){0} : str_sub(path, (u32)slash + 1, path.n);
        if (!part.n || str_is(part, ".")) continue;
        if (str_is(part, "..")) {
            i64 last = str_rfind(buf_get(&out), '/');
            out.n = last < 0 ? 0 : (u32)last;
            continue;
        }
        if (!out.n || out.p[out.n - 1] != '/') buf_char(&out, '/');
        buf_str(&out, part);
    }
    if (!out.n) buf_char(&out, '/');
    return str_copy(arena, buf_get(&out));
}

/* The work tree around a directory, or an empty Str. */
static Str work_tree(Arena *arena, Str folder) {
    Str at = str_copy(arena, folder);
    while (!repository_is_top(at.p)) {
        i64 slash = str_rfind(at, '/');
        if (slash < 0 || at.n == 1) return (Str){0};
        at = str_copy(arena, str_sub(at, 0, MAX((u32)slash, 1u)));
    }
    return at;
}

/* That of the working directory, else that of the first file. */
static Str find_top(Arena *arena, Str cwd, const ReportFile *files, u32 n) {
    Str top = work_tree(arena, cwd);
    if (top.n || !n) return top;
    i64 slash = str_rfind(files[0].absolute, '/');
    return slash < 0 ? top : work_tree(arena, str_sub(files[0].absolute, 0, (u32)slash));
}

static Str find_project(Arena *arena, Str cwd) {
    Str folder = os_env("CI_PROJECT_DIR"), real;
    if (!folder.n) return folder;
    return os_real_path(folder.p, arena, &real) ? real : join(arena, cwd, folder);
}

ReportFile *deliver_files(const Scan *scan) {
    Str cwd = os_cwd(scan->arena);
    ReportFile *files = arena_array(scan->arena, ReportFile, scan->n + 1);
    for (u32 i = 0; i < scan->n; i++) {
        const ScanFile *file = &scan->files[i];
        files[i].path = file->path;
        files[i].absolute = join(scan->arena, cwd, file->path);
        if (file->is_stdin)
            files[i].text = scan->stdin_text;
        else
            files[i].real_path = file->real_path;
        if (file->state != SCAN_READ) continue;
        files[i].content = file->facts.content;
        files[i].lines = file->facts.lines;
        files[i].n_lines = file->facts.n_lines;
        files[i].cells = file->cells;
        files[i].n_cells = file->n_cells;
    }
    return files;
}

/* ---- one output ---- */

static bool wants_color(const Options *o, bool is_stdout) {
    if (o->color != COLOR_AUTO) return o->color == COLOR_ALWAYS;
    return is_stdout && os_is_terminal(1) && !str_is(os_env("TERM"), "dumb");
}

/* Terminals that do not know links show the text alone, but for the oldest ones. FORCE_HYPERLINK is
 * what other programs look at, too. */
static bool wants_links(bool is_stdout, bool is_colored) {
    Str force = os_env("FORCE_HYPERLINK"), term = os_env("TERM");
    if (!is_stdout) return false;
    if (force.n) return !str_is(force, "0");
    bool is_plain = str_is(term, "dumb") || str_is(term, "linux") || !term.n;
    return is_colored && os_is_terminal(1) && !is_plain;
}

/* A report that is a folder. */
static int write_parts(const ReportInput *input, const ReportPart *part, Str folder) {
    int error = os_make_dir(folder.p), trouble = EXIT_CLEAN;
    if (error) {
        console_error("cannot make '%s': %s", folder.p, strerror(error));
        return EXIT_TROUBLE;
    }
    for (; part->name; part++) {
        Arena arena = {0};
        Buf document = {.arena = &arena};
        part->write(input, &document);
        Str path = str_format(&arena, "%.*s%s", STR_ARG(folder), part->name);
        trouble |= console_write(buf_get(&document), path);
        arena_free(&arena);
    }
    return trouble;
}

static int write_one(const Delivery *d, const ReportInput *base, const ReportOutput *output) {
    Arena arena = {0};
    Buf document = {.arena = &arena};
    Str file = output->file.n ? output->file : d->options->output_file;
    ReportInput input = *base;
    if (output->format->is_machine) {
        input.statistics = d->timed;
        input.n_statistics = d->n_timed;
    }
    input.color = wants_color(d->options, !file.n);
    input.links = wants_links(!file.n, input.color);
    input.host = os_host_name(&arena);
    input.width = file.n ? 0 : os_terminal_width(1);
    bool is_folder = str_ends(file, "/") && output->format->parts;
    if (d->has_notice && !output->format->is_machine)
        buf_str(&document, d->notice);
    else if (!is_folder)
        output->format->write(&input, &document);
    int trouble = is_folder ? write_parts(&input, output->format->parts(), file)
                            : console_write(buf_get(&document), file);
    arena_free(&arena);
    return trouble ? EXIT_TROUBLE : EXIT_CLEAN;
}

/* GitHub shows what a step appends to this file. */
static int append_summary(const ReportInput *input) {
    Str path = os_env("GITHUB_STEP_SUMMARY");
    if (!path.n) return EXIT_CLEAN;
    Arena arena = {0};
    Buf text = {.arena = &arena};
    report_github_summary(input, &text);
    int error = os_append_file(path.p, buf_get(&text));
    if (error) console_error("cannot write '%s': %s", path.p, strerror(error));
    arena_free(&arena);
    return error ? EXIT_TROUBLE : EXIT_CLEAN;
}

/* The text was checked when the option was read. */
static ReportOutputs outputs_of(Arena *arena, const Options *o) {
    ReportOutputs outputs;
    Str error = report_outputs(arena, o->output_format, &outputs);
    REQUIRE(!error.n);
    return outputs;
}

static bool has_format(Arena *arena, const Options *options, bool is_machine) {
    ReportOutputs outputs = outputs_of(arena, options);
    for (u32 i = 0; i < outputs.n; i++)
        if (outputs.v[i].format->is_machine == is_machine) return true;
    return false;
}

bool deliver_has_document(Arena *arena, const Options *options) {
    return has_format(arena, options, true);
}

bool deliver_has_text(Arena *arena, const Options *options) {
    return has_format(arena, options, false);
}

int deliver(const Delivery *d, const ReportInput *input) {
    Arena *arena = d->scan->arena;
    Str cwd = os_cwd(arena);
    ReportInput full = *input;
    full.sources = report_sources(arena, full.files, full.n_files);
    full.rules = rules_all(&full.n_rules);
    full.top = find_top(arena, cwd, full.files, full.n_files);
    full.project = find_project(arena, cwd);
    full.notices = trouble_notices(d->scan, &full.n_notices);
    ReportOutputs outputs = outputs_of(arena, d->options);
    int trouble = EXIT_CLEAN;
    for (u32 i = 0; i < outputs.n; i++) {
        trouble |= write_one(d, &full, &outputs.v[i]);
        if (str_is(str_from(outputs.v[i].format->name), "github")) trouble |= append_summary(&full);
    }
    report_sources_free(full.sources);
    return trouble ? EXIT_TROUBLE : EXIT_CLEAN;
}
