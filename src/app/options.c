#include "app/options.h"

#include "base/near.h"
#include "os/os.h"
#include "report/report.h"
#include "root/root.h"
#include "rule/rule.h"

#include <stdio.h>
#include <string.h>

/* ---- the tables ---- */

typedef enum OptionKind {
    OPTION_FLAG,     /* bool */
    OPTION_TEXT,     /* Str */
    OPTION_FORMAT,   /* Str, one of the report formats */
    OPTION_LIST,     /* StrList, separated by commas; may be given again */
    OPTION_CHOICE,   /* u32, index into choices */
    OPTION_SIZE,     /* u64, bytes with K, M or G */
    OPTION_NUMBER,   /* u32, at least 1 */
    OPTION_VERSIONS, /* u32, bits of PythonVersion, separated by commas */
} OptionKind;

enum {
    ON_CHECK = 1 << COMMAND_CHECK,
    ON_RULE = 1 << COMMAND_RULE,
    ON_FACTS = 1 << COMMAND_FACTS,
    ON_GRAPH = 1 << COMMAND_GRAPH,
    ON_FILES = ON_CHECK | ON_GRAPH,
    ON_ALL = (1 << COMMAND_COUNT) - 1,
};

typedef struct OptionRow {
    const char *name; /* without the hyphens */
    char letter;      /* short form, or 0 */
    OptionKind kind;
    const char *argument; /* as the help shows it, or NULL */
    size_t field;         /* offset in Options */
    u32 commands;         /* ON_* */
    const char *const *choices;
    const char *help;
} OptionRow;

static const char *const confidences[] = {"low", "medium", "high", NULL};
static const char *const severities[] = {"note", "warning", "error", NULL};
static const char *const colors[] = {"auto", "always", "never", NULL};
static const char *const graph_formats[] = {"text", "dot", "json", NULL};

#define FIELD(f) offsetof(Options, f)

