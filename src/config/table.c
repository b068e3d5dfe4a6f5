/* The tables of options and commands. */
#include "config/table.h"

#include "base/near.h"

static const char *const confidences[] = {"low", "medium", "high", NULL};
static const char *const severities[] = {"note", "warning", "error", NULL};
static const char *const profiles[] = {"service", "library", "script", NULL};
static const char *const colors[] = {"auto", "always", "never", NULL};
static const char *const graph_formats[] = {"text", "dot", "json", NULL};

#define FIELD(f) offsetof(Options, f)
#define NO_FIELD 0

static const OptionRow ROWS[] = {
    {"select", 0, OPTION_CODES, "CODES", FIELD(select), ON_CHECK, KEY, NULL,
     "Run these rules only: codes, code prefixes, names, or ALL. Opt-in rules "
     "need their whole code, their name, or ALL"},
    {"extend-select", 0, OPTION_CODES, "CODES", FIELD(extend_select), ON_CHECK, KEY, NULL,
     "Run these rules too"},
    {"ignore", 0, OPTION_CODES, "CODES", FIELD(ignore), ON_CHECK, KEY, NULL,
     "Do not run these rules. The more specific word wins: --select LMP2 --ignore LMP201"},
    {"extend-ignore", 0, OPTION_CODES, "CODES", FIELD(ignore), ON_CHECK, KEY, NULL,
     "Do not run these rules either"},
    {"min-confidence", 0, OPTION_CHOICE, "LEVEL", FIELD(min_confidence), ON_CHECK, KEY, confidences,
     "Report findings of at least this confidence (default: medium)"},
    {"target-version", 0, OPTION_VERSIONS, "VERSIONS", FIELD(targets), ON_CHECK, KEY, NULL,
     "Versions of Python that the code is meant for, as 3.9 or 3.9-3.12; effects are the worst "
     "among them (default: requires-python of pyproject.toml, else 3.8-3.14, and 2.7 for files in "
     "its syntax)"},
    {"free-threaded", 0, OPTION_FLAG, NULL, FIELD(free_threaded), ON_CHECK, KEY, NULL,
     "The code is meant for a Python without the GIL: threads may compute side by side (default: "
     "as "
     "requires-python and the project's own scripts say, as with PYTHON_GIL=0)"},
    {"fail-on", 0, OPTION_CHOICE, "SEVERITY", FIELD(fail_on), ON_CHECK, KEY, severities,
     "Exit with 1 only when there is a finding of at least this severity (default: note)"},
    {"exit-zero", 0, OPTION_FLAG, NULL, FIELD(exit_zero), ON_CHECK, NO_KEY, NULL,
     "Exit with 0 even when there are findings"},
    {"ignore-suppressions", 0, OPTION_FLAG, NULL, FIELD(ignore_suppressions), ON_CHECK, KEY, NULL,
     "Report findings that a comment suppresses"},
    {"show-suppressed", 0, OPTION_FLAG, NULL, FIELD(show_suppressed), ON_CHECK, NO_KEY, NULL,
     "Show findings that a comment suppresses, too, and mark them; they do not count for the exit "
     "code"},
    {"add-ignore", 0, OPTION_ATTACHED, "REASON", FIELD(add_ignore), ON_CHECK, NO_KEY, NULL,
     "Write a comment that suppresses it to each finding, with the reason, and exit with 0"},

    {"fix", 0, OPTION_FLAG, NULL, FIELD(fix), ON_CHECK, NO_KEY, NULL,
     "Apply the fixes that leave what the program does as it is"},
    {"unsafe-fixes", 0, OPTION_FLAG, NULL, FIELD(unsafe_fixes), ON_CHECK, KEY, NULL,
     "With --fix or --diff: also the fixes that change what the program does"},
    {"diff", 0, OPTION_FLAG, NULL, FIELD(diff), ON_CHECK, NO_KEY, NULL,
     "Print what --fix or --add-ignore would change, change nothing, and exit with 1 if there is "
     "any"},

    {"baseline", 0, OPTION_PATH, "FILE", FIELD(baseline), ON_CHECK, KEY, NULL,
     "Leave out the findings that this file holds (default: .limpet-baseline.json, where it is, "
     "beside the configuration or at the top of the repository)"},
    {"no-baseline", 0, OPTION_FLAG, NULL, FIELD(no_baseline), ON_CHECK, NO_KEY, NULL,
     "Report findings of the baseline, too"},
    {"write-baseline", 0, OPTION_FLAG, NULL, FIELD(write_baseline), ON_CHECK, NO_KEY, NULL,
     "Write all findings to the baseline, report none, and exit with 0"},
    {"prune-baseline", 0, OPTION_FLAG, NULL, FIELD(prune_baseline), ON_CHECK, NO_KEY, NULL,
     "Remove from the baseline what is no finding any more; add nothing"},
    {"strict-baseline", 0, OPTION_FLAG, NULL, FIELD(strict_baseline), ON_CHECK, KEY, NULL,
     "Exit with 1 when the baseline holds what is no finding any more"},

    {"since", 0, OPTION_TEXT, "REV", FIELD(since), ON_CHECK, NO_KEY, NULL,
     "Report what is new since this revision of git: both states of the whole project are "
     "compared"},
    {"staged", 0, OPTION_FLAG, NULL, FIELD(staged), ON_CHECK, NO_KEY, NULL,
     "Check what git would commit, and report what is new since HEAD"},
    {"hook", 0, OPTION_FLAG, NULL, FIELD(hook), ON_CHECK, NO_KEY, NULL,
     "As --staged, for hooks: silent when there is nothing to say; under pre-commit with two "
     "revisions, what is new between them"},

    {"exclude", 0, OPTION_PATTERNS, "PATTERNS", FIELD(exclude), ON_FILES, KEY, NULL,
     "Leave out files and directories that match these patterns, beside the usual ones"},
    {"extend-exclude", 0, OPTION_PATTERNS, "PATTERNS", FIELD(extend_exclude), ON_FILES, KEY, NULL,
     "Leave out what matches these patterns, too"},
    {"force-exclude", 0, OPTION_FLAG, NULL, FIELD(force_exclude), ON_FILES, KEY, NULL,
     "Leave out matching files even when they are named on the command line"},
    {"no-respect-gitignore", 0, OPTION_FLAG, NULL, FIELD(ignore_gitignore), ON_FILES, KEY_NEGATED,
     NULL, "Read files that .gitignore and .ignore files leave out"},
    {"config", 0, OPTION_CONFIG, "FILE|'KEY = VALUE'", FIELD(config), ON_FILES, NO_KEY, NULL,
     "Read this configuration file and no other, or set one key as in a configuration file; may be "
     "given again"},
    {"project", 0, OPTION_TEXT, "DIR", FIELD(project), ON_FILES | ON_CLEAN, NO_KEY, NULL,
     "Look for the project's configuration here and above (default: the directory that all paths "
     "have in common)"},
    {"isolated", 0, OPTION_FLAG, NULL, FIELD(isolated), ON_FILES | ON_CLEAN, NO_KEY, NULL,
     "Read no configuration files"},
    {"stdin-filename", 0, OPTION_TEXT, "NAME", FIELD(stdin_filename),
     ON_CHECK | ON_FACTS | ON_GRAPH, NO_KEY, NULL,
     "Path that stands for the text on standard input"},
    {"max-file-size", 0, OPTION_SIZE, "SIZE", FIELD(max_file_size), ON_CHECK | ON_FACTS | ON_GRAPH,
     KEY, NULL, "Skip larger files; bytes, or with K, M or G (default: 4M)"},
    {"python-include", 0, OPTION_PATH, "DIR", FIELD(python_include), ON_CHECK | ON_FACTS | ON_GRAPH,
     KEY, NULL,
     "Directory with Python.h, for C extensions (default: the newest among the usual places); none "
     "for limpet's own declarations, which also stand in where there is no Python.h"},
    {"compile-commands", 0, OPTION_PATH, "FILE", FIELD(compile_commands),
     ON_CHECK | ON_FACTS | ON_GRAPH, KEY, NULL,
     "How the build compiles C files (default: compile_commands.json beside them, in a directory "
     "of the project above, or in build/ there)"},
    {"c-flags", 0, OPTION_LIST, "FLAGS", FIELD(c_flags), ON_CHECK | ON_FACTS | ON_GRAPH, KEY, NULL,
     "More flags for all C files, as -DHAVE_ZLIB,-Iinclude; directories relative to the working "
     "directory"},
    {"show-files", 0, OPTION_FLAG, NULL, FIELD(show_files), ON_CHECK, NO_KEY, NULL,
     "List the files that would be read, and stop"},

    {"show-settings", 0, OPTION_FLAG, NULL, FIELD(show_settings), ON_CHECK, NO_KEY, NULL,
     "Print each setting in force and where it comes from, and stop"},

    {"output-format", 0, OPTION_FORMAT, "FORMAT[=FILE]", FIELD(output_format), ON_CHECK, KEY, NULL,
     "How findings are written; on the command line several at once, as full,sarif=FILE"},
    {"output-file", 'o', OPTION_TEXT, "FILE", FIELD(output_file),
     ON_CHECK | ON_FACTS | ON_GRAPH | ON_RULE | ON_GENERATE, NO_KEY, NULL,
     "Write to this file instead of standard output"},
    {"format", 0, OPTION_CHOICE, "FORMAT", FIELD(graph_format), ON_GRAPH, NO_KEY, graph_formats,
     "How the graph is written (default: text)"},
    {"summaries", 0, OPTION_FLAG, NULL, FIELD(graph_summaries), ON_GRAPH, NO_KEY, NULL,
     "Print what each function does to references: the edges that a call adds between what its "
     "caller can name, what it lets go of, what it returns"},
    {"singletons", 0, OPTION_FLAG, NULL, FIELD(graph_singletons), ON_GRAPH, NO_KEY, NULL,
     "Print the classes whose instances are kept and handed out again: who makes, where it is "
     "kept, what asks for it"},
    {"profiles", 0, OPTION_FLAG, NULL, FIELD(graph_profiles), ON_GRAPH, NO_KEY, NULL,
     "Print what each function does to the thread that runs it: where it waits, computes, releases "
     "the GIL or calls what is not resolved, and what it hands over to other threads"},
    {"class", 0, OPTION_LIST, "NAMES", FIELD(graph_classes), ON_GRAPH, NO_KEY, NULL,
     "Print these classes only: what is done to their attributes, and who holds their instances. "
     "Canonical names or their last parts, separated by commas"},
    {"root", 0, OPTION_LIST, "NAMES", FIELD(graph_roots), ON_GRAPH, NO_KEY, NULL,
     "Print what these hold, as a tree: module variables, class attributes, modules (canonical "
     "names "
     "or their last parts), and what is registered with the runtime: atexit, signal, logging, "
     "threading, asyncio, loop, weakref.finalize, 'functools caches'"},
    {"depth", 0, OPTION_NUMBER, "N", FIELD(graph_depth), ON_GRAPH, NO_KEY, NULL,
     "How many levels below what a root holds itself --root prints (default: 4)"},
    {"statistics", 0, OPTION_FLAG, NULL, FIELD(statistics), ON_CHECK, NO_KEY, NULL,
     "Count what was read and how long each step took"},
    {"color", 0, OPTION_CHOICE, "WHEN", FIELD(color), ON_CHECK, NO_KEY, colors,
     "Colour the output (default: auto, on a terminal)"},
    {"quiet", 'q', OPTION_FLAG, NULL, FIELD(quiet), ON_FILES | ON_FACTS | ON_CLEAN, NO_KEY, NULL,
     "Print no summary and no progress"},
    {"verbose", 'v', OPTION_FLAG, NULL, FIELD(verbose), ON_FILES | ON_FACTS, NO_KEY, NULL,
     "Tell on standard error what is being done"},
    {"cache-dir", 0, OPTION_PATH, "DIR", FIELD(cache_dir), ON_CHECK | ON_CLEAN, NO_KEY, NULL,
     "Keep what was read from each file here for the next run (default: $LIMPET_CACHE_DIR, else "
     ".limpet_cache beside the project's configuration, at the top of the repository, or here)"},
    {"no-cache", 0, OPTION_FLAG, NULL, FIELD(no_cache), ON_CHECK, NO_KEY, NULL,
     "Read every file anew and keep nothing (also: $LIMPET_NO_CACHE)"},
    {"jobs", 'j', OPTION_NUMBER, "N", FIELD(jobs), ON_FILES, NO_KEY, NULL,
     "Number of threads (default: one a processor); the output does not depend on it"},

    {"schema", 0, OPTION_FLAG, NULL, FIELD(wants_schema), ON_CONFIG, NO_KEY, NULL,
     "Print the JSON Schema of the configuration"},
    {"all", 0, OPTION_FLAG, NULL, FIELD(all_rules), ON_RULE, NO_KEY, NULL, "Explain every rule"},
    {"help", 'h', OPTION_FLAG, NULL, FIELD(wants_help), ON_ALL, NO_KEY, NULL, "Print this help"},
    {"version", 'V', OPTION_FLAG, NULL, FIELD(wants_version), ON_ALL, NO_KEY, NULL,
     "Print the version"},

    {"extend", 0, OPTION_EXTEND, "FILE", NO_FIELD, ON_NOTHING, KEY, NULL,
     "A configuration file that this one adds to and overrides, relative to this one"},
    {"per-file-ignores", 0, OPTION_PATTERN_CODES, "TABLE", FIELD(per_file_ignores), ON_NOTHING, KEY,
     NULL,
     "Do not report these rules in files that match the pattern, which is relative to the "
     "configuration file; a pattern that begins with '!' stands for all other files"},
    {"extend-per-file-ignores", 0, OPTION_PATTERN_CODES, "TABLE", FIELD(extend_per_file_ignores),
     ON_NOTHING, KEY, NULL, "The same, beside those of the file that is extended"},
    {"profile", 0, OPTION_CHOICE, "PROFILE", FIELD(profile), ON_NOTHING, KEY, profiles,
     "What the code is. A service runs on, and what it keeps grows; a script ends in seconds, so "
     "that only hazards are reported; a library is used by code that is not read, which may empty "
     "what is public (default: service)"},
    {"long-lived", 0, OPTION_SYMBOLS, "SYMBOLS", FIELD(long_lived), ON_NOTHING, KEY, NULL,
     "What lives as long as the process, by full names: classes, for all their instances "
     "('app.core.Manager'), attributes of their instances ('app.core.Session.cache'), and "
     "variables of modules ('app.core.manager'), for the object that they hold"},
    {"models", 0, OPTION_MODELS, "TABLES", FIELD(models), ON_NOTHING, KEY, NULL,
     "What functions of the project retain and release, each a table with 'add' (the full name of "
     "the function or method that keeps its argument), 'removes' (those that let go of it), 'weak' "
     "(it is kept weakly; default: false) and 'callback' (the number of the argument that is kept, "
     "self not counted; default: 0)"},
};

