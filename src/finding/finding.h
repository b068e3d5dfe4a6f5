/* A finding: one claim about the user's code, with the evidence for it. Plain data in a run arena:
 * made by rules, settled (suppressed, sorted, deduplicated) once, written by every report format.
 */
#ifndef LIMPET_FINDING_FINDING_H
#define LIMPET_FINDING_FINDING_H

#include "base/str.h"
#include "base/vec.h"

typedef enum Effect { EFFECT_HAZARD, EFFECT_DELAYED, EFFECT_BOUNDED, EFFECT_NEVER_FREED } Effect;
typedef enum Severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR } Severity;
typedef enum Confidence { CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH } Confidence;

const char *effect_text(Effect e);         /* "never-freed", "bounded", "delayed", "hazard" */
const char *severity_text(Severity s);     /* "error", "warning", "note" */
const char *confidence_text(Confidence c); /* "high", "medium", "low" */

/* A place in a source file: `file` indexes the run's sorted file table, offsets are bytes of the
 * decoded text. */
typedef struct Place {
    u32 file;
    u32 start, end;
} Place;

/* One step of the retention path, from the holder (first) to the object (last). Drawn in `full` as
 *
 *   ┬ module global app.cache._sessions          app/cache.py:12
 *   │   ["req.id"]                               app/cache.py:41   <- added here, never removed
 *   ╰ Session                                    app/session.py:8
 */
typedef enum StepKind {
    STEP_NODE, /* a holder or an object */
    STEP_EDGE, /* what leads from the node before to the node after */
    STEP_NOTE, /* a further place that matters: the condition, the other statement */
} StepKind;

typedef struct Step {
    StepKind kind;
    Str text; /* "module global app.cache._sessions", "[\"req.id\"]", ".request" */
    Str note; /* "added here, never removed", or empty */
    Place place;
    bool has_place;
    bool suspect; /* the edge that should not be there: underlined */
} Step;

/* One replacement of a fix: the bytes of the place become `text`; an empty place inserts. */
typedef struct Edit {
    Place place;
    Str text;
} Edit;

/* A rewrite that ends what the finding speaks of. */
typedef struct Fix {
    Str title;       /* "test the attributes of the class itself", or empty: no fix */
    bool is_safe;    /* what the program does stays the same */
    VEC(Edit) edits; /* in the order of files and places, not overlapping */
} Fix;

typedef struct Finding {
    Str code; /* "LMP201" */
    Str name; /* "global-container-grows" */
    Effect effect;
    Severity severity;
    Confidence confidence;
    Place place;     /* primary location */
    Place container; /* a suppression counts here too; file and span 0,0,0 when there is none */
    bool has_container;
    bool is_suppressed; /* a comment covers it; such findings are left out unless asked for */
    bool is_plain;      /* true, and nothing makes it grave: see RULE_PLAIN_OPT_IN (rule/rule.h) */
    Str scope; /* qualified name of the enclosing definition: "app.cache.handle"; the module at top
                  level */
    Str subject; /* what the finding is about, stable under edits: part of the fingerprint */
    Str message; /* lower case, no full stop, names in 'quotes' */
    Str help;    /* one fix, one line */
    Str confirm; /* a one-line run-time check, or empty */
    VEC(Step) steps;
    Fix fix;
    Str local_scope, local_subject; /* the same without names of modules: fingerprint.h */
    u64 identity;    /* of code, local scope and local subject, set by finding_settle */
    u64 fingerprint; /* of the identity and an ordinal among equals, set by finding_settle */
} Finding;

typedef VEC(Finding) Findings;

/* Total order: path text (`paths` by file index), place, code, message. */
int finding_cmp(const Finding *a, const Finding *b, const Str *paths);
/* Sorts, removes exact duplicates (same place, code and message) and sets the
 * fingerprints from local_scope and local_subject. */
void finding_settle(Findings *findings, const Str *paths);
/* One step of evidence more. */
void finding_step(Arena *arena, Finding *f, Step step);
/* One edit of the fix more. */
void finding_edit(Arena *arena, Finding *f, Edit edit);

#endif