static const OptionRow rows[] = {
    {"select", 0, OPTION_LIST, "CODES", FIELD(select), ON_CHECK, NULL,
     "Run these rules only: codes, code prefixes, names, or ALL, separated by commas. Opt-in rules "
     "need their whole code, their name, or ALL"},
    {"extend-select", 0, OPTION_LIST, "CODES", FIELD(extend_select), ON_CHECK, NULL,
     "Run these rules too"},
    {"ignore", 0, OPTION_LIST, "CODES", FIELD(ignore), ON_CHECK, NULL,
     "Do not run these rules. The more specific word wins: --select LMP2 --ignore LMP201"},
    {"extend-ignore", 0, OPTION_LIST, "CODES", FIELD(ignore), ON_CHECK, NULL, "The same"},
    {"min-confidence", 0, OPTION_CHOICE, "LEVEL", FIELD(min_confidence), ON_CHECK, confidences,
     "Report findings of at least this confidence (default: medium)"},
    {"target-version", 0, OPTION_VERSIONS, "VERSIONS", FIELD(targets), ON_CHECK, NULL,
     "Versions of Python that the code is meant for, separated by commas, or FIRST-LAST; effects "
     "are the worst among them (default: 3.8-3.14, and 2.7 for files in its syntax)"},
    {"fail-on", 0, OPTION_CHOICE, "SEVERITY", FIELD(fail_on), ON_CHECK, severities,
     "Exit with 1 only when there is a finding of at least this severity (default: note)"},
    {"exit-zero", 0, OPTION_FLAG, NULL, FIELD(exit_zero), ON_CHECK, NULL,
     "Exit with 0 even when there are findings"},
    {"ignore-suppressions", 0, OPTION_FLAG, NULL, FIELD(ignore_suppressions), ON_CHECK, NULL,
     "Report findings that a comment suppresses"},

    {"exclude", 0, OPTION_LIST, "PATTERNS", FIELD(exclude), ON_FILES, NULL,
     "Leave out files and directories that match these patterns, beside the usual ones"},
    {"extend-exclude", 0, OPTION_LIST, "PATTERNS", FIELD(exclude), ON_FILES, NULL, "The same"},
    {"force-exclude", 0, OPTION_FLAG, NULL, FIELD(force_exclude), ON_FILES, NULL,
     "Leave out matching files even when they are named on the command line"},
    {"no-respect-gitignore", 0, OPTION_FLAG, NULL, FIELD(ignore_gitignore), ON_FILES, NULL,
     "Read files that .gitignore and .ignore files leave out"},
    {"isolated", 0, OPTION_FLAG, NULL, FIELD(isolated), ON_FILES, NULL,
     "Read no configuration files"},
    {"stdin-filename", 0, OPTION_TEXT, "NAME", FIELD(stdin_filename),
     ON_CHECK | ON_FACTS | ON_GRAPH, NULL, "Path that stands for the text on standard input"},
    {"max-file-size", 0, OPTION_SIZE, "SIZE", FIELD(max_file_size), ON_CHECK | ON_FACTS | ON_GRAPH,
     NULL, "Skip larger files; bytes, or with K, M or G (default: 4M)"},
    {"show-files", 0, OPTION_FLAG, NULL, FIELD(show_files), ON_CHECK, NULL,
     "List the files that would be read, and stop"},

    {"output-format", 0, OPTION_FORMAT, "FORMAT", FIELD(output_format), ON_CHECK, NULL,
     "How findings are written"},
    {"output-file", 'o', OPTION_TEXT, "FILE", FIELD(output_file), ON_CHECK | ON_FACTS | ON_GRAPH,
     NULL, "Write to this file instead of standard output"},
    {"format", 0, OPTION_CHOICE, "FORMAT", FIELD(graph_format), ON_GRAPH, graph_formats,
     "How the graph is written (default: text)"},
    {"summaries", 0, OPTION_FLAG, NULL, FIELD(graph_summaries), ON_GRAPH, NULL,
     "Print what each function does to references: the edges that a call adds between what its "
     "caller can name, what it lets go of, what it returns"},
    {"singletons", 0, OPTION_FLAG, NULL, FIELD(graph_singletons), ON_GRAPH, NULL,
     "Print the classes whose instances are kept and handed out again: who makes, where it is "
     "kept, what asks for it"},
    {"class", 0, OPTION_LIST, "NAMES", FIELD(graph_classes), ON_GRAPH, NULL,
     "Print these classes only: what is done to their attributes, and who holds their instances. "
     "Canonical names or their last parts, separated by commas"},
    {"root", 0, OPTION_LIST, "NAMES", FIELD(graph_roots), ON_GRAPH, NULL,
     "Print what these hold, as a tree: module variables, class attributes, modules (canonical "
     "names "
     "or their last parts), and what is registered with the runtime: atexit, signal, logging, "
     "threading, asyncio, loop, weakref.finalize, 'functools caches'"},
    {"depth", 0, OPTION_NUMBER, "N", FIELD(graph_depth), ON_GRAPH, NULL,
     "How many levels below what a root holds itself --root prints (default: 4)"},
    {"statistics", 0, OPTION_FLAG, NULL, FIELD(statistics), ON_CHECK, NULL,
     "Count what was read and how long each step took"},
    {"color", 0, OPTION_CHOICE, "WHEN", FIELD(color), ON_CHECK, colors,
     "Colour the output (default: auto, on a terminal)"},
    {"quiet", 'q', OPTION_FLAG, NULL, FIELD(quiet), ON_FILES | ON_FACTS, NULL,
     "Print no summary and no progress"},
    {"verbose", 'v', OPTION_FLAG, NULL, FIELD(verbose), ON_FILES | ON_FACTS, NULL,
     "Tell on standard error what is being done"},
    {"jobs", 'j', OPTION_NUMBER, "N", FIELD(jobs), ON_FILES, NULL,
     "Number of threads (default: one a processor); the output does not depend on it"},

    {"all", 0, OPTION_FLAG, NULL, FIELD(all_rules), ON_RULE, NULL, "Explain every rule"},
    {"help", 'h', OPTION_FLAG, NULL, FIELD(wants_help), ON_ALL, NULL, "Print this help"},
    {"version", 'V', OPTION_FLAG, NULL, FIELD(wants_version), ON_ALL, NULL, "Print the version"},
};

typedef struct CommandRow {
    const char *name;
    const char *usage;
    const char *summary;
    const char *notes; /* after the options, or NULL */
    u32 words_max;     /* words that it takes beside its options */
} CommandRow;

#define ANY_NUMBER UINT32_MAX

