/* Every format over one hostile sample, against tests/reports/NAME.golden. BLESS=1 rewrites the
 * goldens: look at the difference before it is committed. */
#include "base/utf8.h"
#include "os/os.h"
#include "report/report.h"
#include "source/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <utf8proc.h>

/* ---- the sample ---- */

enum { CACHE, HOSTILE, GONE, CHANGED, STDIN, FILES };

typedef struct Sample {
    Arena arena;
    char dir[64];
    Str text[FILES];
    ReportFile files[FILES];
    Findings findings;
    ReportInput in;
} Sample;

static const char cache_text[] = "_sessions = {}\n"
                                 "\n"
                                 "class Session:\n"
                                 "    def __init__(self, request):\n"
                                 "        self.request = request\n"
                                 "\n"
                                 "def handle(req):\n"
                                 "    _sessions[req.id] = Session(req)\n"
                                 "    log(\n"
                                 "        'kept',   \n"
                                 "    )\n"
                                 "    return \n";

/* tabs, CRLF, wide and combining characters, right-to-left override, escapes, NUL, a form feed */
static const char hostile_text[] = "if x:\r\n"
                                   "\tif y:\r\n"
                                   "\t\tb\t= '名前\t' + keep(e\xCC\x81t\xC3\xA9)  # tab\r\n"
                                   "s = '\xE2\x80\xAE\x1b[31m red \x07' + grow(1)\r\n"
                                   "名前 = 保存(値)\r\n"
                                   "\r\n"
                                   "\xC3\xA4\xC3\xB6 = f('\xF0\x9F\x98\x80')\x0c\r\n";

static void add_file(Sample *s, u32 id, const char *path, Str text, const char *on_disk) {
    s->text[id] = text;
    ReportFile *f = &s->files[id];
    f->path = str_from(path);
    f->absolute = str_starts(f->path, "../") ? str_format(&s->arena, "/top/%s", path + 3)
                                             : str_format(&s->arena, "/top/repo/lib/%s", path);
    u32 *starts;
    Source source = source_decode(text, &s->arena);
    f->content = source.content;
    f->n_lines = source_lines(source.text, &s->arena, &starts);
    f->lines = starts;
    if (id == STDIN) {
        f->text = source.text;
        return;
    }
    f->real_path = str_format(&s->arena, "%s/%u.py", s->dir, id);
    if (on_disk) assert_int_equal(os_write_file(f->real_path.p, str_from(on_disk)), 0);
}

/* The first occurrence of `needle` after the offset. */
static Place find_after(const Sample *s, u32 file, const char *needle, u32 from) {
    u32 n = str_from(needle).n;
    Str text = s->text[file];
    for (u32 i = from; i + n <= text.n; i++)
        if (memcmp(text.p + i, needle, n) == 0)
            return (Place){.file = file, .start = i, .end = i + n};
    fail_msg("no \"%s\" in file %u", needle, file);
    return (Place){0};
}

static Place find(const Sample *s, u32 file, const char *needle) {
    return find_after(s, file, needle, 0);
}

static Finding *add(Sample *s, Place place, const char *message) {
    vec_push(&s->arena, &s->findings,
             (Finding){.code = STR("LMP201"),
                       .name = STR("global-container-grows"),
                       .effect = EFFECT_NEVER_FREED,
                       .severity = SEVERITY_WARNING,
                       .confidence = CONFIDENCE_HIGH,
                       .place = place,
                       .scope = STR("app.cache.handle"),
                       .subject = str_from(message),
                       .message = str_from(message)});
    return &s->findings.v[s->findings.n - 1];
}

static void step_at(Sample *s, Finding *f, StepKind kind, const char *text, Place place) {
    finding_step(&s->arena, f,
                 (Step){.kind = kind, .text = str_from(text), .place = place, .has_place = true});
}

static void edit_at(Sample *s, Finding *f, Place place, const char *text) {
    finding_edit(&s->arena, f, (Edit){place, str_from(text)});
}