#define ANY_NUMBER UINT32_MAX

static const CommandRow COMMANDS[] = {
    [COMMAND_CHECK] =
        {"check", "limpet [check] [OPTION…] [PATH…]",
         "Find what keeps Python objects alive too long (the default command)",
         "PATH is a file or a directory, '-' is standard input, without one it is '.'.\n"
         "'@FILE' stands for the lines of FILE, and after '--' everything is a path.\n"
         "\n"
         "Suppress a finding where it is, or where the container is defined:\n"
         "  # limpet: ignore[LMP201] reason       on the line, or on a line of its own above it\n"
         "  # limpet: file-ignore[LMP201] reason  anywhere in the file\n"
         "  # limpet: disable[LMP201] … # limpet: enable[LMP201]\n"
         "  # noqa: LMP201                        on the line\n"
         "\n"
         "Options may stand in a configuration file: 'limpet config'.\n"
         "\n"
         "Exit codes: 0 no finding, 1 findings, 2 bad usage or configuration, a path that cannot "
         "be\n"
         "read, or an internal failure.\n",
         ANY_NUMBER},
    [COMMAND_RULE] = {"rule", "limpet rule [OPTION…] [CODE|NAME…]", "Explain a rule", NULL,
                      ANY_NUMBER},
    [COMMAND_RULES] = {"rules", "limpet rules", "List all rules", NULL, 0},
    [COMMAND_FACTS] = {"facts", "limpet facts [OPTION…] FILE…",
                       "Print what is extracted from a file", NULL, ANY_NUMBER},
    [COMMAND_GRAPH] = {"graph", "limpet graph [OPTION…] [PATH…]",
                       "Print the linked project: modules, classes, containers", NULL, ANY_NUMBER},
    [COMMAND_CONFIG] = {"config", "limpet config [OPTION…] [KEY…]",
                        "Explain the keys of configuration files",
                        "limpet.toml, .limpet.toml, or the table [tool.limpet] of pyproject.toml: "
                        "the nearest one\n"
                        "in the directory of what is read or above it.\n",
                        ANY_NUMBER},
    [COMMAND_GENERATE] =
        {"generate", "limpet generate [OPTION…] man|bash|zsh|fish",
         "Write the manual page, or completion for a shell",
         "  limpet generate bash -o ~/.local/share/bash-completion/completions/limpet\n"
         "  limpet generate zsh -o DIR/_limpet    where DIR is in $fpath\n"
         "  limpet generate fish -o ~/.config/fish/completions/limpet.fish\n",
         1},
    [COMMAND_CLEAN] = {"clean", "limpet clean [OPTION…] [PATH…]",
                       "Remove what earlier runs kept of the files that they read", NULL,
                       ANY_NUMBER},
    [COMMAND_VERSION] = {"version", "limpet version", "Print the version", NULL, 0},
    [COMMAND_HELP] = {"help", "limpet help [COMMAND]", "Explain a command", NULL, 1},
};

