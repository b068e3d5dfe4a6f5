/* What branches say, of the uses of a container above all; beside model.h. */
#ifndef LIMPET_GRAPH_GUARD_H
#define LIMPET_GRAPH_GUARD_H

#include "graph/model.h"

/* Does a test say what is asked when it comes out as `outcome`? One that has let the operation run:
 * of a branch around it, or of an exit before it. */
typedef bool TestSays(const void *context, const Op *test, bool outcome);
bool branch_says(const Facts *f, OpId at, TestSays *says, const void *context);
/* The same of the end of the function, by the exits before it. */
bool end_says(const Facts *f, ScopeId function, TestSays *says, const void *context);
/* `[]`, `dict()`: a container with nothing in it. */
bool is_made_empty(const Graph *g, u32 file, PathId value);
/* `x[key] = []` of an entry that is there, as the caller knows or the function shows: what was in
 * it goes. */
bool empties_entry(const Graph *g, u32 file, u32 store, bool is_there);
/* It adds the key or element only when the container, as a test says, has it not. */
bool admits_once(const Graph *g, u32 file, u32 op_index, u32 container, PathId key);
/* The operation runs only when the mapping, as it is written, has no entry for the key: `key not in
 * x`, or what `x.get(key)` gave is None. */
bool lacks_entry(const Graph *g, OpRef at, PathId held, PathId key);
/* Something between the two operations binds the variable, or stores to the path (pair.c). */
bool is_bound_between(const Facts *f, PathId path, u32 first, u32 end);
/* What one function adds, itself or by a helper that it calls. */
typedef struct EntrySite {
    const Change *added;
    OpRef add; /* in the function */
    bool by_call;
    const PathId *keys; /* by which the function knows the entry */
    u32 n_keys;
} EntrySite;
/* The tests behind it that say by one outcome that the table has no such entry: `key not in table`,
 * `table.get(key) is None`, the result of a getter of the project. At most `most` (absent.c). */
u32 entry_absences(const Graph *g, const Holding *h, const EntrySite *e, Impossible *out, u32 most);
/* The function has bound a fresh container before it, on every way to it: `jobs = []`, then
 * `jobs.append(…)`, at most in a `for` of its own. */
bool is_made_anew(const Graph *g, OpRef op, u32 container);
/* All who call the function, but tests, have found the container empty, or have just made it: it
 * fills it once. At a level below the container only the latter counts. */
bool is_called_while_empty(const Graph *g, ScopeRef function, u32 container, u32 level);
/* Does the comparison of `length`, which is `len(container)`, keep the container small? Not when it
 * asks whether there is an entry to read or set, or any at all, and nothing that adds comes after
 * it in the function (measured.c). */
bool length_is_bound(const Graph *g, u32 file, u32 at, PathId length, PathId container);
/* The removal (number in c->uses) takes out only what its function has just looked up, when that is
 * too old: `if expires < time.time(): del table[key]` (expired.c). */
bool removes_what_is_asked_for(const Graph *g, const Container *c, u32 removal);

#endif