static void add_main_finding(Sample *s) {
    Finding *f =
        add(s, find(s, CACHE, "_sessions[req.id]"),
            "'app.cache._sessions' keeps every 'Session' alive until the process ends: one "
            "per call of 'handle', none removed");
    f->help = STR("bound it (`functools.lru_cache(maxsize=…)`), or drop the entry when the session "
                  "ends");
    f->confirm = STR("`len(app.cache._sessions)` before and after 100 calls of `handle()`");
    f->fix = (Fix){.title = STR("forget the session at the end"), .is_safe = true};
    edit_at(s, f, find(s, CACHE, "_sessions[req.id]"), "_recent[req.id]");
    step_at(s, f, STEP_NODE, "module global app.cache._sessions", find(s, CACHE, "_sessions"));
    step_at(s, f, STEP_EDGE, "[\"req.id\"]", find(s, CACHE, "_sessions[req.id]"));
    f->steps.v[1].suspect = true;
    f->steps.v[1].note = STR("added here, never removed");
    step_at(s, f, STEP_NODE, "Session", find(s, CACHE, "class Session"));
    finding_step(&s->arena, f, (Step){.kind = STEP_EDGE, .text = STR(".request")});
    step_at(s, f, STEP_NODE, "Request  (holds Response, 2 files)", find(s, HOSTILE, "keep("));
    step_at(s, f, STEP_NOTE, "the call that adds", find(s, CACHE, "def handle"));
}

static void add_cycle(Sample *s) {
    Finding *f = add(s, find(s, CACHE, "self.request = request"), "a cycle of two objects");
    f->effect = EFFECT_DELAYED;
    f->confidence = CONFIDENCE_MEDIUM;
    step_at(s, f, STEP_NODE, "self (<Session>)", find(s, CACHE, "self, request"));
    step_at(s, f, STEP_EDGE, ".request", find(s, CACHE, "self.request"));
    step_at(s, f, STEP_NODE, "request & \"more\"", find(s, CACHE, "request):"));
    step_at(s, f, STEP_EDGE, ".session: weaken this one", find(s, HOSTILE, "grow(1)"));
    f->steps.v[3].suspect = true;
    step_at(s, f, STEP_NODE, "self (<Session>) again", find(s, CACHE, "self, request"));
    finding_step(&s->arena, f, (Step){.kind = STEP_NOTE, .text = STR("looked for `weakref`")});
}

static void add_hostile_findings(Sample *s) {
    add(s, find(s, HOSTILE, "keep(e\xCC\x81t\xC3\xA9)"),
        "after tabs, wide and combining characters");
    add(s, find(s, HOSTILE, "grow(1)"), "after control characters");
    Finding *f =
        add(s, find(s, HOSTILE, "保存(値)"), "'保存' keeps '<b>\"x\" & 100%s</b>\\' alive");
    f->severity = SEVERITY_ERROR;
    f->effect = EFFECT_HAZARD;
    f->name = STR("lock-reacquired");
    f->scope = STR("名前.<lambda>");
    f->help = STR("do not; \x1b]8;;http://x\x1b\\really\x1b]8;;\x1b\\");
    step_at(s, f, STEP_NOTE, "line\none \xE2\x80\xAE\"two\" %n", find(s, HOSTILE, "名前 ="));
    f->steps.v[0].note = STR("bad \xff byte \xC2\x9B");
    step_at(s, f, STEP_NOTE, "値", (Place){.file = GONE, .start = 12, .end = 13});
    f->steps.v[1].suspect = true;
    f->fix.title = STR("say \"no\"\x1b[31m");
    edit_at(s, f, find(s, HOSTILE, "保存"), "<b>&\x1b[31m%s");
    edit_at(s, f, find(s, HOSTILE, "値)"), "\"a\",\n\t'b')");
    Place empty = find(s, HOSTILE, "\r\n\r\n");
    empty.start = empty.end = empty.start + 2;
    add(s, empty, "an empty span on an empty line");
    add(s, find(s, HOSTILE, "\x0c\r\n"), "a span that runs into the line end");
    f = add(s, find(s, HOSTILE, "s = '"), "see [0](1), ##[error] ##vso[task.complete] ::x");
    f->code = STR("LMP900");
    f->name = STR("syntax-error");
    f->severity = SEVERITY_NOTE;
    f->effect = EFFECT_HAZARD;
}

