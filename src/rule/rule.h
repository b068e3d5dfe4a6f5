/* All that a rule may include. A rule is one file, rules/<family>/lmpNNN_<name>.c, that holds in
 * this order
 *
 *   1. its documentation: the first comment of the file, Markdown, with the headings of
 * RULE_HEADINGS;
 *   2. its check: static functions on facts and graph, that call rule_report;
 *   3. its metadata: `const Rule rule_lmpNNN = {…}`.
 *
 * and one fixture folder fixtures/LMPNNN/. The build collects both: nothing else has to be touched.
 * Rules never see a syntax tree and never walk the facts: one driver (rule/run.c) offers each
 * candidate once. Checks run in parallel, several files at once: a rule has no mutable state. */
#ifndef LIMPET_RULE_RULE_H
#define LIMPET_RULE_RULE_H

#include "capi/capi.h"
#include "cpu/cpu.h"
#include "facts/facts.h"
#include "finding/finding.h"
#include "graph/graph.h"
#include "heap/heap.h"
#include "know/know.h"

/* Level-2 headings that every rule's documentation has, in this order. "Example" holds a fenced
 * block
 * ```python bad, then prose, then ```python good: tests run both through limpet. */
#define RULE_HEADINGS                                                                 \
    "What it does", "Why it leaks", "Example", "When it is silent", "What it misses", \
        "How to confirm", "References"

typedef struct Rule Rule;

/* A unit of C code that is being looked at. */
typedef struct NativeUnit {
    u32 file; /* the file that was read */
    const CUnit *unit;
    const u32 *file_ids; /* by index of unit->files: id of the scanned file plus 1, or 0 */
} NativeUnit;

/* Handed to every hook; one per worker. */
typedef struct RuleContext {
    const Graph *graph;
    const Heap *heap;   /* NULL when no selected rule has on_cycle */
    const Cpu *cpu;     /* NULL when no selected rule has on_code */
    Arena *arena;       /* run arena of this worker: what findings point to goes here */
    Arena *scratch;     /* rewound after each hook */
    const Rule *rule;   /* the rule that is being run */
    Findings *findings; /* use rule_report */
    u32 targets;        /* bits 1 << PythonVersion: see rule_targets */
    bool free_threaded; /* … in their builds without the GIL */
    const struct Selection *selection;
} RuleContext;

enum {
    RULE_OPT_IN = 1 << 0, /* off unless selected by its code, its name or ALL */
    RULE_TOOL = 1 << 1, /* LMP9xx: speaks of files and comments, raised by the app, has no hooks */
    /* What is true and harmless is opt-in, what is grave is on: a finding with is_plain is dropped
     * unless the rule was selected by its code, its name or ALL. */
    RULE_PLAIN_OPT_IN = 1 << 2,
};

/* Versions of Python that limpet tells apart, oldest first. */
typedef enum PythonVersion {
    PYTHON_2_7,
    PYTHON_3_3,
    PYTHON_3_4,
    PYTHON_3_5,
    PYTHON_3_6,
    PYTHON_3_7,
    PYTHON_3_8,
    PYTHON_3_9,
    PYTHON_3_10,
    PYTHON_3_11,
    PYTHON_3_12,
    PYTHON_3_13,
    PYTHON_3_14,
    PYTHON_3_15,
    PYTHON_VERSIONS,
} PythonVersion;

struct Rule {
    const char *code;      /* "LMP201" */
    const char *name;      /* "global-container-grows" */
    const char *summary;   /* one line for `limpet rules` */
    Effect effect;         /* the worst that it can have */
    const char *effects;   /* all that a finding of it can carry: "never-freed, bounded" */
    Severity severity;     /* default */
    Confidence confidence; /* default */
    const char *since;     /* version that brought it */
    u32 flags;             /* RULE_* */

