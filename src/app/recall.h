/* The known findings of a state that git keeps, from the cache: the staged side of one run is HEAD
 * of the next, which then has one state to link and not two. */
#ifndef LIMPET_APP_RECALL_H
#define LIMPET_APP_RECALL_H

#include "app/known.h"

/* Names the state of an analysis whose files are found and whose rules are chosen: all paths with
 * their blobs, what C was read from, what is selected of each, the settings, and this very limpet.
 * False for a state that has no name: files on disk, and C of which the cache does not know all. */
bool recall_key(const Analysis *a, Hash128 *key);

/* The list of known_of with real paths, in the arena; false when it is not known. */
bool recall_take(Cache *cache, Hash128 key, Arena *arena, KnownList *known);
void recall_keep(Cache *cache, Hash128 key, Arena *arena, const KnownList *known);

/* Is each finding of `now` one of `then` in all that names it? Both sorted. */
bool recall_covers(const KnownList *then, const KnownList *now);

#endif
