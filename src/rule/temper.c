/* Findings that are true and that nobody would act on, for what the file is or because the code
 * does not run: they are still there, at the lowest level. */
#include "rule/fallback.h"
#include "rule/rule.h"

static bool is_of_memory(Str code) {
    return str_starts(code, "LMP1") || str_starts(code, "LMP2");
}

/* Nobody else is in the loop of a command, and its end ends the threads of its pools. */
static bool ends_with_command(Str code) {
    static const char *const CODES[] = {"LMP402", "LMP406", "LMP411"};
    for (u32 i = 0; i < ARRAY_LEN(CODES); i++)
        if (str_is(code, CODES[i])) return true;
    return false;
}

static void lower(Arena *arena, Finding *f, Str word, const char *what) {
    f->confidence = CONFIDENCE_LOW;
    f->severity = MIN(f->severity, SEVERITY_WARNING);
    Str text = str_format(arena, "low: '%.*s' %s", STR_ARG(word), what);
    finding_step(arena, f, (Step){.kind = STEP_NOTE, .text = text});
}

void rules_temper(Arena *arena, const Graph *g, u32 targets, Findings *findings) {
    for (u32 i = 0; i < findings->n; i++) {
        Finding *f = &findings->v[i];
        if (f->confidence == CONFIDENCE_LOW || str_starts(f->code, "LMP9")) continue;
        bool is_of_tests = false;
        Str word = graph_switch_around(g, f->place, &is_of_tests);
        if (word.n) {
            lower(arena, f, word,
                  is_of_tests ? "is there in tests only"
                              : "is a constant that keeps this branch from running");
            continue;
        }
        if (is_dead_fallback(g, f->place, targets, &word)) {
            lower(arena, f, word, "can be imported in every version that is meant");
            continue;
        }
        switch (graph_standing(g, f->place.file, &word)) {
        case STANDING_COPY:
            lower(arena, f, word, "holds copies of other projects");
            break;
        case STANDING_UNUSED:
            lower(arena, f, word, "holds code that is not in use any more");
            break;
        case STANDING_TOOL:
            if (is_of_memory(f->code) || ends_with_command(f->code))
                lower(arena, f, word, "is for commands and aids of developers, which end");
            break;
        case STANDING_PROGRAM:
            break;
        }
    }
}