    /* on_call: canonical names, NULL-terminated; ".close" is a method of that name of anything */
    const char *const *callees;
    /* … and methods of anything whose name it says yes to; asked once for each name of a file */
    bool (*is_method)(const Graph *g, Str method);
    void (*on_call)(RuleContext *c, OpRef call);
    /* on_store: canonical names of attributes of modules, NULL-terminated: `sys.excepthook = …` */
    const char *const *stores;
    void (*on_store)(RuleContext *c, OpRef store);
    void (*on_function)(RuleContext *c, ScopeRef function);
    void (*on_class)(RuleContext *c, ClassId id);
    void (*on_container)(RuleContext *c, ContainerId id);
    /* every call that acquires an owned resource */
    void (*on_resource)(RuleContext *c, OpRef call, const Acquired *a);
    /* every container of code that is no test: long-lived ones, and attributes of classes */
    void (*on_holding)(RuleContext *c, const Holding *h);
    void (*on_cycle)(RuleContext *c, const Cycle *cycle);
    /* functions and modules of which there is something to say: coroutines, code that hands work
     * over to threads or drops coroutines, code with a loop that polls; by their number in c->cpu
     */
    void (*on_code)(RuleContext *c, u32 code);
    void (*on_project)(RuleContext *c);
    void (*on_unit)(RuleContext *c, const NativeUnit *u);
    u32 faults; /* on_fault: bits 1 << CFaultKind */
    void (*on_fault)(RuleContext *c, const NativeUnit *u, const CFault *fault);
};

/* ---- C units (rule/native.c) ---- */

/* A finding at a span of one of the unit's files (index into unit->files), in the function or
 * variable `decl` (or 0); NULL when nothing may be reported there: the file is not part of the
 * scan. Scope and a subject that begins with `decl`'s name are set. */
Finding *rule_report_native(RuleContext *c, const NativeUnit *u, u32 decl, u32 file, Span span,
                            Str subject);
/* A step of evidence at a node of the function or variable `decl`. */
void rule_native_step(RuleContext *c, const NativeUnit *u, Finding *f, StepKind kind, Str text,
                      Str note, u32 decl, u32 node);
/* The finding of a fault at its origin: steps, confidence. The rule adds message and help. */
Finding *rule_report_fault(RuleContext *c, const NativeUnit *u, const CFault *fault);
/* The finding of a fault of a type object, at the slot's function or at the type (rule/slot.c). */
Finding *rule_report_slot(RuleContext *c, const NativeUnit *u, const CFault *fault);
/* "the object of 'item'": by the variable that owned it, else by the call that gave it. */
Str rule_fault_name(RuleContext *c, const CFault *fault);
/* The variable as it can be written in code, or an ellipsis. */
Str rule_fault_holder(const CFault *fault);
/* The step at which it is lost; where the body ends when nothing is written there. */
void rule_fault_exit(RuleContext *c, const NativeUnit *u, Finding *f, const CFault *fault, Str text,
                     Str note);

/* A new finding at `span` with the rule's defaults; fill in effect, confidence, message, steps. The
 * returned pointer is valid until the next rule_report. */
Finding *rule_report(RuleContext *c, u32 file, Span span, ScopeRef scope);
/* Text in the run arena, for messages and evidence. */
Str rule_text(RuleContext *c, const char *format, ...) PRINTF_LIKE(2, 3);
/* Appends a step of evidence with a place. */
void rule_step(RuleContext *c, Finding *f, StepKind kind, Str text, Str note, u32 file, Span span);
/* Appends a note whose place is that of an operation. */
void rule_note(RuleContext *c, Finding *f, Str text, Str note, OpRef at);

/* Gives the finding a fix: what it does in a few words; then one rule_edit for each replacement, in
 * the order of files and places. */
void rule_fix(Finding *f, Str title, bool is_safe);
void rule_edit(RuleContext *c, Finding *f, u32 file, Span span, Str text);

/* ---- the text of a file (rule/source.c) ---- */

/* The decoded text, in which spans are offsets, until the hook returns; empty when the file cannot
 * be read again, has changed or came from standard input. For fixes only: it reads the file. */
Str rule_source(RuleContext *c, u32 file);
typedef struct Brackets {
    u32 open, close; /* offsets of the brackets */
    u32 comma;       /* of the first comma directly between them, or 0 */
} Brackets;
/* The last pair of outermost brackets of a piece of source: the arguments of the call that it is.
 * Strings and comments are skipped. False when there is none, or they do not match. */
bool rule_brackets(Str text, u32 from, u32 to, Brackets *out);

