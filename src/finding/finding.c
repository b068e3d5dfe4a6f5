#include "finding/finding.h"

#include "finding/fingerprint.h"

#include <stdlib.h>

const char *effect_text(Effect e) {
    switch (e) {
    case EFFECT_HAZARD:
        return "hazard";
    case EFFECT_DELAYED:
        return "delayed";
    case EFFECT_BOUNDED:
        return "bounded";
    case EFFECT_NEVER_FREED:
        return "never-freed";
    }
    return "unknown";
}

const char *severity_text(Severity s) {
    switch (s) {
    case SEVERITY_NOTE:
        return "note";
    case SEVERITY_WARNING:
        return "warning";
    case SEVERITY_ERROR:
        return "error";
    }
    return "unknown";
}

const char *confidence_text(Confidence c) {
    switch (c) {
    case CONFIDENCE_LOW:
        return "low";
    case CONFIDENCE_MEDIUM:
        return "medium";
    case CONFIDENCE_HIGH:
        return "high";
    }
    return "unknown";
}

void finding_step(Arena *arena, Finding *f, Step step) {
    vec_push(arena, &f->steps, step);
}

void finding_edit(Arena *arena, Finding *f, Edit edit) {
    vec_push(arena, &f->fix.edits, edit);
}

/* ---- order ---- */

static int number_cmp(u32 a, u32 b) {
    return (a > b) - (a < b);
}

static int place_cmp(Place a, Place b, const Str *paths) {
    int order = a.file == b.file ? 0 : str_cmp(paths[a.file], paths[b.file]);
    if (!order) order = number_cmp(a.file, b.file); /* one path twice: still an order */
    if (!order) order = number_cmp(a.start, b.start);
    return order ? order : number_cmp(a.end, b.end);
}

/* What makes two findings the same claim to a reader. */
static int claim_cmp(const Finding *a, const Finding *b, const Str *paths) {
    int order = place_cmp(a->place, b->place, paths);
    if (!order) order = str_cmp(a->code, b->code);
    return order ? order : str_cmp(a->message, b->message);
}

static int step_cmp(const Step *a, const Step *b, const Str *paths) {
    int order = number_cmp(a->kind, b->kind);
    if (!order) order = str_cmp(a->text, b->text);
    if (!order) order = str_cmp(a->note, b->note);
    if (!order) order = number_cmp(a->has_place, b->has_place);
    if (!order && a->has_place) order = place_cmp(a->place, b->place, paths);
    return order ? order : number_cmp(a->suspect, b->suspect);
}

/* Which of two equal claims is kept must not depend on the worker that found it first: the worse
 * effect, the surer claim, the shorter path, then the text of everything else. */
static int detail_cmp(const Finding *a, const Finding *b, const Str *paths) {
    int order = number_cmp(b->effect, a->effect);
    if (!order) order = number_cmp(b->confidence, a->confidence);
    if (!order) order = number_cmp(b->severity, a->severity);
    if (!order) order = number_cmp(a->steps.n, b->steps.n);
    if (!order) order = str_cmp(a->scope, b->scope);
    if (!order) order = str_cmp(a->subject, b->subject);
    if (!order) order = str_cmp(a->help, b->help);
    if (!order) order = str_cmp(a->confirm, b->confirm);
    if (!order) order = number_cmp(a->has_container, b->has_container);
    if (!order && a->has_container) order = place_cmp(a->container, b->container, paths);
    for (u32 i = 0; !order && i < a->steps.n; i++)
        order = step_cmp(&a->steps.v[i], &b->steps.v[i], paths);
    if (!order) order = str_cmp(a->fix.title, b->fix.title);
    if (!order) order = number_cmp(a->fix.edits.n, b->fix.edits.n);
    for (u32 i = 0; !order && i < a->fix.edits.n; i++) {
        order = place_cmp(a->fix.edits.v[i].place, b->fix.edits.v[i].place, paths);
        if (!order) order = str_cmp(a->fix.edits.v[i].text, b->fix.edits.v[i].text);
    }
    return order;
}

int finding_cmp(const Finding *a, const Finding *b, const Str *paths) {
    int order = claim_cmp(a, b, paths);
    return order ? order : detail_cmp(a, b, paths);
}

static int sort_cmp(const void *a, const void *b, void *paths) {
    return finding_cmp(a, b, paths);
}

void finding_settle(Findings *findings, const Str *paths) {
    if (!findings->n) return;
    qsort_r(findings->v, findings->n, sizeof *findings->v, sort_cmp, (void *)(uintptr_t)paths);
    u32 kept = 1;
    for (u32 i = 1; i < findings->n; i++)
        if (claim_cmp(&findings->v[kept - 1], &findings->v[i], paths))
            findings->v[kept++] = findings->v[i];
    findings->n = kept;
    fingerprint_all(findings);
}