static const CommandRow commands[] = {
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
         "Exit codes: 0 no finding, 1 findings, 2 bad usage, a path that cannot be read, or an\n"
         "internal failure.\n",
         ANY_NUMBER},
    [COMMAND_RULE] = {"rule", "limpet rule [OPTION…] [CODE|NAME…]", "Explain a rule", NULL,
                      ANY_NUMBER},
    [COMMAND_RULES] = {"rules", "limpet rules", "List all rules", NULL, 0},
    [COMMAND_FACTS] = {"facts", "limpet facts [OPTION…] FILE…",
                       "Print what is extracted from a file", NULL, ANY_NUMBER},
    [COMMAND_GRAPH] = {"graph", "limpet graph [OPTION…] [PATH…]",
                       "Print the linked project: modules, classes, containers", NULL, ANY_NUMBER},
    [COMMAND_VERSION] = {"version", "limpet version", "Print the version", NULL, 0},
    [COMMAND_HELP] = {"help", "limpet help [COMMAND]", "Explain a command", NULL, 1},
};

Command command_find(Str name) {
    u32 i = 0;
    while (i < COMMAND_COUNT && !str_is(name, commands[i].name)) i++;
    return (Command)i;
}

Str command_nearest(Str word) {
    Str best = {0};
    for (u32 i = 0; i < COMMAND_COUNT; i++) near_keep(word, str_from(commands[i].name), &best);
    return best;
}

/* ---- parsing ---- */

enum { JOBS_MAX = 256 };

typedef struct Parser {
    Arena *arena;
    Options *out;
    StrList arguments;
    u32 at;            /* next argument */
    bool is_ended;     /* `--` was seen */
    bool ends_in_file; /* an argument file had a `--` */
    bool has_command;
    StrList given; /* options as typed, for errors that only the command decides */
    VEC(const OptionRow *) given_rows;
    Str error;
} Parser;

#define FAIL(p, ...) ((p)->error = str_format((p)->arena, __VA_ARGS__), false)

/* Lines of a file are arguments; "-" and "@" have no special meaning for the file itself. */
static bool read_argument_file(Parser *p, const char *path) {
    Str text;
    int error = os_read_file(path, 16u << 20, p->arena, &text);
    if (error) return FAIL(p, "cannot read the argument file '%s': %s", path, strerror(error));
    while (text.n) {
        i64 end = str_find(text, '\n');
        Str line = end < 0 ? text : str_sub(text, 0, (u32)end);
        text = end < 0 ? (Str){0} : str_sub(text, (u32)end + 1, text.n);
        if (line.n && line.p[line.n - 1] == '\r') line.n--;
        if (!line.n) continue;
        vec_push(p->arena, &p->arguments, str_copy(p->arena, line));
        p->ends_in_file |= str_is(line, "--");
    }
    return true;
}

static bool expand_arguments(Parser *p, int argc, const char *const *argv) {
    bool is_ended = false;
    for (int i = 1; i < argc; i++) {
        is_ended |= strcmp(argv[i], "--") == 0 || p->ends_in_file;
        if (!is_ended && argv[i][0] == '@') {
            if (!read_argument_file(p, argv[i] + 1)) return false;
        } else {
            vec_push(p->arena, &p->arguments, str_from(argv[i]));
        }
    }
    return true;
}

/* The option of one of the commands that `name` is a slip of, or else its first or last part. */
static Str nearest_option(Str name, u32 commands_wanted) {
    enum { LEAST = 3 };
    Str slip = {0}, first = {0}, last = {0};
    for (u32 i = 0; i < ARRAY_LEN(rows); i++) {
        Str option = str_from(rows[i].name);
        if (!(rows[i].commands & commands_wanted)) continue;
        near_keep(name, option, &slip);
        if (name.n < LEAST || name.n > option.n) continue;
        if (!first.n && str_eq(str_sub(option, 0, name.n), name)) first = option;
        if (!last.n && str_eq(str_sub(option, option.n - name.n, option.n), name)) last = option;
    }
    return slip.n ? slip : first.n ? first : last;
}

static bool fail_unknown(Parser *p, Str name) {
    if (report_format(name))
        return FAIL(p, "unknown option '--%.*s'; did you mean '--output-format %.*s'?",
                    STR_ARG(name), STR_ARG(name));
    Str best = nearest_option(name, ON_ALL);
    if (best.n)
        return FAIL(p, "unknown option '--%.*s'; did you mean '--%.*s'?", STR_ARG(name),
                    STR_ARG(best));
    return FAIL(p, "unknown option '--%.*s'", STR_ARG(name));
}