static void add_long_findings(Sample *s) {
    Place start = find(s, STDIN, "first"), wide = find(s, STDIN, "middle"),
          end = find(s, STDIN, "last");
    add(s, start, "at the beginning of a long line");
    add(s, wide, "in the middle of a long line")->confidence = CONFIDENCE_LOW;
    add(s, end, "at the end of a long line")->severity = SEVERITY_NOTE;
    wide.end = end.start;
    add(s, wide, "a span that is longer than the screen");
    Finding *f = add(s, (Place){.file = STDIN, .start = 0, .end = s->text[STDIN].n}, "all of it");
    Buf text = {.arena = &s->arena};
    buf_repeat(&text, 'k', 500);
    finding_step(&s->arena, f, (Step){.kind = STEP_NODE, .text = buf_get(&text), .suspect = true});
}

static void add_missing_findings(Sample *s) {
    add(s, (Place){.file = GONE, .start = 8, .end = 11}, "in a file that has vanished");
    Finding *f =
        add(s, (Place){.file = CHANGED, .start = 4, .end = 9}, "in a file that has changed");
    finding_step(&s->arena, f, (Step){.kind = STEP_NODE, .text = STR("root")});
    finding_step(&s->arena, f, (Step){.kind = STEP_EDGE, .text = STR(".a"), .suspect = true});
    f = add(s, find(s, CACHE, "log(\n        'kept',   \n    )"), "a span of several lines");
    f->fix.title = STR("in two files, of which one has vanished");
    edit_at(s, f, f->place, "log()");
    edit_at(s, f, (Place){.file = GONE, .start = 0, .end = 1}, "");
    add(s, find(s, CACHE, "return \n"), "a span with the line end");
}

/* ---- rules and notices ---- */

static const Rule grows = {.code = "LMP201",
                           .name = "global-container-grows",
                           .summary = "a container is filled per call",
                           .effects = "never-freed, hazard",
                           .severity = SEVERITY_WARNING,
                           .confidence = CONFIDENCE_HIGH},
                  broken = {.code = "LMP900",
                            .name = "syntax-error",
                            .summary = "a part of a file is not Python",
                            .effects = "hazard",
                            .severity = SEVERITY_NOTE,
                            .confidence = CONFIDENCE_MEDIUM};

static const RuleEntry rules[] = {
    {&grows,
     "## What it does\nReports a container that grows.\nSee [PEP 703](https://peps.python.org).\n"
     "\n## Why it leaks\nIt is *reachable*, with `<all>` of it:\n\n- one a call\n  of two "
     "lines\n- & more\n\n## Example\n```python bad\nCACHE[k] = v  # </script>\n```\n\nRemove "
     "it:\n\n```python good\ndel CACHE[k]\n```\n\n## When it is silent\n- It is "
     "bounded.\n\n## What it misses\nMuch.\n\n## How to confirm\nCount.\n\n## "
     "References\n- None\n",
     "rules/x.c"},
    {&broken, "## What it does\nSays so.\n", "rules/y.c"},
};

static const ReportNotice notices[] = {
    {SEVERITY_ERROR, {"cannot read 'a \x1b[1m<b>&\xff.py': Permission denied", 47}, false, 0},
    {SEVERITY_WARNING, {"a file has syntax errors: analysed in part", 42}, true, HOSTILE},
};

static Str long_line(Arena *arena) {
    Buf line = {.arena = arena};
    buf_text(&line, "x = first(");
    while (line.n < 1000) buf_text(&line, "a漢é");
    buf_text(&line, ", middle, ");
    while (line.n < 2000) buf_text(&line, "漢\t.");
    buf_text(&line, ", last)\ny = 2\n");
    return buf_get(&line);
}

