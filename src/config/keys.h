/* The table of a configuration file, key by key. */
#ifndef LIMPET_CONFIG_KEYS_H
#define LIMPET_CONFIG_KEYS_H

#include "config/toml.h"
#include "config/value.h"

/* A configuration file, or one assignment of --config. */
typedef struct ConfigSource {
    Str shown;  /* "app/limpet.toml"; "--config 'key = value'" */
    Str folder; /* absolute, without symlinks: what its paths are relative to */
    Str text;
    u32 *lines; /* of the text; NULL: not looked at yet */
    u32 n_lines;
    bool is_typed;     /* an assignment: messages have no line */
    bool is_pyproject; /* the keys are in [tool.limpet] */
} ConfigSource;

/* Where an offset of the source is, as origin ("app/limpet.toml:3") and as the beginning of a
 * message ("app/limpet.toml:3:1"). */
Str source_origin(Arena *arena, ConfigSource *source, u32 at);
Str source_place(Arena *arena, ConfigSource *source, u32 at);

typedef struct KeyReader {
    Arena *arena;
    ConfigSource *source;
    u32 layer;
    VEC(Given) given;
    StrList problems; /* the first twenty */
    Str extend;       /* as written; empty: none */
    u32 extend_at;
} KeyReader;

/* Reads all keys of the table; what is wrong is added to the problems and left out. */
void keys_read(KeyReader *r, const TomlValue *table);

#endif
