/* Completion for bash, zsh and fish. */
#include "config/generate.h"
#include "report/report.h"
#include "rule/rule.h"

#include <string.h>

/* What may stand behind an option. */
typedef enum ValueKind { VALUE_NONE, VALUE_ANY, VALUE_WORDS, VALUE_CODES, VALUE_FILE } ValueKind;

static ValueKind value_kind(const OptionRow *row) {
    switch (row->kind) {
    case OPTION_FLAG:
    case OPTION_ATTACHED:
        return VALUE_NONE;
    case OPTION_CHOICE:
    case OPTION_FORMAT:
    case OPTION_VERSIONS:
        return VALUE_WORDS;
    case OPTION_CODES:
        return VALUE_CODES;
    case OPTION_PATH:
    case OPTION_CONFIG:
        return VALUE_FILE;
    case OPTION_TEXT: /* the others are words of the user's own */
        return strcmp(row->argument, "FILE") == 0 || strcmp(row->argument, "DIR") == 0 ||
                       strcmp(row->argument, "NAME") == 0
                   ? VALUE_FILE
                   : VALUE_ANY;
    default:
        return VALUE_ANY;
    }
}

/* The words of a VALUE_WORDS option, one blank between. */
static void put_words(const OptionRow *row, Buf *out) {
    const char *blank = "";
    for (u32 i = 0; row->choices && row->choices[i]; i++, blank = " ")
        buf_printf(out, "%s%s", blank, row->choices[i]);
    for (const ReportFormat *f = report_formats(); row->kind == OPTION_FORMAT && f->name;
         f++, blank = " ")
        buf_printf(out, "%s%s", blank, f->name);
    for (u32 v = 0; row->kind == OPTION_VERSIONS && v < PYTHON_VERSIONS; v++, blank = " ")
        buf_printf(out, "%s%s", blank, version_text((PythonVersion)v));
}

static void put_codes(Buf *out) {
    u32 n;
    const RuleEntry *all = rules_all(&n);
    buf_text(out, "ALL");
    for (u32 i = 0; i < n; i++) buf_printf(out, " %s %s", all[i].rule->code, all[i].rule->name);
}

static void put_keys(Buf *out) {
    u32 n, k = 0;
    const OptionRow *rows = options_all(&n);
    for (u32 i = 0; i < n; i++)
        if (rows[i].key != NO_KEY)
            buf_printf(out, "%s%.*s", k++ ? " " : "", STR_ARG(option_key(&rows[i])));
}

static void put_commands(Buf *out) {
    for (u32 i = 0; i < COMMAND_COUNT; i++)
        buf_printf(out, "%s%s", i ? " " : "", command_row((Command)i)->name);
}

/* What the words of a command are, when they are no files. */
static bool put_command_words(Command command, Buf *out) {
    if (command == COMMAND_RULE)
        put_codes(out);
    else if (command == COMMAND_CONFIG)
        put_keys(out);
    else if (command == COMMAND_HELP)
        put_commands(out);
    else if (command == COMMAND_GENERATE)
        buf_text(out, "man bash zsh fish");
    return command == COMMAND_RULE || command == COMMAND_CONFIG || command == COMMAND_HELP ||
           command == COMMAND_GENERATE;
}

static void put_names(const OptionRow *row, const char *separator, Buf *out) {
    if (row->letter) buf_printf(out, "-%c%s", row->letter, separator);
    buf_printf(out, "--%s", row->name);
}

/* ---- bash ---- */

static void bash_values(Buf *out) {
    u32 n;
    const OptionRow *rows = options_all(&n);
    for (u32 i = 0; i < n; i++) {
        ValueKind kind = value_kind(&rows[i]);
        if (!rows[i].commands || kind == VALUE_NONE) continue;
        buf_text(out, "    ");
        put_names(&rows[i], "|", out);
        buf_text(out, ")");
        if (kind == VALUE_WORDS) {
            buf_text(out, " _limpet_words \"");
            put_words(&rows[i], out);
            buf_text(out, "\"");
        } else if (kind == VALUE_CODES) {
            buf_text(out, " _limpet_words \"$codes\"");
        } else if (kind == VALUE_FILE) {
            buf_text(out, " _limpet_files");
        }
        buf_text(out, kind == VALUE_ANY ? " return ;;\n" : "; return ;;\n");
    }
}