static int set_up(void **state) {
    Sample *s = calloc(1, sizeof *s);
    assert_non_null(s);
    strcpy(s->dir, "/tmp/limpet-report-XXXXXX");
    assert_non_null(mkdtemp(s->dir));
    add_file(s, CACHE, "app/cache.py", str_from(cache_text), cache_text);
    add_file(s, HOSTILE, "dir \"q\"/<b>&\x1b[31m%s\n\xff'.py", str_from(hostile_text),
             hostile_text);
    add_file(s, GONE, "../gone.py", STR("a = 1\nb = 2\nc = 3\n"), NULL);
    add_file(s, CHANGED, "zz_changed.py", STR("x = {}\n"), "y = []\n");
    add_file(s, STDIN, "-", long_line(&s->arena), NULL);
    add_main_finding(s);
    add_cycle(s);
    add_hostile_findings(s);
    add_long_findings(s);
    add_missing_findings(s);
    Str paths[FILES];
    for (u32 i = 0; i < FILES; i++) paths[i] = s->files[i].path;
    finding_settle(&s->findings, paths);
    static const ReportCount counts[] = {{"facts_bytes", 123456}, {"cut", 0}};
    s->in = (ReportInput){.version = STR("0.1.0"),
                          .findings = &s->findings,
                          .files = s->files,
                          .n_files = FILES,
                          .sources = report_sources(&s->arena, s->files, FILES),
                          .rules = rules,
                          .n_rules = ARRAY_LEN(rules),
                          .top = STR("/top/repo"),
                          .project = STR("/top"),
                          .notices = notices,
                          .n_notices = ARRAY_LEN(notices),
                          .summary = {.files = 412,
                                      .containers = 37,
                                      .bounded = 30,
                                      .drained = 5,
                                      .suspects = 2,
                                      .suppressed = 1},
                          .statistics = counts,
                          .n_statistics = 2};
    *state = s;
    return 0;
}

static int tear_down(void **state) {
    Sample *s = *state;
    for (u32 i = 0; i < FILES; i++)
        if (s->files[i].real_path.n) unlink(s->files[i].real_path.p);
    rmdir(s->dir);
    report_sources_free(s->in.sources);
    arena_free(&s->arena);
    free(s);
    return 0;
}

/* ---- comparison ---- */

/* Where they differ first, for the reader of a failing test. */
static void fail_at_difference(const char *path, Str got, Str expected) {
    u32 i = 0, line = 1, begin = 0;
    while (i < got.n && i < expected.n && got.p[i] == expected.p[i]) {
        if (got.p[i] == '\n') line++, begin = i + 1;
        i++;
    }
    Str g = str_sub(got, begin, begin + 200), e = str_sub(expected, begin, begin + 200);
    fail_msg("%s, line %u:\n%.*s\n--- expected:\n%.*s", path, line, STR_ARG(g), STR_ARG(e));
}

static void compare(Arena *arena, const char *golden, Str got) {
    const char *end = strrchr(__FILE__, '/');
    assert_non_null(end);
    Str path =
        str_format(arena, "%.*s/../reports/%s.golden", (int)(end - __FILE__), __FILE__, golden);
    if (os_env("BLESS").n) {
        assert_int_equal(os_write_file(path.p, got), 0);
        return;
    }
    Str expected;
    if (os_read_file(path.p, 0, arena, &expected) != 0) fail_msg("cannot read %s", path.p);
    if (!str_eq(got, expected)) fail_at_difference(path.p, got, expected);
}

static void check(Sample *s, const ReportInput *in, const char *format, const char *golden) {
    const ReportFormat *f = report_format(str_from(format));
    assert_non_null(f);
    Buf out = {.arena = &s->arena}, again = {.arena = &s->arena};
    f->write(in, &out);
    f->write(in, &again);
    assert_true(str_eq(buf_get(&out), buf_get(&again)));
    compare(&s->arena, golden, buf_get(&out));
}

/* ---- tests ---- */

static void full(void **state) {
    Sample *s = *state;
    check(s, &s->in, "full", "full");
}

static void full_narrow_and_colored(void **state) {
    Sample *s = *state;
    ReportInput in = s->in;
    in.width = 60;
    in.color = in.show_statistics = true;
    check(s, &in, "full", "full_color");
}

static void concise(void **state) {
    Sample *s = *state;
    check(s, &s->in, "concise", "concise");
}