/* The source of a path as a reader would write it, in the run arena: `self.items[*]`. */
Str rule_path_text(RuleContext *c, u32 file, PathId path);
/* `func(text)`, a call with its arguments; empty when that is longer than `most`, or when some are
 * not given by position. */
Str rule_call_text(RuleContext *c, u32 file, const Op *call, u32 most);

/* ---- cycles (rule/ring.c) ---- */

/* An object on it is the only one of its class in a process, for as long as that runs: the cycle is
 * no garbage before the end; or a parent holds it, or a link says by its name that it is meant. */
bool rule_cycle_lasts(RuleContext *c, const Cycle *cycle);
/* Only the project makes it, in no code that is seen to run again and again. */
bool rule_cycle_is_seldom(RuleContext *c, ClassId class);
/* A finding about a cycle: place, subject, effect by target and collector, confidence, the ring as
 * evidence with the link to weaken marked, help. The rule adds message and confirmation. */
Finding *rule_report_cycle(RuleContext *c, const Cycle *cycle);
/* An object of the cycle as a message names it: `self` of a class becomes that class. */
Str rule_cycle_name(RuleContext *c, const CycleObject *object);
/* What the cycle goes through beside its subject: "its own bound method 'close'", "'Parent'". */
Str rule_cycle_partner(RuleContext *c, const Cycle *cycle);
/* "until the collector runs", and how it can end before: for the end of a message. */
Str rule_cycle_end(RuleContext *c, const Cycle *cycle);

/* ---- callbacks and arguments that hold something (rule/carried.c) ---- */

typedef struct Carried {
    Carry carry;
    bool is_callback; /* else an argument of it */
    Str text;         /* of the expression */
} Carried;
/* For the retention path; for the end of a message; what leads from the holder to the object. */
Str rule_carried_holder(RuleContext *c, const Carried *r);
Str rule_carried_reason(RuleContext *c, const Carried *r);
const char *rule_carried_edge(CarryKind kind);

/* ---- objects that a frame holds and that hold the frame (rule/kept.c) ---- */

typedef struct Kept {
    u32 file;
    OpId op;     /* what binds it, or raises it while it is bound */
    PathId path; /* what it is bound to: `err`, `self.error` */
    Str object;  /* for the message: "'e'", "the frame of 'f'" */
    Str node;    /* for the evidence */
    Str edge;    /* from there to the frame: ".__traceback__", or empty when it is the frame */
    Str instead; /* help when it is bound to more than a local */
    Exit exit;
    Confidence confidence;
    bool is_plain;   /* whatever the frame holds */
    bool is_garbage; /* it belongs to an object with `__del__`, and a target is before 3.4 */
} Kept;

/* A finding about a cycle through the frame of a function: delayed and plain; not plain when the
 * frame holds something of weight, never freed when the collector is off. */
Finding *rule_report_kept(RuleContext *c, const Kept *kept);
/* What grows is a container of exceptions that have a traceback, of tracebacks or frames: LMP106
 * speaks of it, and LMP201 does not. *what is one of them, for messages. */
bool rule_keeps_exceptions(RuleContext *c, const Use *use, Str *what, Confidence *sure);

/* ---- what piles up beside the work (rule/pile.c) ---- */

/* Tasks in a container that lives on, whoever holds it. */
typedef struct TaskHoard {
    Str holder; /* "module global app.TASKS" */
    Str name;   /* for the message: "app.TASKS" */
    Str task;   /* "task" or "future" */
    Str until;  /* the event that would end it */
    Str how;    /* "add" */
    u32 file;   /* of the container's definition: */
    Span definition;
    u32 use_file; /* of the growth: */
    OpId op;
    ScopeRef function;
    PathId value;
    ContainerKind kind;
    Confidence confidence;
} TaskHoard;

void rule_report_hoard(RuleContext *c, const TaskHoard *h);

/* A queue or deque without a bound. */
typedef struct Pile {
    Str holder, name, what; /* "attribute a.B.events", "a.B.events", "queue" */
    Str until;              /* the event that ends it when nobody takes */
    Str filler;             /* the function that fills it */
    u32 file;
    Span made; /* the constructor: */
    ScopeRef function;
    u32 use_file;
    OpId fill, take; /* take is 0 when nobody takes */
    Confidence confidence;
} Pile;

