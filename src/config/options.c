/* The command line. */
#include "base/near.h"
#include "config/value.h"
#include "os/os.h"
#include "report/report.h"
#include "root/root.h"

#include <stdio.h>
#include <string.h>

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
    u32 n_rows;
    const OptionRow *rows = options_all(&n_rows);
    for (u32 i = 0; i < n_rows; i++) {
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

/* What a value of an option was refused for. */
static bool refuse(Parser *p, const OptionRow *row, Str error) {
    return !error.n || FAIL(p, "--%s: %.*s", row->name, STR_ARG(error));
}

static bool read_list(Parser *p, const OptionRow *row, Str text, OptionValue *out) {
    while (text.n) {
        i64 comma = str_find(text, ',');
        Str word = str_trim(comma < 0 ? text : str_sub(text, 0, (u32)comma));
        text = comma < 0 ? (Str){0} : str_sub(text, (u32)comma + 1, text.n);
        if (!word.n) continue;
        vec_push(p->arena, &out->list, str_copy(p->arena, word));
        if (row->kind == OPTION_VERSIONS && !refuse(p, row, value_of_version(p->arena, word, out)))
            return false;
    }
    /* an empty list is most often a variable that was not set: running all would surprise */
    return out->list.n || FAIL(p, "--%s: no %s given", row->name, row->argument);
}

/* An option of another command. */
static bool fail_misplaced(Parser *p, const OptionRow *row, Str typed) {
    const char *command = command_row(p->out->command)->name;
    Str best = nearest_option(str_from(row->name), 1u << p->out->command);
    if (best.n)
        return FAIL(p, "option '%.*s' does not belong to 'limpet %s'; did you mean '--%.*s'?",
                    STR_ARG(typed), command, STR_ARG(best));
    return FAIL(p, "option '%.*s' does not belong to 'limpet %s'", STR_ARG(typed), command);
}

static bool read_value(Parser *p, const OptionRow *row, Str text, OptionValue *out) {
    switch (row->kind) {
    case OPTION_FLAG:
        out->flag = true;
        return true;
    case OPTION_ATTACHED:
        out->text = text;
        for (u32 i = 0; i < text.n; i++)
            if ((u8)text.p[i] < ' ')
                return FAIL(p, "--%s: the %s has to fit on a line", row->name, row->argument);
        return true;
    case OPTION_TEXT:
    case OPTION_PATH:
        out->text = text;
        return text.n || FAIL(p, "--%s: the %s is empty", row->name, row->argument);
    case OPTION_CONFIG:
        vec_push(p->arena, &out->list, text);
        return text.n || FAIL(p, "--%s: no file or assignment given", row->name);
    case OPTION_FORMAT:
        return refuse(p, row, value_of_format(p->arena, text, out));
    case OPTION_CHOICE:
        return refuse(p, row, value_of_choice(p->arena, row, text, out));
    case OPTION_SIZE:
    case OPTION_NUMBER:
        return refuse(p, row, value_of_size(p->arena, row, text, out));
    case OPTION_LIST:
    case OPTION_CODES:
    case OPTION_PATTERNS:
    case OPTION_VERSIONS:
        return read_list(p, row, text, out);
    case OPTION_EXTEND:
    case OPTION_PATTERN_CODES:
    case OPTION_SYMBOLS:
    case OPTION_MODELS:
        break;
    }
    return false;
}

static bool store(Parser *p, const OptionRow *row, Str text) {
    Given given = {.row = row, .origin = str_format(p->arena, "--%s", row->name)};
    if (!read_value(p, row, text, &given.value)) return false;
    value_store(p->arena, row, &given.value, p->out);
    vec_push(p->arena, &p->out->given, given);
    return true;
}

/* Takes the value of an option from `attached` or from the next argument, and stores it. */
static bool take_option(Parser *p, const OptionRow *row, Str typed, bool has_value, Str attached) {
    vec_push(p->arena, &p->given, typed);
    vec_push(p->arena, &p->given_rows, row);
    if (row->kind == OPTION_FLAG) {
        if (has_value) return FAIL(p, "option '--%s' takes no value", row->name);
        return store(p, row, (Str){0});
    }
    if (row->kind == OPTION_ATTACHED) return store(p, row, has_value ? attached : STR(""));
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
    const OptionRow *row = option_named(name);
    if (row && row->commands) return take_option(p, row, typed, equal >= 0, value);
    if (row)
        return FAIL(p, "'%.*s' is for configuration files; here it is --config '%.*s = …'",
                    STR_ARG(name), STR_ARG(name));
    return fail_unknown(p, name);
}

/* `-q`, `-qv`, `-j4`, `-j 4`. */
static bool take_short(Parser *p, Str argument) {
    for (u32 at = 1; at < argument.n; at++) {
        const OptionRow *row = option_lettered(argument.p[at]);
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

/* Does some format go to where -o points? */
static bool needs_output_file(Parser *p) {
    ReportOutputs outputs;
    report_outputs(p->arena, p->out->output_format, &outputs);
    for (u32 i = 0; i < outputs.n; i++)
        if (!outputs.v[i].file.n) return true;
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
    if (o->words.n > command_row(o->command)->words_max && !o->wants_help && !o->wants_version)
        return FAIL(p, "'limpet %s' does not take '%.*s'", command_row(o->command)->name,
                    STR_ARG(o->words.v[command_row(o->command)->words_max]));
    for (u32 i = 0; i < p->given_rows.n; i++)
        if (!(p->given_rows.v[i]->commands & 1u << p->out->command))
            return fail_misplaced(p, p->given_rows.v[i], p->given.v[i]);
    if (o->stdin_filename.n && !reads_stdin(o))
        return FAIL(p, "--stdin-filename names the text of '-', which is not among the paths");
    if (o->output_file.n && !needs_output_file(p))
        return FAIL(p, "-o '%.*s': every format has a file already", STR_ARG(o->output_file));
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

Options options_default(void) {
    return (Options){
        .min_confidence = CONFIDENCE_MEDIUM,
        .fail_on = SEVERITY_NOTE,
        .max_file_size = 4u << 20,
        .output_format = STR("full"),
        .color = color_of_environment(),
        .jobs = os_cpu_count(),
        .graph_depth = ROOT_DEPTH,
    };
}

bool options_parse(Arena *arena, int argc, const char *const *argv, Options *out, Str *error) {
    *out = options_default();
    Parser p = {.arena = arena, .out = out};
    bool ok = expand_arguments(&p, argc, argv) && take_all(&p);
    out->jobs = MIN(out->jobs, JOBS_MAX);
    *error = p.error;
    return ok;
}