/* With what stands between the marks of links left out, nothing else has changed. */
static void links(void **state) {
    Sample *s = *state;
    ReportInput in = s->in;
    in.links = true;
    in.host = STR("my host");
    Buf with = {.arena = &s->arena}, without = {.arena = &s->arena}, bare = {.arena = &s->arena};
    report_full(&in, &with);
    report_full(&s->in, &without);
    Str text = buf_get(&with);
    assert_true(str_contains(text, "\x1b]8;;file://my%20host/top/repo/lib/app/cache.py#8\x1b\\"));
    assert_true(str_contains(text, "lib/dir%20%22q%22/%3Cb%3E%26%1B%5B31m%25s%0A%FF%27.py#5"));
    for (u32 i = 0; i < text.n; i++) {
        if (str_starts(str_sub(text, i, text.n), "\x1b]8;"))
            while (text.p[i] != '\\') i++;
        else
            buf_char(&bare, text.p[i]);
    }
    assert_true(str_eq(buf_get(&bare), buf_get(&without)));
}

static void json(void **state) {
    Sample *s = *state;
    check(s, &s->in, "json", "json");
}

static void clean(void **state) {
    Sample *s = *state;
    Findings none = {0};
    ReportInput in = s->in;
    in.findings = &none;
    in.summary.suspects = in.summary.suppressed = 0;
    check(s, &in, "full", "full_clean");
    check(s, &in, "concise", "full_clean");
    in.quiet = true;
    Buf out = {.arena = &s->arena};
    report_full(&in, &out);
    report_concise(&in, &out);
    assert_int_equal(out.n, 0);
}

/* Those that no test above speaks of; what a format writes of a clean run is a golden, too. */
static void for_programs(void **state) {
    Sample *s = *state;
    Findings none = {0};
    ReportInput in = s->in;
    in.findings = &none;
    in.n_notices = 0;
    in.summary.suspects = in.summary.suppressed = 0;
    for (const ReportFormat *f = report_formats(); f->name; f++) {
        if (!f->is_machine || f->parts) continue;
        check(s, &s->in, f->name, f->name);
        check(s, &in, f->name, str_format(&s->arena, "%s_clean", f->name).p);
    }
    Buf out = {.arena = &s->arena}, clean_out = {.arena = &s->arena};
    report_github_summary(&s->in, &out);
    compare(&s->arena, "github_summary", buf_get(&out));
    report_github_summary(&in, &clean_out);
    compare(&s->arena, "github_summary_clean", buf_get(&clean_out));
}

static Str part_of(Sample *s, const ReportInput *in, const char *name) {
    const ReportPart *part = report_html_parts();
    while (part->name && strcmp(part->name, name) != 0) part++;
    assert_non_null(part->name);
    Buf out = {.arena = &s->arena};
    part->write(in, &out);
    return buf_get(&out);
}

/* The page without style and script, which have no goldens. */
static void html(void **state) {
    Sample *s = *state;
    Findings none = {0};
    ReportInput in = s->in;
    compare(&s->arena, "html", part_of(s, &in, "index.html"));
    Buf page = {.arena = &s->arena};
    report_html(&in, &page);
    assert_true(str_contains(buf_get(&page), part_of(s, &in, "limpet.css").p));
    assert_true(str_contains(buf_get(&page), part_of(s, &in, "limpet.js").p));
    in.findings = &none;
    in.n_notices = 0;
    in.summary.suspects = in.summary.suppressed = 0;
    compare(&s->arena, "html_clean", part_of(s, &in, "index.html"));
}

/* Paths of a run outside of a repository are those that are shown. */
static void without_a_repository(void **state) {
    Sample *s = *state;
    ReportInput in = s->in;
    in.top = in.project = (Str){0};
    Buf out = {.arena = &s->arena};
    report_gitlab(&in, &out);
    assert_true(str_contains(buf_get(&out), "\"path\": \"app/cache.py\""));
    in.top = STR("/");
    out.n = 0;
    report_gitlab(&in, &out);
    assert_true(str_contains(buf_get(&out), "\"path\": \"top/repo/lib/app/cache.py\""));
    in.top = STR("/top/rep");
    out.n = 0;
    report_gitlab(&in, &out);
    assert_true(str_contains(buf_get(&out), "\"path\": \"app/cache.py\""));
}

static void annotations_are_short(void **state) {
    Sample *s = *state;
    Buf text = {.arena = &s->arena};
    for (u32 i = 0; i < 2000; i++) buf_text(&text, "漢é");
    Finding long_one = s->findings.v[0];
    long_one.message = buf_get(&text);
    Findings one = {.v = &long_one, .n = 1};
    ReportInput in = s->in;
    in.findings = &one;
    Buf out = {.arena = &s->arena};
    report_github(&in, &out);
    Str line = buf_get(&out);
    i64 at = str_rfind(line, ':');
    assert_true(at > 0 && str_ends(line, "…\n"));
    assert_in_range(line.n - (u32)at - 2, 4000, 4096);
}

