/* What the user wants: the command line and configuration files. One table of options feeds
 * parsing, the help text, the keys of configuration files, --show-settings and the JSON Schema. */
#ifndef LIMPET_CONFIG_CONFIG_H
#define LIMPET_CONFIG_CONFIG_H

#include "base/map.h"
#include "base/str.h"
#include "base/vec.h"
#include "finding/finding.h"
#include "know/know.h"

typedef enum Command {
    COMMAND_CHECK, /* the default */
    COMMAND_RULE,
    COMMAND_RULES,
    COMMAND_FACTS,
    COMMAND_GRAPH,
    COMMAND_CONFIG,
    COMMAND_GENERATE,
    COMMAND_CLEAN,
    COMMAND_VERSION,
    COMMAND_HELP,
    COMMAND_COUNT,
} Command;

typedef enum ColorWish { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } ColorWish;
typedef enum GraphFormat { GRAPH_TEXT, GRAPH_DOT, GRAPH_JSON } GraphFormat;

typedef VEC(Str) StrList;

/* A row of per-file-ignores. */
typedef struct PatternCodes {
    Str pattern;   /* without a slash one of names, else an absolute one of paths */
    bool is_other; /* '!': for the files that do not match */
    StrList codes; /* words that stand for rules */
} PatternCodes;
typedef VEC(PatternCodes) PatternCodesList;

typedef VEC(Model) ModelList;

/* What one source says of selection: each layer is weighed by itself, over the ones before. */
typedef struct CodeLayer {
    StrList select, extend_select; /* codes, prefixes, names, "ALL" */
    StrList ignore;                /* and extend-ignore */
} CodeLayer;

typedef struct Given Given; /* an option that was given, by whom, and its value */
typedef VEC(Given) GivenList;

/* What the user asked for. Texts are NUL-terminated; they and the lists live in the arena given to
 * options_parse or config_load. */
typedef struct Options {
    Command command;
    StrList words; /* paths; codes for `rule`; a command for `help`; keys for `config` */

    VEC(CodeLayer)
    layers; /* of configuration files, the weakest first; the next three above them */
    StrList select, extend_select;
    StrList ignore;
    PatternCodesList per_file_ignores, extend_per_file_ignores;
    bool ignore_suppressions;
    u32 min_confidence; /* Confidence; medium by default */
    u32 targets;        /* bits 1 << PythonVersion; 0: not said */
    u32 fail_on;        /* Severity; note by default */
    bool exit_zero;

    u32 profile;        /* Profile of graph.h; service by default */
    StrList long_lived; /* dotted names */
    ModelList models;

    Str baseline;       /* file; empty: the usual one, if it is there */
    bool free_threaded; /* the targets have no GIL */
    bool no_baseline, write_baseline, prune_baseline, strict_baseline;

    bool show_suppressed;
    Str add_ignore; /* the reason; p is not NULL when it was asked for */
    bool fix, unsafe_fixes, diff;

    Str since; /* revision */
    bool staged, hook;

    StrList exclude, extend_exclude;
    bool force_exclude;
    bool ignore_gitignore;
    StrList config; /* --config: files and assignments, as typed */
    Str project;    /* directory; empty: what the paths have in common */
    bool isolated;
    Str stdin_filename;
    u64 max_file_size;    /* bytes; 4 MiB by default */
    Str python_include;   /* directory with Python.h; empty: the usual places */
    Str compile_commands; /* file; empty: looked for beside the sources and above */
    StrList c_flags;      /* of C files, beside those of compile_commands.json */

    Str output_format; /* as report_outputs reads it; "full" by default */
    Str output_file;   /* empty: stdout */
    bool statistics;
    bool show_files;
    bool show_settings;
    u32 color; /* ColorWish, with the environment already looked at */
    bool quiet;
    bool verbose;

    Str cache_dir; /* empty: the usual one */
    bool no_cache;

    u32 jobs;         /* number of threads, 1 to 256; the processors at hand by default */
    u32 graph_format; /* GraphFormat */
    bool graph_summaries, graph_singletons, graph_profiles;
    StrList graph_classes; /* `graph --class` */
    StrList graph_roots;   /* `graph --root` */
    u32 graph_depth;       /* `graph --root --depth`; 4 by default */
    bool wants_schema;     /* `config --schema` */
    bool all_rules;        /* `rule --all` */
    bool wants_help;
    bool wants_version;

    GivenList given; /* in the order in which they are in force, the command line last */
} Options;