static bool store_choice(Parser *p, const OptionRow *row, Str value, u32 *field) {
    Buf all = {.arena = p->arena};
    Str best = {0};
    for (u32 i = 0; row->choices[i]; i++) {
        if (str_is(value, row->choices[i])) {
            *field = i;
            return true;
        }
        buf_printf(&all, "%s%s", i ? ", " : "", row->choices[i]);
        near_keep(value, str_from(row->choices[i]), &best);
    }
    return FAIL(p, "--%s: '%.*s' is not one of %.*s", row->name, STR_ARG(value),
                STR_ARG(buf_get(&all)));
}

static bool store_number(Parser *p, const OptionRow *row, Str value, u64 *field) {
    u64 n = 0;
    u32 i = 0;
    for (; i < value.n && value.p[i] >= '0' && value.p[i] <= '9' && n < 1u << 30; i++)
        n = n * 10 + (u64)(value.p[i] - '0');
    u32 digits = i;
    if (row->kind == OPTION_SIZE && i < value.n) {
        const char *units = "kKmMgG", *unit = strchr(units, value.p[i]);
        if (unit) n <<= 10 * ((u32)(unit - units) / 2 + 1), i++;
    }
    if (!digits || i < value.n || n == 0)
        return FAIL(p, "--%s: '%.*s' is not a %s", row->name, STR_ARG(value),
                    row->kind == OPTION_SIZE ? "size (such as 500K or 8M)" : "number from 1 on");
    *field = n;
    return true;
}

static bool store_list(Parser *p, Str value, StrList *list) {
    u32 before = list->n;
    while (value.n) {
        i64 comma = str_find(value, ',');
        Str word = str_trim(comma < 0 ? value : str_sub(value, 0, (u32)comma));
        value = comma < 0 ? (Str){0} : str_sub(value, (u32)comma + 1, value.n);
        if (word.n) vec_push(p->arena, list, str_copy(p->arena, word));
    }
    return list->n > before;
}

/* "2.7,3.9-3.12" */
static bool store_versions(Parser *p, const OptionRow *row, Str value, u32 *field) {
    while (value.n) {
        i64 comma = str_find(value, ',');
        Str word = str_trim(comma < 0 ? value : str_sub(value, 0, (u32)comma));
        value = comma < 0 ? (Str){0} : str_sub(value, (u32)comma + 1, value.n);
        i64 dash = str_find(word, '-');
        PythonVersion first = version_find(dash < 0 ? word : str_sub(word, 0, (u32)dash));
        PythonVersion last = dash < 0 ? first : version_find(str_sub(word, (u32)dash + 1, word.n));
        if (first > last || last == PYTHON_VERSIONS)
            return FAIL(p, "--%s: '%.*s' is not a version from 2.7, 3.3 to %s", row->name,
                        STR_ARG(word), version_text(PYTHON_VERSIONS - 1));
        for (u32 v = first; v <= last; v++) *field |= 1u << v;
    }
    return *field || FAIL(p, "--%s: no %s given", row->name, row->argument);
}

static bool store_format(Parser *p, const OptionRow *row, Str value, Str *field) {
    Buf all = {.arena = p->arena};
    for (const ReportFormat *format = report_formats(); format->name; format++) {
        if (str_is(value, format->name)) {
            *field = str_from(format->name);
            return true;
        }
        buf_printf(&all, "%s%s", all.n ? ", " : "", format->name);
    }
    return FAIL(p, "--%s: '%.*s' is not one of %.*s", row->name, STR_ARG(value),
                STR_ARG(buf_get(&all)));
}

/* An option of another command. */
static bool fail_misplaced(Parser *p, const OptionRow *row, Str typed) {
    const char *command = commands[p->out->command].name;
    Str best = nearest_option(str_from(row->name), 1u << p->out->command);
    if (best.n)
        return FAIL(p, "option '%.*s' does not belong to 'limpet %s'; did you mean '--%.*s'?",
                    STR_ARG(typed), command, STR_ARG(best));
    return FAIL(p, "option '%.*s' does not belong to 'limpet %s'", STR_ARG(typed), command);
}

