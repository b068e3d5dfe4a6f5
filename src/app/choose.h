/* Which rules are wanted of which file: selection and per-file ignores of the command line and of
 * the configuration that is nearest to each file. */
#ifndef LIMPET_APP_CHOOSE_H
#define LIMPET_APP_CHOOSE_H

#include "app/scan.h"
#include "config/config.h"
#include "rule/rule.h"

/* Selects for all files of the scan; the result lies in `arena`. Returns false with a message when
 * a word of the command line stands for no rule. Problems of configurations inside of the project
 * are added to config->problems. */
bool choose_rules(Arena *arena, Config *config, const Scan *scan, Selection *out, Str *error);

#endif
