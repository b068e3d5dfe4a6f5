#include "app/git.h"

#include "os/os.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FAIL(arena, error, ...) (*(error) = str_format((arena), __VA_ARGS__), false)

/* The first line of what git complained of. */
static Str first_line(Str text) {
    i64 end = str_find(text, '\n');
    return str_trim(end < 0 ? text : str_sub(text, 0, (u32)end));
}

/* Runs git; false when it could not be run or did not like it. */
static bool run(Arena *arena, const char *const *argv, Str input, Str *out, Str *error) {
    Str complaint;
    int status, problem = os_run(argv, input, arena, out, &complaint, &status);
    if (problem == ENOENT) return FAIL(arena, error, "git is not installed");
    if (problem) return FAIL(arena, error, "cannot run git: %s", strerror(problem));
    if (!status) return true;
    Str line = first_line(complaint);
    if (line.n) return FAIL(arena, error, "git %s: %.*s", argv[1], STR_ARG(line));
    return FAIL(arena, error, "git %s: exit status %d", argv[1], status);
}

static Str without_newline(Str text) {
    return text.n && text.p[text.n - 1] == '\n' ? str_sub(text, 0, text.n - 1) : text;
}

bool git_top(Arena *arena, Str *top, Str *error) {
    static const char *const argv[] = {"git", "rev-parse", "--show-toplevel", NULL};
    Str out;
    if (!run(arena, argv, (Str){0}, &out, error)) return false;
    if (os_real_path(str_copy(arena, without_newline(out)).p, arena, top)) return true;
    return FAIL(arena, error, "git names a work tree that is not there");
}

bool git_commit(Arena *arena, Str revision, Str *id, Str *error) {
    Str wanted = str_format(arena, "%.*s^{commit}", STR_ARG(revision)), out;
    const char *const argv[] = {"git",    "rev-parse", "--verify", "--quiet", "--end-of-options",
                                wanted.p, NULL};
    Str complaint;
    int status, problem = os_run(argv, (Str){0}, arena, &out, &complaint, &status);
    if (problem == ENOENT) return FAIL(arena, error, "git is not installed");
    if (problem) return FAIL(arena, error, "cannot run git: %s", strerror(problem));
    *id = str_copy(arena, without_newline(out));
    if (!status && id->n) return true;
    return FAIL(arena, error, "git knows no commit '%.*s'", STR_ARG(revision));
}

Str git_merge_base(Arena *arena, Str one, Str other) {
    const char *const argv[] = {"git", "merge-base", str_copy(arena, one).p,
                                str_copy(arena, other).p, NULL};
    Str out, error;
    if (!run(arena, argv, (Str){0}, &out, &error)) return (Str){0};
    return str_copy(arena, without_newline(out));
}

bool git_heads(Arena *arena, Str *heads, u32 most, u32 *n, Str *error) {
    Str id, ignored, out, complaint;
    int status;
    *n = 0;
    if (!git_commit(arena, STR("HEAD"), &id, &ignored)) return true; /* no commit yet */
    heads[(*n)++] = id;
    /* MERGE_HEAD may hold several commits, of which a revision names the first */
    static const char *const argv[] = {"git", "rev-parse", "--git-path", "MERGE_HEAD", NULL};
    if (os_run(argv, (Str){0}, arena, &out, &complaint, &status) || status) return true;
    Str path = str_copy(arena, without_newline(out)), text;
    if (os_read_file(path.p, 1 << 20, arena, &text)) return true;
    while (text.n && *n < most) {
        Str line = first_line(text);
        i64 end = str_find(text, '\n');
        text = end < 0 ? (Str){0} : str_sub(text, (u32)end + 1, text.n);
        if (!line.n) continue;
        if (!git_commit(arena, line, &id, error)) return false;
        heads[(*n)++] = id;
    }
    return true;
}

/* ---- lists ---- */

static int by_path(const void *a, const void *b) {
    return str_cmp(((const GitFile *)a)->path, ((const GitFile *)b)->path);
}

static Str take_until(Str *text, char end) {
    i64 at = str_find(*text, end);
    Str part = at < 0 ? *text : str_sub(*text, 0, (u32)at);
    *text = at < 0 ? (Str){0} : str_sub(*text, (u32)at + 1, text->n);
    return part;
}

static bool is_regular(Str mode) {
    return str_starts(mode, "100");
}

static void sort_files(GitFiles *files) {
    if (files->n) qsort(files->v, files->n, sizeof *files->v, by_path);
}

/* `MODE ID STAGE\tPATH`; of a conflict the last stage that counts comes first: 2, then 3, then 1.
 */