static Str outputs_error(Arena *arena, const char *text) {
    ReportOutputs outputs;
    return report_outputs(arena, str_from(text), &outputs);
}

static void several_outputs(void **state) {
    Sample *s = *state;
    Arena *a = &s->arena;
    ReportOutputs o;
    assert_false(report_outputs(a, STR("full, sarif=a=b.sarif ,json= c"), &o).n);
    assert_int_equal(o.n, 3);
    assert_string_equal(o.v[0].format->name, "full");
    assert_int_equal(o.v[0].file.n, 0);
    assert_string_equal(o.v[1].file.p, "a=b.sarif");
    assert_string_equal(o.v[2].file.p, " c");
    assert_true(str_contains(outputs_error(a, "full,json"), "write 'json=FILE'"));
    assert_true(str_contains(outputs_error(a, "json=a,sarif=a"), "two formats would write 'a'"));
    assert_true(str_contains(outputs_error(a, "json="), "'json=' has no file"));
    assert_true(str_contains(outputs_error(a, "full,srif=x"), "did you mean 'sarif'?"));
    assert_true(outputs_error(a, ",").n && outputs_error(a, "").n && outputs_error(a, "=x").n);
    Buf many = {.arena = a};
    for (u32 i = 0; i < 40; i++) buf_printf(&many, "json=%u,", i);
    buf_char(&many, 0);
    assert_true(str_contains(outputs_error(a, many.p), "too many"));
}

/* What a terminal would act on never reaches it. */
static void nothing_escapes(void **state) {
    Sample *s = *state;
    for (const ReportFormat *f = report_formats(); f->name; f++) {
        Buf out = {.arena = &s->arena};
        f->write(&s->in, &out);
        for (u32 k = 0; k < out.n; k++)
            if (out.p[k] != '\n' && !(f->parts && out.p[k] == '\t'))
                assert_true((u8)out.p[k] >= ' ');
        assert_false(str_contains(buf_get(&out), "\x7f"));
        assert_false(str_contains(buf_get(&out), "\xff"));
        assert_false(str_contains(buf_get(&out), "\xC2\x9B"));
        bool is_json = buf_get(&out).p[0] == '{' || buf_get(&out).p[0] == '[';
        if (!is_json) assert_false(str_contains(buf_get(&out), "\xE2\x80\xAE"));
    }
}

/* Whatever stands in a name, every format is valid UTF-8 without control characters, and tells all
 * but JSON nothing that XML 1.0 could not hold. */
static void every_byte(void **state) {
    Sample *s = *state;
    Buf text = {.arena = &s->arena};
    for (int byte = 1; byte < 256; byte++) buf_char(&text, (char)byte);
    for (u32 code = 0x80; code < 0x110000; code += code < 0x3000    ? 1
                                                   : code < 0xFF00  ? 97
                                                   : code < 0x10000 ? 1
                                                                    : 4099) {
        utf8proc_uint8_t bytes[4];
        if (code >= 0xD800 && code < 0xE000) continue;
        utf8proc_ssize_t n = utf8proc_encode_char((utf8proc_int32_t)code, bytes);
        buf_str(&text, (Str){(const char *)bytes, (u32)n});
    }
    buf_text(&text, "\xED\xA0\x80\xC0\x80\xF5\x80\x80\x80\xE2\x82");
    Str all = buf_get(&text);
    ReportFile file = s->files[GONE];
    file.path = file.absolute = all;
    Finding one = s->findings.v[0];
    Step step = {.kind = STEP_NODE, .text = all, .note = all, .has_place = true, .suspect = true};
    Edit edit = {.text = all};
    one.place = one.container = (Place){.file = 0, .start = 4, .end = 5};
    one.scope = one.message = one.help = one.confirm = one.fix.title = all;
    one.steps.v = &step, one.steps.n = 1;
    one.fix.edits.v = &edit, one.fix.edits.n = 1;
    ReportNotice notice = {.severity = SEVERITY_ERROR, .text = all};
    Findings findings = {.v = &one, .n = 1};
    ReportInput in = s->in;
    in.findings = &findings;
    in.files = &file;
    in.n_files = in.n_notices = 1;
    in.notices = &notice;
    in.sources = report_sources(&s->arena, &file, 1);
    for (const ReportFormat *f = report_formats(); f->name; f++) {
        Buf out = {.arena = &s->arena};
        f->write(&in, &out);
        Str got = buf_get(&out);
        assert_int_equal(utf8_first_invalid(got), got.n);
        for (u32 k = 0; k < got.n; k++)
            if ((u8)got.p[k] < ' ' || got.p[k] == 0x7f) assert_true(got.p[k] == '\n');
        bool is_json = got.p[0] == '{' || got.p[0] == '[';
        if (!is_json) assert_false(str_contains(got, "\xEF\xBF\xBE"));
        if (!is_json) assert_false(str_contains(got, "\xEF\xBF\xBF"));
    }
    report_sources_free(in.sources);
}