void rule_report_pile(RuleContext *c, const Pile *p);

/* A mapping with an entry for each thread or task. */
typedef struct Table {
    Str holder, name, what, until;
    u32 file;
    Span definition;
    u32 use_file;
    OpId op;
    ScopeRef function;
    Confidence confidence;
    PathId key, value; /* in use_file */
} Table;

void rule_report_table(RuleContext *c, const Table *t);
/* A context variable that is made and set with each call. */
void rule_report_variable(RuleContext *c, OpRef call, const ContextVariable *v, Confidence sure);
/* The statement `at` leaves a short-lived object in a context variable or thread-local. */
void rule_report_left(RuleContext *c, OpRef at, PathId holder, PathId value, const char *edge);
/* The function around an operation, or none. */
ScopeRef rule_function_around(const RuleContext *c, u32 file, const Op *op);

/* A method that runs once for an object, as its name says: `start`, `connect` …; or no function. */
bool rule_runs_once(const RuleContext *c, ScopeRef function);
/* A constructor of a class of which the project makes one, or maybe one. */
bool rule_is_made_seldom(RuleContext *c, ScopeRef function);
/* ---- containers and what they hold (rule/held.c) ---- */

/* A finding at an operation of the function, about the container. */
Finding *rule_report_held(RuleContext *c, const Holding *h, OpRef at, ScopeRef function);
/* "until the process ends", "until its owner dies". */
Str rule_holder_end(const Holding *h);
/* What a container belongs to, in words: "module global", "variable of a closure". */
const char *rule_holder_word(HolderKind kind);
/* The container as the first step of the path. */
void rule_step_holder(RuleContext *c, Finding *f, const Holding *h);
/* A key as a reader would write it: `(a, b)` and `id(job)` with what is in them, when it is short.
 */
Str rule_key_text(RuleContext *c, u32 file, PathId key);
/* An addition or removal as a reader would write it: ".append(job)", "[request.id] =". */
Str rule_change_text(RuleContext *c, const Change *change);
void rule_step_change(RuleContext *c, Finding *f, StepKind kind, const Change *change, Str note);
/* Does the function of the addition put something into the table, at any level and through a local,
 * that code which is not seen makes out of the object, and that may hold it? (rule/made.c) */
bool rule_is_made_of(RuleContext *c, const Holding *h, const Change *added, PathId object);
/* What is added: its class when it is known, else the value or key as written. */
Str rule_changed_object(RuleContext *c, const Change *change);
/* ---- containers that grow (rule/growth.c) ---- */

/* The end of a message about it: "none removed" … */
const char *rule_growth_end(const Growth *growth);
/* Where growth->expiry takes out what is too old, when it is asked for again; and what helps. */
void rule_expiry_note(RuleContext *c, Finding *f, const Growth *growth);
#define RULE_EXPIRY_HELP                                                     \
    "drop what is too old where entries are added, too, or bound the table " \
    "(`cachetools.TTLCache(maxsize, ttl)`)"
/* Does a long-lived container grow in a way that no rule about cycles and exceptions speaks of? */
bool rule_growth(RuleContext *c, ContainerId id, Growth *growth);
/* The same, also when all that empties it is there for users, and nothing calls it
 * (Growth.offered); and how sure that is. */
bool rule_growth_offered(RuleContext *c, ContainerId id, Growth *growth);
Confidence rule_offered_confidence(RuleContext *c, const Growth *growth);
void rule_offered_note(RuleContext *c, Finding *f, const Growth *growth);
/* All that makes the growth serious is that clients send the keys, or that files are kept open: how
 * many there are depends on who asks. */
bool rule_is_of_open_keys(const Growth *growth);
/* The finding about a dictionary that is a cache by hand (rule/memo.c). */
void rule_report_memo(RuleContext *c, const Container *k, const Growth *growth, Domain d);
/* `def f(name, _cache={})`: a default of that name is a memo that is meant so, and keeps no objects
 * as keys. */
