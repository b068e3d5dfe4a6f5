#include "app/console.h"

#include "os/os.h"
#include "report/report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { STDOUT = 1, STDERR = 2 };

/* The whole line goes out in one write: lines of several processes do not mix. */
static void say(const char *prefix, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    Arena arena = {0};
    int n = vsnprintf(NULL, 0, format, args);
    REQUIRE(n >= 0);
    char *text = arena_alloc(&arena, (size_t)n + 1);
    vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    Buf line = {.arena = &arena};
    buf_text(&line, prefix);
    report_escape(&line, (Str){text, (u32)n});
    buf_char(&line, '\n');
    os_write_fd(STDERR, buf_get(&line));
    arena_free(&arena);
}

void console_error(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say("limpet: ", format, args);
    va_end(args);
}

void console_note(const char *format, ...) {
    va_list args;
    va_start(args, format);
    say("", format, args);
    va_end(args);
}

u32 console_problems(const StrList *problems) {
    for (u32 i = 0; i < problems->n; i++) console_error("%.*s", STR_ARG(problems->v[i]));
    return problems->n;
}

int console_write(Str text, Str output_file) {
    if (output_file.n) {
        int error = os_write_file(output_file.p, text);
        if (!error) return EXIT_CLEAN;
        console_error("cannot write '%s': %s", output_file.p, strerror(error));
        return EXIT_TROUBLE;
    }
    int error = os_write_fd(STDOUT, text);
    if (!error || error == EPIPE) return EXIT_CLEAN;
    console_error("cannot write the output: %s", strerror(error));
    return EXIT_TROUBLE;
}

/* ---- progress ---- */

enum { SECOND = 1000 * 1000 * 1000 };

Progress progress_begin(bool quiet) {
    Progress p = {.is_wanted = !quiet && os_is_terminal(STDERR), .begin = os_now()};
    p.last = p.begin + SECOND - SECOND / 8; /* the first line after a second */
    return p;
}

void progress_show(Progress *p, u32 done, u32 all) {
    if (!p->is_wanted) return;
    u64 now = os_now();
    if (now < p->last + SECOND / 8) return;
    p->last = now;
    p->is_shown = true;
    char line[96];
    u64 rate = (u64)done * SECOND / (now - p->begin);
    int n = snprintf(line, sizeof line, "\r\033[K%u of %u files, %llu files/s", done, all,
                     (unsigned long long)rate);
    os_write_fd(STDERR, (Str){line, (u32)n});
}

void progress_stage(const char *text) {
    char line[96];
    int n = snprintf(line, sizeof line, "\r\033[K%s", text);
    os_write_fd(STDERR, (Str){line, (u32)n});
}

void progress_end(Progress *p) {
    if (p->is_shown) os_write_fd(STDERR, STR("\r\033[K"));
}