bool git_index(Arena *arena, GitFiles *out, Str *error) {
    static const char *const argv[] = {"git",         "ls-files", "--stage", "-z",
                                       "--full-name", "--",       ":/",      NULL};
    Str text;
    *out = (GitFiles){0};
    if (!run(arena, argv, (Str){0}, &text, error)) return false;
    char best = 0;
    while (text.n) {
        Str row = take_until(&text, '\0');
        Str mode = take_until(&row, ' '), id = take_until(&row, ' '),
            stage = take_until(&row, '\t');
        if (!is_regular(mode) || stage.n != 1) continue;
        bool is_again = out->n && str_eq(out->v[out->n - 1].path, row);
        if (is_again && (best == '2' || stage.p[0] == '1')) continue;
        best = stage.p[0];
        if (is_again) out->n--;
        GitFile file = {str_copy(arena, row), str_copy(arena, id)};
        vec_push(arena, out, file);
    }
    sort_files(out);
    return true;
}

/* `MODE TYPE ID\tPATH` */
bool git_tree(Arena *arena, Str commit, GitFiles *out, Str *error) {
    const char *const argv[] = {
        "git", "ls-tree", "-r", "-z", "--full-tree", str_copy(arena, commit).p, NULL};
    Str text;
    *out = (GitFiles){0};
    if (!run(arena, argv, (Str){0}, &text, error)) return false;
    while (text.n) {
        Str row = take_until(&text, '\0');
        Str mode = take_until(&row, ' ');
        take_until(&row, ' ');
        Str id = take_until(&row, '\t');
        if (!is_regular(mode)) continue;
        GitFile file = {str_copy(arena, row), str_copy(arena, id)};
        vec_push(arena, out, file);
    }
    sort_files(out);
    return true;
}

bool git_changed(Arena *arena, Str commit, GitFiles *out, Str *error) {
    const char *const argv[] = {"git",
                                "diff",
                                "--name-only",
                                "--no-renames",
                                "--no-ext-diff",
                                "--no-relative",
                                "--ignore-submodules",
                                "-z",
                                str_copy(arena, commit).p,
                                "--",
                                ":/",
                                NULL};
    Str text;
    *out = (GitFiles){0};
    if (!run(arena, argv, (Str){0}, &text, error)) return false;
    while (text.n) {
        GitFile file = {str_copy(arena, take_until(&text, '\0')), (Str){0}};
        vec_push(arena, out, file);
    }
    sort_files(out);
    return true;
}

/* ---- contents ---- */

static Str id_lines(Arena *arena, const Str *ids, u32 n) {
    Buf lines = {.arena = arena};
    for (u32 i = 0; i < n; i++) {
        buf_str(&lines, ids[i]);
        buf_char(&lines, '\n');
    }
    return buf_get(&lines);
}

/* The size at the end of `ID TYPE SIZE`; false for `ID missing`. */
static bool read_head(Str line, u64 *size) {
    take_until(&line, ' ');
    take_until(&line, ' ');
    *size = 0;
    for (u32 i = 0; i < line.n; i++) {
        if (line.p[i] < '0' || line.p[i] > '9') return false;
        *size = *size * 10 + (u64)(line.p[i] - '0');
    }
    return line.n > 0;
}

bool git_sizes(Arena *arena, const Str *ids, u32 n, u64 *sizes, Str *error) {
    static const char *const argv[] = {"git", "cat-file", "--batch-check", NULL};
    Str text;
    if (!n) return true;
    if (!run(arena, argv, id_lines(arena, ids, n), &text, error)) return false;
    for (u32 i = 0; i < n; i++)
        if (!read_head(take_until(&text, '\n'), &sizes[i]))
            return FAIL(arena, error, "git lacks the object %.*s", STR_ARG(ids[i]));
    return true;
}

bool git_blobs(Arena *arena, const Str *ids, u32 n, Str *texts, Str *error) {
    static const char *const argv[] = {"git", "cat-file", "--batch", NULL};
    Str text;
    u64 size;
    if (!n) return true;
    if (!run(arena, argv, id_lines(arena, ids, n), &text, error)) return false;
    for (u32 i = 0; i < n; i++) {
        if (!read_head(take_until(&text, '\n'), &size) || size + 1 > text.n)
            return FAIL(arena, error, "git lacks the object %.*s", STR_ARG(ids[i]));
        texts[i] = str_sub(text, 0, (u32)size);
        text = str_sub(text, (u32)size + 1, text.n);
    }
    return true;
}