bool rule_is_plain_memo(RuleContext *c, Str name, const Use *use);
/* A finding about it, at growth->site: confidence, message, help and evidence with what was looked
 * for. The rule may say more in the message. */
Finding *rule_report_growth(RuleContext *c, const Container *container, const Growth *growth);
/* What is kept: the class of the value when it is known, else the value as written; the key where
 * there is no value, or one that weighs less. */
Str rule_use_object(RuleContext *c, const Use *use, ScopeRef *definition);
Str rule_cache_help(bool is_weak); /* of a dictionary whose keys may be held weakly, or not */
/* False for objects of classes that are known to be values (texts, numbers, tuples, lists,
 * dictionaries, whatever is compared by its parts), and for what is named as one (`task_id`): a
 * weak container of them loses entries at once, or cannot hold them. */
bool rule_may_hold_weakly(RuleContext *c, u32 file, PathId path);
/* The last name of a container, by which code speaks of it. */
Str rule_container_name(const Container *container);
/* The note "no pop, del, clear or rebinding of '_conns' in 412 files". */
void rule_searched_note(RuleContext *c, Finding *f, ContainerKind kind, Str name);
/* A note about another container of the class that something does empty; see
 * graph_drained_sibling. */
bool rule_sibling_note(RuleContext *c, Finding *f, ClassId class, Str name,
                       const AttributeUse *add);
/* ---- callbacks that hold something (rule/grip.c) ---- */

/* What is handed over, as a message names it: "'self.stop'", "a lambda", "the inner function 'f'".
 */
Str rule_grip_callback(RuleContext *c, u32 file, const Grip *grip);
/* The object that it holds, in quotes: the class of the instance, an attribute, a variable. */
Str rule_grip_object(RuleContext *c, u32 file, const Grip *grip);
/* All of those objects: "every 'Session'", "'workers' of every 'Pool'", "'request' of each call".
 */
Str rule_grip_all(RuleContext *c, u32 file, const Grip *grip);
/* The steps of evidence from the callback to the object. */
void rule_grip_steps(RuleContext *c, Finding *f, u32 file, OpId call, const Grip *grip);

/* ---- hooks of the process and listeners (rule/hook.c, rule/listening.c) ---- */

/* A logger as it is written and by its name, which may not be known, as what a message begins with:
 * "'self.log', the logger 'jobs',". */
Str rule_logger_text(RuleContext *c, Str written, Str name);

/* One hook that is set. */
typedef struct Hook {
    const PairRow *row;
    Grip grip;
    u32 file;
    OpId op; /* call or store */
    bool is_slot;
} Hook;
/* The finding, with what holds what and the help. */
void rule_report_hook(RuleContext *c, const Hook *h, Confidence sure);

/* A listener with what was found out about it. */
typedef struct Listening {
    OpRef call;
    Listener l;
    Instances made;
    Confidence sure;
    bool is_silent;
} Listening;
void rule_report_listening(RuleContext *c, const Listening *k);
/* What is known of the receiver's side. */
Confidence rule_receiver_confidence(const RuleContext *c, const Listening *k);

/* ---- what code does to its thread (rule/chain.c) ---- */

/* What is called at the end of a chain, as a message names it: "requests.get", "self.s3.upload". */
Str rule_chain_end(RuleContext *c, const CpuStep *last);
/* The chain as steps of evidence, after a node for the code that it begins in; `note` stands at its
 * last edge, which is the suspect. */
void rule_step_chain(RuleContext *c, Finding *f, const CpuStep *steps, u32 n, Str note);
/* The name of a function or module for messages: without its module. */
Str rule_code_name(RuleContext *c, u32 code);
Span rule_code_span(RuleContext *c, u32 code); /* of its name */

/* ---- owned resources (rule/owned.c) ---- */

/* What becomes of a resource that nobody releases, when the last reference to it goes: the worst
 * over the targets of the file. *because says why when that is not plain: "from Python 3.11 on only
 * the collector closes it". */
