/* The one table of options: command line, help, configuration files, --show-settings and the JSON
 * Schema all read it. */
#ifndef LIMPET_CONFIG_TABLE_H
#define LIMPET_CONFIG_TABLE_H

#include "config/config.h"

typedef enum OptionKind {
    OPTION_FLAG,     /* bool */
    OPTION_ATTACHED, /* Str, whose value may only be attached by `=` and may be missing: p is not
                        NULL */
    OPTION_TEXT,     /* Str */
    OPTION_PATH,     /* Str: a file; in a configuration file relative to it, and absolute then */
    OPTION_FORMAT,   /* Str, report formats and their files */
    OPTION_LIST,     /* StrList, separated by commas; may be given again */
    OPTION_CODES,    /* StrList: words that stand for rules */
    OPTION_PATTERNS, /* StrList: globs; those with a slash are absolute, or relative to the working
                        directory when they were typed */
    OPTION_CHOICE,   /* u32, index into choices */
    OPTION_SIZE,     /* u64, bytes with K, M or G */
    OPTION_NUMBER,   /* u32, at least 1 */
    OPTION_VERSIONS, /* u32, bits of PythonVersion, separated by commas */
    OPTION_CONFIG,   /* StrList: one file or assignment each */
    /* in configuration files alone: */
    OPTION_EXTEND,        /* a path; no field */
    OPTION_PATTERN_CODES, /* PatternCodesList */
    OPTION_SYMBOLS,       /* StrList of dotted names */
    OPTION_MODELS,        /* ModelList */
} OptionKind;

enum {
    ON_NOTHING = 0,
    ON_CHECK = 1 << COMMAND_CHECK,
    ON_RULE = 1 << COMMAND_RULE,
    ON_FACTS = 1 << COMMAND_FACTS,
    ON_GRAPH = 1 << COMMAND_GRAPH,
    ON_CONFIG = 1 << COMMAND_CONFIG,
    ON_GENERATE = 1 << COMMAND_GENERATE,
    ON_CLEAN = 1 << COMMAND_CLEAN,
    ON_FILES = ON_CHECK | ON_GRAPH,
    ON_ALL = (1 << COMMAND_COUNT) - 1,
};

/* May it stand in a configuration file? */
typedef enum OptionKey {
    NO_KEY,
    KEY,         /* under its name */
    KEY_NEGATED, /* under its name without "no-", and means the opposite */
} OptionKey;

typedef struct OptionRow {
    const char *name; /* without the hyphens */
    char letter;      /* short form, or 0 */
    OptionKind kind;
    const char *argument; /* as the help shows it, or NULL */
    size_t field;         /* offset in Options */
    u32 commands;         /* ON_* */
    OptionKey key;
    const char *const *choices;
    const char *help;
} OptionRow;

typedef struct CommandRow {
    const char *name;
    const char *usage;
    const char *summary;
    const char *notes; /* after the options, or NULL */
    u32 words_max;     /* words that it takes beside its options */
} CommandRow;

const OptionRow *options_all(u32 *n);
const CommandRow *command_row(Command command);

/* By its long or short form, or NULL. */
const OptionRow *option_named(Str name);
const OptionRow *option_lettered(char letter);

/* What is in force when nothing is said. */
Options options_default(void);

/* The key of a configuration file, or an empty Str. */
Str option_key(const OptionRow *row);
/* The row of a key, or NULL. */
const OptionRow *option_of_key(Str key);
/* `extend-…`: adds to what is there instead of replacing it. */
bool option_extends(const OptionRow *row);

/* A paragraph whose lines begin behind `indent` spaces. */
void help_paragraph(const char *text, u32 indent, Buf *out);

#endif