static bool store(Parser *p, const OptionRow *row, Str value) {
    void *field = (char *)p->out + row->field;
    u64 n = 0;
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return true;
    case OPTION_TEXT:
        *(Str *)field = value;
        return value.n || FAIL(p, "--%s: the %s is empty", row->name, row->argument);
    case OPTION_FORMAT:
        return store_format(p, row, value, field);
    case OPTION_LIST:
        /* an empty list is most often a variable that was not set: running all would surprise */
        return store_list(p, value, field) ||
               FAIL(p, "--%s: no %s given", row->name, row->argument);
    case OPTION_CHOICE:
        return store_choice(p, row, value, field);
    case OPTION_SIZE:
        return store_number(p, row, value, field);
    case OPTION_VERSIONS:
        return store_versions(p, row, value, field);
    case OPTION_NUMBER:
        if (!store_number(p, row, value, &n)) return false;
        *(u32 *)field = (u32)MIN(n, (u64)UINT32_MAX);
        return true;
    }
    return false;
}

/* Takes the value of an option from `attached` or from the next argument, and stores it. */
static bool take_option(Parser *p, const OptionRow *row, Str typed, bool has_value, Str attached) {
    vec_push(p->arena, &p->given, typed);
    vec_push(p->arena, &p->given_rows, row);
    if (row->kind == OPTION_FLAG) {
        if (has_value) return FAIL(p, "option '--%s' takes no value", row->name);
        return store(p, row, (Str){0});
    }
    if (!has_value) {
        if (p->at == p->arguments.n)
            return FAIL(p, "option '%.*s' needs a value: %s", STR_ARG(typed), row->argument);
        attached = p->arguments.v[p->at++];
    }
    if (store(p, row, attached)) return true;
    /* that the value is not one of graph's formats says little to whoever wants a check's */
    if (!(row->commands & 1u << p->out->command)) fail_misplaced(p, row, typed);
    return false;
}

static bool take_long(Parser *p, Str argument) {
    i64 equal = str_find(argument, '=');
    Str typed = equal < 0 ? argument : str_sub(argument, 0, (u32)equal);
    Str name = str_sub(typed, 2, typed.n);
    Str value = equal < 0 ? (Str){0} : str_sub(argument, (u32)equal + 1, argument.n);
    for (u32 i = 0; i < ARRAY_LEN(rows); i++)
        if (str_is(name, rows[i].name)) return take_option(p, &rows[i], typed, equal >= 0, value);
    return fail_unknown(p, name);
}

/* `-q`, `-qv`, `-j4`, `-j 4`. */
static bool take_short(Parser *p, Str argument) {
    for (u32 at = 1; at < argument.n; at++) {
        const OptionRow *row = NULL;
        for (u32 i = 0; i < ARRAY_LEN(rows) && !row; i++)
            if (rows[i].letter && rows[i].letter == argument.p[at]) row = &rows[i];
        if (!row) return FAIL(p, "unknown option '-%c'", argument.p[at]);
        Str typed = str_format(p->arena, "-%c", row->letter);
        if (row->kind != OPTION_FLAG)
            return take_option(p, row, typed, at + 1 < argument.n,
                               str_sub(argument, at + 1, argument.n));
        if (!take_option(p, row, typed, false, (Str){0})) return false;
    }
    return true;
}

/* The first word may be a command; a path of the same name is written ./check. A word that is
 * nothing but nearly a command is not taken for a path. */
static bool take_word(Parser *p, Str word) {
    if (p->out->words.n == 0 && !p->has_command && !p->is_ended) {
        Command command = command_find(word);
        if (command != COMMAND_COUNT) {
            p->out->command = command;
            p->has_command = true;
            return true;
        }
        Str near = command_nearest(word);
        FileInfo info;
        bool is_bare = str_find(word, '/') < 0;
        if (near.n && is_bare && os_stat(word.p, true, &info) != 0)
            return FAIL(p, "unknown command '%.*s'; did you mean '%.*s'?", STR_ARG(word),
                        STR_ARG(near));
    }
    vec_push(p->arena, &p->out->words, word);
    return true;
}

static bool reads_stdin(const Options *o) {
    for (u32 i = 0; i < o->words.n; i++)
        if (str_is(o->words.v[i], "-")) return true;
    return false;
}