Effect rule_resource_effect(RuleContext *c, u32 file, const Acquired *a, Str *because);
/* "file", "descriptor", "socket" … */
Str rule_resource_noun(const Acquired *a);
/* "closing", "waiting for" …: what it lacks; "closed", "waited for". */
const char *rule_resource_verb(const Acquired *a);
const char *rule_resource_state(const Acquired *a);
const char *rule_resource_third(const Acquired *a); /* "closes", "waits for" */
/* What releases it, as a call: "self.log.close()", "os.close(fd)". */
Str rule_resource_release_text(RuleContext *c, const Acquired *a, Str name);
/* The message about what an attribute holds: the process or a cycle keeps it alive, and why; or it
 * is left to the interpreter when `event`. `owner` is in quotes. */
Str rule_owned_attribute_text(RuleContext *c, const Acquired *a, Effect effect, Str name, Str owner,
                              Str event);
/* One line each: how to release it in a function, and how to see that nobody does. */
Str rule_resource_help(RuleContext *c, const Acquired *a, Str name);
Str rule_resource_confirm(RuleContext *c, const Acquired *a, Effect effect, Str function);

/* The way out of a function on which it leaves a resource behind. */
typedef struct OwnedWay {
    OpId op;          /* or none: its end */
    const char *verb; /* what the function does then: "returns" */
    bool is_thrown;   /* only an exception of a call goes there */
    bool is_round;    /* of a loop, which acquires the next one */
} OwnedWay;
/* Nobody needs to be told: dropping it ends it, or another rule speaks. */
bool rule_owned_is_exempt(const Ownership *o);
Confidence rule_owned_confidence(RuleContext *c, OpRef call, const Ownership *o,
                                 const OwnedWay *way);
/* The finding, at the call that acquires it. */
void rule_report_owned(RuleContext *c, OpRef call, const Ownership *o, const OwnedWay *way,
                       Confidence sure);

/* ---- versions of Python (rule/targets.c) ---- */

/* The versions that the code in a file is meant for, as bits 1 << PythonVersion: what the user
 * said, else the supported ones, or 2.7 alone for a file in the syntax of Python 2. An effect is
 * the worst over the set. */
u32 rule_targets(const RuleContext *c, u32 file);
/* True when the set has a version before (from) this one. */
static inline bool targets_before(u32 targets, PythonVersion version) {
    return (targets & ((1u << version) - 1)) != 0;
}
static inline bool targets_from(u32 targets, PythonVersion version) {
    return (targets >> version) != 0;
}
/* Versions from 3.8 to 3.14. */
u32 targets_supported(void);
/* "2.7" or "3.12" as a version, PYTHON_VERSIONS for anything else; "3.x" as text. */
PythonVersion version_find(Str text);
const char *version_text(PythonVersion version);

/* ---- registry: generated from the rule files by the build ---- */

typedef struct RuleEntry {
    const Rule *rule;
    const char *doc;  /* the Markdown of the head comment */
    const char *file; /* "rules/retention/lmp201_global_container_grows.c" */
} RuleEntry;

/* All rules in the order of their codes. */
const RuleEntry *rules_all(u32 *n);
/* By code or name, in any case; NULL when unknown. */
const RuleEntry *rules_find(Str code_or_name);
/* The code or name that is nearest to a misspelt one, or empty. */
Str rules_nearest(Str word);
/* True when `code` begins with `prefix` in any case; "ALL" is a prefix of every code. */
bool rule_code_matches(const char *code, Str prefix);

/* ---- explaining (rule/explain.c) ---- */

/* The Markdown page of a rule: title, metadata, documentation. */
void rule_page(const RuleEntry *entry, Buf *out);
/* Links to the pages of all rules, by family: what stands before them in one Markdown file. */
void rules_index(Buf *out);
/* One line a rule: code, name, effects, on or off by default, summary. */
void rules_list(Buf *out);

/* ---- selecting (rule/select.c) ---- */

/* Code prefixes ("LMP2"), codes, names, or "ALL". */
typedef struct RuleWords {
    const Str *v;
    u32 n;
} RuleWords;

/* Decides which rules run, as ruff does: `select` (every rule but the opt-in ones when it is empty)
 * and `ignore` are weighed by how specific they are: ALL, then shorter before longer prefixes, then
 * codes and names; between equals `ignore` wins. An opt-in rule is selected by ALL, its whole code
 * or its name alone. `enabled` and `chosen` have room for all rules; chosen are those that were
 * named so that their plain findings are wanted too (RULE_PLAIN_OPT_IN). A word that fits no rule
 * is returned (else an empty Str). */
