/* Fingerprints: what makes a finding of this run the same as one of an earlier run, or of another
 * revision. Rule, scope, subject and an ordinal among equals; never a line, a path or the name of a
 * module, so that edits, moved files and renamed packages change none.
 *
 * An identity is told apart from a fingerprint: several findings may share an identity (two
 * appends to one list in one function), each has a fingerprint of its own in a run. */
#ifndef LIMPET_FINDING_FINGERPRINT_H
#define LIMPET_FINDING_FINGERPRINT_H

#include "base/map.h"
#include "finding/finding.h"

/* The names of all modules of a run, by hash. Zeroed: none. */
typedef struct ModuleNames {
    Map known;
} ModuleNames;

void module_names_add(Arena *arena, ModuleNames *names, Str name);

/* `text` with the module taken off the front of every dotted name that begins with one:
 * "app.cache.Store.items" of the module app.cache is "Store.items". The longest module counts. A
 * name that is nothing but `own`, the module of the finding, becomes "<module>"; one that is
 * another module stays. In the arena. */
Str fingerprint_local(Arena *arena, const ModuleNames *names, Str own, Str text);

/* A scope without its own module; "<module>" for the module itself. A part of `scope`. */
Str fingerprint_scope(Str own, Str scope);

/* Hash of rule, local scope and local subject: the identity. */
u64 fingerprint_identity(Str code, Str scope, Str subject);

/* Sets identity and fingerprint of sorted findings whose local_scope and local_subject are there;
 * the ordinal counts equal identities in their order. */
void fingerprint_all(Findings *findings);

#endif