static void bash_commands(Buf *out) {
    u32 n;
    const OptionRow *rows = options_all(&n);
    for (u32 c = 0; c < COMMAND_COUNT; c++) {
        buf_printf(out, "    %s)\n        options=\"", command_row((Command)c)->name);
        for (u32 i = 0, k = 0; i < n; i++) {
            if (!(rows[i].commands & 1u << c)) continue;
            buf_text(out, k++ ? " " : "");
            put_names(&rows[i], " ", out);
        }
        buf_text(out, "\"\n        words=\"");
        put_command_words((Command)c, out);
        buf_text(out, "\" ;;\n");
    }
}

void generate_bash(Buf *out) {
    buf_text(out, "# Completion of limpet for bash, made by 'limpet generate bash'.\n"
                  "# The last one of words that are separated by commas is completed.\n"
                  "_limpet_words() {\n"
                  "    local done=\"\"\n"
                  "    [[ $cur == *,* ]] && done=\"${cur%,*},\"\n"
                  "    COMPREPLY=($(compgen -P \"$done\" -W \"$1\" -- \"${cur##*,}\"))\n"
                  "}\n\n_limpet_files() {\n"
                  "    mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
                  "}\n\n_limpet() {\n    local commands=\"");
    put_commands(out);
    buf_text(out, "\"\n    local codes=\"");
    put_codes(out);
    buf_text(out,
             "\"\n"
             "    local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD - 1]}\"\n"
             "    local command=check is_first=1 options words i\n"
             "    COMPREPLY=()\n"
             "    # '--option=value' is three words here\n"
             "    if [[ $cur == = ]]; then\n        cur=\"\"\n"
             "    elif [[ $prev == = ]]; then\n        prev=\"${COMP_WORDS[COMP_CWORD - 2]}\"\n"
             "    fi\n"
             "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
             "        [[ ${COMP_WORDS[i]} == -* ]] && continue\n"
             "        is_first=0\n"
             "        [[ \" $commands \" == *\" ${COMP_WORDS[i]} \"* ]] && "
             "command=\"${COMP_WORDS[i]}\"\n"
             "        break\n    done\n    case $prev in\n");
    bash_values(out);
    buf_text(out, "    esac\n    case $command in\n");
    bash_commands(out);
    buf_text(out, "    esac\n"
                  "    if [[ $cur == -* ]]; then\n"
                  "        COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
                  "    elif [[ -n $words ]]; then\n        _limpet_words \"$words\"\n"
                  "    else\n        _limpet_files\n"
                  "        ((is_first)) && COMPREPLY+=($(compgen -W \"$commands\" -- \"$cur\"))\n"
                  "    fi\n}\n\ncomplete -o filenames -F _limpet limpet\n");
}

/* ---- zsh ---- */

/* Inside of single quotes and of brackets in a specification of _arguments. */
static void zsh_text(const char *text, Buf *out) {
    for (; *text; text++) {
        if (*text == '\'')
            buf_text(out, "'\\''");
        else if (strchr("[]:\\", *text))
            buf_printf(out, "\\%c", *text);
        else
            buf_char(out, *text);
    }
}

static void zsh_action(const OptionRow *row, Buf *out) {
    ValueKind kind = value_kind(row);
    if (kind == VALUE_NONE) return;
    buf_char(out, ':');
    zsh_text(row->argument, out);
    buf_char(out, ':');
    if (kind == VALUE_WORDS) {
        buf_text(out, "_values -s , word ");
        put_words(row, out);
    } else if (kind == VALUE_CODES) {
        buf_text(out, "_limpet_codes");
    } else if (kind == VALUE_FILE) {
        buf_text(out, "_files");
    }
}

static void zsh_option(const OptionRow *row, Buf *out) {
    bool has_value = value_kind(row) != VALUE_NONE;
    for (u32 is_long = row->letter ? 0 : 1; is_long < 2; is_long++) {
        buf_text(out, " \\\n            '*");
        if (is_long)
            buf_printf(out, "--%s%s", row->name, has_value ? "=" : "");
        else
            buf_printf(out, "-%c%s", row->letter, has_value ? "+" : "");
        buf_char(out, '[');
        zsh_text(row->help, out);
        buf_char(out, ']');
        zsh_action(row, out);
        buf_char(out, '\'');
    }
}

