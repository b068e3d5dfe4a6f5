/* Values of options, from text and from TOML, and their way into Options. */
#ifndef LIMPET_CONFIG_VALUE_H
#define LIMPET_CONFIG_VALUE_H

#include "config/config.h"
#include "config/table.h"

typedef struct OptionValue {
    bool flag;
    u64 number; /* size, number; index of a choice; bits of versions */
    Str text;
    StrList list;
    PatternCodesList patterns;
    ModelList models;
    StrList origins; /* of the elements of list, patterns or models; empty: that of the option */
} OptionValue;

struct Given {
    const OptionRow *row;
    OptionValue value;
    Str origin; /* "--select", "limpet.toml:3" */
    u32 layer;  /* 0: the defaults; each file, all assignments, the command line: one each */
};

/* Puts the value into the field of its option: lists grow, the rest is replaced. */
void value_store(Arena *arena, const OptionRow *row, const OptionValue *value, Options *options);
/* Gives the field of an option the value that it has in `from`. */
void value_reset(const OptionRow *row, const Options *from, Options *options);

/* From one word; each returns what is wrong with it, or an empty Str. */
Str value_of_choice(Arena *arena, const OptionRow *row, Str word, OptionValue *out);
Str value_of_size(Arena *arena, const OptionRow *row, Str word, OptionValue *out);
Str value_of_format(Arena *arena, Str word, OptionValue *out);
Str value_of_version(Arena *arena, Str word, OptionValue *out);

#endif