static bool take_all(Parser *p) {
    while (p->at < p->arguments.n) {
        Str argument = p->arguments.v[p->at++];
        bool is_option = !p->is_ended && argument.n > 1 && argument.p[0] == '-';
        bool ok;
        if (is_option && str_is(argument, "--"))
            ok = p->is_ended = true;
        else if (is_option && argument.p[1] == '-')
            ok = take_long(p, argument);
        else if (is_option)
            ok = take_short(p, argument);
        else
            ok = take_word(p, argument);
        if (!ok) return false;
    }
    const Options *o = p->out;
    if (o->words.n > commands[o->command].words_max && !o->wants_help && !o->wants_version)
        return FAIL(p, "'limpet %s' does not take '%.*s'", commands[o->command].name,
                    STR_ARG(o->words.v[commands[o->command].words_max]));
    for (u32 i = 0; i < p->given_rows.n; i++)
        if (!(p->given_rows.v[i]->commands & 1u << p->out->command))
            return fail_misplaced(p, p->given_rows.v[i], p->given.v[i]);
    if (o->stdin_filename.n && !reads_stdin(o))
        return FAIL(p, "--stdin-filename names the text of '-', which is not among the paths");
    return true;
}

/* https://no-color.org and https://bixense.com/clicolors; an option on the command line wins. */
static u32 color_of_environment(void) {
    if (os_env("NO_COLOR").n) return COLOR_NEVER;
    Str force = os_env("FORCE_COLOR");
    if (force.n && !str_is(force, "0")) return COLOR_ALWAYS;
    Str clicolor = os_env("CLICOLOR_FORCE");
    if (clicolor.n && !str_is(clicolor, "0")) return COLOR_ALWAYS;
    return COLOR_AUTO;
}

bool options_parse(Arena *arena, int argc, const char *const *argv, Options *out, Str *error) {
    *out = (Options){
        .min_confidence = CONFIDENCE_MEDIUM,
        .fail_on = SEVERITY_NOTE,
        .max_file_size = 4u << 20,
        .output_format = STR("full"),
        .color = color_of_environment(),
        .jobs = os_cpu_count(),
        .graph_depth = ROOT_DEPTH,
    };
    Parser p = {.arena = arena, .out = out};
    bool ok = expand_arguments(&p, argc, argv) && take_all(&p);
    out->jobs = MIN(out->jobs, JOBS_MAX);
    *error = p.error;
    return ok;
}

/* ---- help ---- */

enum { HELP_INDENT = 32, HELP_WIDTH = 96 };

/* Words of `text` from column HELP_INDENT on. */
static void wrap(Buf *out, const char *text) {
    u32 column = HELP_INDENT;
    for (const char *word = text; *word;) {
        u32 n = (u32)strcspn(word, " ");
        if (column > HELP_INDENT && column + 1 + n > HELP_WIDTH) {
            buf_char(out, '\n');
            buf_repeat(out, ' ', HELP_INDENT);
            column = HELP_INDENT;
        }
        if (column > HELP_INDENT) buf_char(out, ' '), column++;
        buf_str(out, (Str){word, n});
        column += n;
        word += n + (word[n] == ' ');
    }
    buf_char(out, '\n');
}

static void help_option(const OptionRow *row, Buf *out) {
    u32 start = out->n;
    if (row->letter)
        buf_printf(out, "  -%c, --%s", row->letter, row->name);
    else
        buf_printf(out, "      --%s", row->name);
    if (row->argument) buf_printf(out, " %s", row->argument);
    u32 used = out->n - start;
    if (used + 2 > HELP_INDENT) {
        buf_char(out, '\n');
        used = 0;
    }
    buf_repeat(out, ' ', HELP_INDENT - used);
    Buf text = {.arena = out->arena};
    buf_text(&text, row->help);
    if (row->choices) {
        buf_text(&text, ":");
        for (u32 i = 0; row->choices[i]; i++)
            buf_printf(&text, "%s %s", i ? "," : "", row->choices[i]);
    }
    if (row->kind == OPTION_FORMAT) {
        buf_text(&text, " (default: full):");
        for (const ReportFormat *format = report_formats(); format->name; format++)
            buf_printf(&text, "%s %s", format == report_formats() ? "" : ",", format->name);
    }
    buf_char(&text, 0);
    wrap(out, text.p);
}

void options_help(Command command, bool overview, Buf *out) {
    buf_printf(out, "%s\n\nUsage: %s\n", commands[command].summary, commands[command].usage);
    if (overview) {
        buf_text(out, "\nCommands:\n");
        for (u32 i = 0; i < COMMAND_COUNT; i++)
            buf_printf(out, "  %-9s %s\n", commands[i].name, commands[i].summary);
        buf_text(out, "'limpet help COMMAND' explains a command.\n");
    }
    buf_text(out, "\nOptions:\n");
    for (u32 i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].commands & 1u << command) help_option(&rows[i], out);
    if (commands[command].notes) buf_printf(out, "\n%s", commands[command].notes);
}