/* Columns of valid UTF-8, by the library alone: the code under test measures in its own way. */
static u32 columns(Str s) {
    int n = 0;
    for (u32 i = 0; i < s.n;) {
        utf8proc_int32_t code;
        utf8proc_ssize_t length =
            utf8proc_iterate((const utf8proc_uint8_t *)s.p + i, s.n - i, &code);
        assert_true(length > 0);
        n += utf8proc_charwidth(code);
        i += (u32)length;
    }
    return (u32)n;
}

/* No line of an excerpt is wider than the screen, at any width and for any span. */
static void excerpts_fit(void **state) {
    Sample *s = *state;
    Findings one = {0};
    vec_push(&s->arena, &one, s->findings.v[0]);
    one.v[0].steps.n = 0;
    one.v[0].message = one.v[0].name = STR("m");
    ReportInput in = s->in;
    in.findings = &one;
    in.quiet = true;
    Str text = s->text[STDIN];
    ArenaMark mark = arena_mark(&s->arena);
    for (in.width = 40; in.width < 140; in.width += 9)
        for (u32 at = 0; at < 2000; at += 7) {
            one.v[0].place = (Place){.file = STDIN, .start = at, .end = MIN(at + at % 97, text.n)};
            Buf out = {.arena = &s->arena};
            report_full(&in, &out);
            Str left = buf_get(&out);
            u32 carets = 0;
            while (left.n) {
                i64 end = str_find(left, '\n');
                assert_true(end >= 0);
                Str line = str_sub(left, 0, (u32)end);
                bool is_marks = str_starts(line, "      | ");
                if (is_marks) carets += str_find(line, '^') >= 0;
                bool is_text = str_starts(line, "    1 | ") || str_starts(line, "    2 | ");
                if ((is_marks || is_text) && columns(line) > in.width)
                    fail_msg("%u: %.*s", in.width, STR_ARG(line));
                left = str_sub(left, (u32)end + 1, left.n);
            }
            assert_int_equal(carets, 1);
            arena_rewind(&s->arena, mark);
        }
}

static void formats_by_name(void **state) {
    (void)state;
    assert_string_equal(report_formats()->name, "full");
    u32 n = 0;
    for (const ReportFormat *f = report_formats(); f->name; f++, n++) {
        assert_ptr_equal(report_format(str_from(f->name)), f);
        assert_non_null(f->write);
        assert_int_equal(f->is_machine, strcmp(f->name, "full") && strcmp(f->name, "concise"));
    }
    assert_true(n > 2);
    assert_null(report_format(STR("ful")));
    assert_null(report_format((Str){0}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full),
        cmocka_unit_test(full_narrow_and_colored),
        cmocka_unit_test(concise),
        cmocka_unit_test(links),
        cmocka_unit_test(json),
        cmocka_unit_test(clean),
        cmocka_unit_test(nothing_escapes),
        cmocka_unit_test(excerpts_fit),
        cmocka_unit_test(formats_by_name),
        cmocka_unit_test(html),
        cmocka_unit_test(for_programs),
        cmocka_unit_test(without_a_repository),
        cmocka_unit_test(annotations_are_short),
        cmocka_unit_test(several_outputs),
        cmocka_unit_test(every_byte),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
