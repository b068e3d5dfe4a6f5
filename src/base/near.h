/* How far two words are from each other: for "did you mean …?". */
#ifndef LIMPET_BASE_NEAR_H
#define LIMPET_BASE_NEAR_H

#include "base/str.h"

/* Number of letters to insert, delete, replace or swap with their neighbour to make one word of the
 * other, ignoring ASCII case (restricted Damerau-Levenshtein distance). Words of more than 63 bytes
 * are infinitely far: UINT32_MAX. */
u32 near_distance(Str a, Str b);

/* Keeps `candidate` in *best when it is nearer to `word` than what is there, and near enough to be
 * a slip: a third of the word at most. Begin with *best empty. */
void near_keep(Str word, Str candidate, Str *best);

/* True when both are the same word but for ASCII case. */
bool near_equal(Str a, Str b);

#endif