static void zsh_command(Command command, Buf *out) {
    u32 n;
    const OptionRow *rows = options_all(&n);
    buf_printf(out, "    %s)\n        _arguments -s", command_row(command)->name);
    for (u32 i = 0; i < n; i++)
        if (rows[i].commands & 1u << command) zsh_option(&rows[i], out);
    buf_text(out, " \\\n            '*:word:");
    Buf words = {.arena = out->arena};
    if (command == COMMAND_RULE)
        buf_text(out, "_limpet_codes");
    else if (put_command_words(command, &words))
        buf_printf(out, "(%.*s)", STR_ARG(buf_get(&words)));
    else
        buf_text(out, "_limpet_first");
    buf_text(out, "' ;;\n");
}

void generate_zsh(Buf *out) {
    buf_text(out,
             "#compdef limpet\n# Completion of limpet for zsh, made by 'limpet generate zsh'.\n\n"
             "_limpet_codes() {\n    local -a codes=(");
    put_codes(out);
    buf_text(out, ")\n    _values -s , rule $codes\n}\n\n_limpet_first() {\n"
                  "    local -a commands=(\n");
    for (u32 i = 0; i < COMMAND_COUNT; i++) {
        buf_printf(out, "        '%s:", command_row((Command)i)->name);
        zsh_text(command_row((Command)i)->summary, out);
        buf_text(out, "'\n");
    }
    buf_text(out, "    )\n    ((CURRENT == 2)) && _describe command commands\n    _files\n}\n\n"
                  "_limpet() {\n    local command=check word\n"
                  "    for word in ${words[2,CURRENT-1]}; do\n        case $word in\n        ");
    for (u32 i = 0; i < COMMAND_COUNT; i++)
        buf_printf(out, "%s%s", i ? "|" : "", command_row((Command)i)->name);
    buf_text(out, ") command=$word; break ;;\n        -*) ;;\n        *) break ;;\n        esac\n"
                  "    done\n    case $command in\n");
    for (u32 i = 0; i < COMMAND_COUNT; i++) zsh_command((Command)i, out);
    buf_text(out, "    esac\n}\n\n_limpet \"$@\"\n");
}

/* ---- fish ---- */

/* Inside of single quotes. */
static void fish_text(const char *text, Buf *out) {
    for (; *text; text++) {
        if (*text == '\'' || *text == '\\') buf_char(out, '\\');
        buf_char(out, *text);
    }
}

static void fish_condition(u32 commands, Buf *out) {
    if (commands == ON_ALL) return;
    buf_text(out, " -n '");
    if (commands & ON_CHECK) {
        buf_text(out, "not __fish_seen_subcommand_from");
        for (u32 i = 0; i < COMMAND_COUNT; i++)
            if (!(commands & 1u << i)) buf_printf(out, " %s", command_row((Command)i)->name);
    } else {
        buf_text(out, "__fish_seen_subcommand_from");
        for (u32 i = 0; i < COMMAND_COUNT; i++)
            if (commands & 1u << i) buf_printf(out, " %s", command_row((Command)i)->name);
    }
    buf_char(out, '\'');
}

static void fish_option(const OptionRow *row, Buf *out) {
    ValueKind kind = value_kind(row);
    buf_text(out, "complete -c limpet");
    fish_condition(row->commands, out);
    if (row->letter) buf_printf(out, " -s %c", row->letter);
    buf_printf(out, " -l %s", row->name);
    if (kind == VALUE_FILE) buf_text(out, " -r");
    if (kind == VALUE_ANY) buf_text(out, " -x");
    if (kind == VALUE_WORDS || kind == VALUE_CODES) {
        buf_text(out, " -x -a '");
        if (kind == VALUE_WORDS)
            put_words(row, out);
        else
            put_codes(out);
        buf_char(out, '\'');
    }
    buf_text(out, " -d '");
    fish_text(row->help, out);
    buf_text(out, "'\n");
}

void generate_fish(Buf *out) {
    u32 n;
    const OptionRow *rows = options_all(&n);
    buf_text(out, "# Completion of limpet for fish, made by 'limpet generate fish'.\n");
    for (u32 i = 0; i < COMMAND_COUNT; i++) {
        const CommandRow *row = command_row((Command)i);
        buf_printf(out, "complete -c limpet -n __fish_use_subcommand -a %s -d '", row->name);
        fish_text(row->summary, out);
        buf_text(out, "'\n");
        Buf words = {.arena = out->arena};
        if (!put_command_words((Command)i, &words)) continue;
        buf_printf(out, "complete -c limpet -n '__fish_seen_subcommand_from %s' -f -a '%.*s'\n",
                   row->name, STR_ARG(buf_get(&words)));
    }
    for (u32 i = 0; i < n; i++)
        if (rows[i].commands) fish_option(&rows[i], out);
}