Str rules_select(RuleWords select, RuleWords extend, RuleWords ignore, bool *enabled, bool *chosen);

/* The same over what was decided before, when `select` is empty: the words change those rules that
 * they speak of. With words in `select` nothing of before remains. */
Str rules_select_over(RuleWords select, RuleWords extend, RuleWords ignore, bool *enabled,
                      bool *chosen);
/* True when the word stands for at least one rule. */
bool rules_know(Str word);
/* Sets meant[i] for all rules that one of the words stands for. */
void rules_mean(RuleWords words, bool *meant);

/* ---- running ---- */

/* Which rules run and what is kept. */
typedef struct Selection {
    const bool *enabled; /* by index of rules_all */
    const bool *chosen;  /* the same: plain findings are wanted */
    Confidence min_confidence;
    u32 targets; /* bits 1 << PythonVersion; 0: what each file is meant for */
    bool free_threaded;
    /* By file id, where files differ; the fields above are then what any of them wants. NULL: they
     * hold for all files. */
    const struct FileRules *const *files;
} Selection;

/* What is wanted of one file, by index of rules_all. */
typedef struct FileRules {
    const bool *enabled, *chosen;
    Confidence min_confidence;
} FileRules;
FileRules rules_of_file(const Selection *selection, u32 file);
/* Does the rule of this code run on the file? */
bool rules_run_on(const Selection *selection, u32 file, Str code);

/* Would a plain finding of the rule that runs be kept in the file? Asked before one is made, where
 * most are plain. */
bool rule_wants_plain(const RuleContext *c, u32 file);

/* The rule of a code when it is selected, else NULL: for what the app itself reports. */
const Rule *rules_selected(const Selection *selection, const char *code);
/* A finding with the rule's defaults; rules themselves use rule_report. */
Finding rule_finding(const Rule *rule, Place place);

/* All C units of the project, by their main files. */
typedef struct NativeUnits {
    NativeUnit *v;
    u32 n;
    u32 functions, cut; /* counted by rules_run: functions looked at for faults, those cut short */
} NativeUnits;

/* Offers every candidate of the graph to the enabled rules' hooks on `workers` threads and returns
 * the findings (unsorted order is not observable: settle sorts them). */
void rules_run(Arena *arena, const Graph *graph, const Heap *heap, const Cpu *cpu,
               NativeUnits *units, const Selection *selection, u32 workers, Findings *out);
/* Does a selected rule ask for cycles, so that the heap has to be built? */
bool rules_want_heap(const Selection *selection);
/* Does one ask for code by its profile, so that functions have to be read for it? */
bool rules_want_cpu(const Selection *selection);

/* ---- what nobody would act on (rule/temper.c) ---- */

/* Lowers findings in copies of other projects and in folders of old code, and findings about memory
 * in commands, aids of developers and what is shipped as data, to the lowest level; a note says so.
 * So it does with code that does not run: branches that a constant switches off, and fallbacks for
 * what `targets` (as of rule_targets; 0: not said) can import. */
void rules_temper(Arena *arena, const Graph *g, u32 targets, Findings *findings);

/* ---- precedence (rule/precede.c) ---- */

/* One holder and object, one finding: of findings that name the same container or stand at the same
 * place, and whose rules compete (the table in precede.c), the surest stays, among equals
 * the one whose rule says most. */
void rules_precede(Arena *arena, Findings *findings);

/* ---- suppression (rule/suppress.c) ---- */

/* Removes the findings that a directive comment covers (`# limpet: ignore[…]` on the line or on its
 * own line above, `file-ignore`, `disable`/`enable`, `# noqa: LMP201`; at the primary place or at
 * the container's definition), and appends LMP902 for codes that covered nothing although their
 * rule ran, LMP903 for unknown codes. `facts` by file id, entries may be NULL. Returns how many
 * findings were suppressed; they are added to `covered`, if it is not NULL. */
u32 rules_suppress(Arena *arena, const Selection *selection, const Facts *const *facts, u32 files,
                   Findings *findings, Findings *covered);

#endif