Command command_find(Str name) {
    u32 i = 0;
    while (i < COMMAND_COUNT && !str_is(name, COMMANDS[i].name)) i++;
    return (Command)i;
}

Str command_nearest(Str word) {
    Str best = {0};
    for (u32 i = 0; i < COMMAND_COUNT; i++) near_keep(word, str_from(COMMANDS[i].name), &best);
    return best;
}

const OptionRow *options_all(u32 *n) {
    *n = ARRAY_LEN(ROWS);
    return ROWS;
}

const CommandRow *command_row(Command command) {
    return &COMMANDS[command];
}

Str option_key(const OptionRow *row) {
    Str name = str_from(row->name);
    return row->key == NO_KEY ? (Str){0} : row->key == KEY ? name : str_sub(name, 3, name.n);
}

const OptionRow *option_of_key(Str key) {
    for (u32 i = 0; i < ARRAY_LEN(ROWS); i++)
        if (ROWS[i].key != NO_KEY && str_eq(option_key(&ROWS[i]), key)) return &ROWS[i];
    return NULL;
}

bool option_extends(const OptionRow *row) {
    return str_starts(str_from(row->name), "extend-");
}

const OptionRow *option_named(Str name) {
    for (u32 i = 0; i < ARRAY_LEN(ROWS); i++)
        if (str_is(name, ROWS[i].name)) return &ROWS[i];
    return NULL;
}

const OptionRow *option_lettered(char letter) {
    for (u32 i = 0; i < ARRAY_LEN(ROWS); i++)
        if (ROWS[i].letter && ROWS[i].letter == letter) return &ROWS[i];
    return NULL;
}
