/* The command line: one table of options feeds parsing and the help text. */
#ifndef LIMPET_APP_OPTIONS_H
#define LIMPET_APP_OPTIONS_H

#include "base/str.h"
#include "base/vec.h"
#include "finding/finding.h"

typedef enum Command {
    COMMAND_CHECK, /* the default */
    COMMAND_RULE,
    COMMAND_RULES,
    COMMAND_FACTS,
    COMMAND_GRAPH,
    COMMAND_VERSION,
    COMMAND_HELP,
    COMMAND_COUNT,
} Command;

typedef enum ColorWish { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } ColorWish;
typedef enum GraphFormat { GRAPH_TEXT, GRAPH_DOT, GRAPH_JSON } GraphFormat;

typedef VEC(Str) StrList;

/* What the user asked for. Texts are NUL-terminated; they and the lists live in the arena given to
 * options_parse. */
typedef struct Options {
    Command command;
    StrList words; /* paths; codes for `rule`; a command for `help` */

    StrList select, extend_select; /* codes, prefixes, names, "ALL" */
    StrList ignore;                /* --ignore and --extend-ignore mean the same */
    bool ignore_suppressions;
    u32 min_confidence; /* Confidence; medium by default */
    u32 targets;        /* bits 1 << PythonVersion; 0: not said */
    u32 fail_on;        /* Severity; note by default */
    bool exit_zero;

    StrList exclude; /* --exclude and --extend-exclude */
    bool force_exclude;
    bool ignore_gitignore;
    bool isolated;
    Str stdin_filename;
    u64 max_file_size; /* bytes; 4 MiB by default */

    Str output_format; /* name; "full" by default */
    Str output_file;   /* empty: stdout */
    bool statistics;
    bool show_files;
    u32 color; /* ColorWish, with the environment already looked at */
    bool quiet;
    bool verbose;

    u32 jobs;         /* number of threads, 1 to 256; the processors at hand by default */
    u32 graph_format; /* GraphFormat */
    bool graph_summaries, graph_singletons;
    StrList graph_classes; /* `graph --class` */
    StrList graph_roots;   /* `graph --root` */
    u32 graph_depth;       /* `graph --root --depth`; 4 by default */
    bool all_rules;        /* `rule --all` */
    bool wants_help;
    bool wants_version;
} Options;

/* Parses argv[1..argc). `@file` stands for the lines of a file; `--` ends the options. Returns
 * false on bad usage, with one line about it in *error. */
bool options_parse(Arena *arena, int argc, const char *const *argv, Options *out, Str *error);

/* The help text of a command; `overview` adds the list of commands. */
void options_help(Command command, bool overview, Buf *out);

/* The command of this name, or COMMAND_COUNT. */
Command command_find(Str name);
/* The command whose name is nearest to a misspelt one, or an empty Str. */
Str command_nearest(Str word);

#endif