/* ---- the command line ---- */

/* Parses argv[1..argc). `@file` stands for the lines of a file; `--` ends the options. Returns
 * false on bad usage, with one line about it in *error. */
bool options_parse(Arena *arena, int argc, const char *const *argv, Options *out, Str *error);

/* The help text of a command; `overview` adds the list of commands. */
void options_help(Command command, bool overview, Buf *out);

/* The command of this name, or COMMAND_COUNT. */
Command command_find(Str name);
/* The command whose name is nearest to a misspelt one, or an empty Str. */
Str command_nearest(Str word);

/* Writes the manual page ("man") or the completion of a shell ("bash", "zsh", "fish"). False with
 * the nearest of these for another word. */
bool generate_write(Str what, Buf *out, Str *near);

/* ---- configuration files ---- */

/* The configuration of a run: that of the project, and those of directories inside of it. */
typedef struct Config {
    Arena *arena;
    Options options;  /* in force for the run: the project's configuration below the command line */
    StrList files;    /* that were read for it: the nearest one, then those that it extends */
    StrList problems; /* "file:line:column: what is wrong", in the order in which they were met */
    StrList notes;    /* what was read and has no effect, and what was read elsewhere and has */
    const Options *typed;
    Str root;      /* the directory of the project's configuration, real; empty: it has none */
    Str folder;    /* the directory where the search for it began, real */
    bool is_fixed; /* one configuration for all files: --config FILE, --isolated */
    Interner folders;
    VEC(const Options *) options_of; /* by folder id; NULL: not looked for yet */
    GivenList assigned;              /* by --config 'key = value' */
} Config;

/* Finds and reads the project's configuration: the file named by --config, or the nearest of
 * `.limpet.toml`, `limpet.toml` and a `pyproject.toml` with a table [tool.limpet] in the directory
 * that all paths have in common, or above it; the files that it extends; the assignments of
 * --config; `requires-python` when nothing else names targets; and what the project's scripts say
 * of the GIL when nothing else does. Unknown keys, wrong types and
 * values, unreadable files and text that is no TOML are problems: returns false when there is one.
 */
bool config_load(Config *config, Arena *arena, const Options *typed);

/* The options that decide about one file (absolute path without symlinks): selection, per-file
 * ignores and confidence are the nearest configuration's, the rest is that of the run. What is
 * wrong in it is added to the problems. Never NULL. */
const Options *config_of_file(Config *config, Str real_path);

/* A path as messages show it: from the working directory when it is below, else as it is. */
Str config_shown_path(Arena *arena, Str absolute);

/* The settings in force as TOML, each with where it comes from. */
void config_show(const Config *config, Buf *out);

/* All keys, or one of them (false when there is none of that name) explained. */
bool config_explain(Str key, Buf *out);
void config_explain_all(Buf *out);
/* The key nearest to a misspelt one, or an empty Str. */
Str config_key_nearest(Str key);
/* The JSON Schema of limpet.toml and of [tool.limpet]. */
void config_schema(Buf *out);

/* ---- for tests and the reader itself ---- */

/* The versions of Python that a PEP 440 specifier set (">=3.9,<3.13") allows, as bits 1 <<
 * PythonVersion: those with a release that fits, up to the newest supported one. 0 with a message
 * when the text is no specifier set or allows none. A `t` behind the first version that it takes
 * (">=3.13t", which PEP 440 does not know) asks for builds without the GIL. */
u32 requires_python(Arena *arena, Str text, bool *free_threaded, Str *error);

#endif
