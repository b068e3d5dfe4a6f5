/* Fallbacks that never run (rule/fallback.c). */
#ifndef LIMPET_RULE_FALLBACK_H
#define LIMPET_RULE_FALLBACK_H

#include "graph/graph.h"

/* Does the place lie in an `except ImportError:` whose `try` only imports what the standard library
 * has in all versions that the file is meant for? `targets` as of rule_targets; 0: not said. *name
 * is what is imported, in the facts of the file. */
bool is_dead_fallback(const Graph *g, Place place, u32 targets, Str *name);

#endif
