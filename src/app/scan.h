/* From paths to facts: the steps discover, read, parse, extract and link, which the commands share.
 */
#ifndef LIMPET_APP_SCAN_H
#define LIMPET_APP_SCAN_H

#include "app/discover.h"
#include "cache/cache.h"
#include "capi/capi.h"
#include "config/config.h"
#include "facts/facts.h"
#include "graph/graph.h"
#include "source/source.h"

typedef enum ScanState {
    SCAN_FOUND,      /* not read yet */
    SCAN_UNREADABLE, /* the world's fault: `problem` says why */
    SCAN_READ,       /* facts are there */
    SCAN_TOO_LARGE,  /* above --max-file-size */
    SCAN_GENERATED,  /* marked as @generated */
    SCAN_BROKEN,     /* limpet's fault: `problem` says what broke */
} ScanState;

typedef struct ScanFile {
    Str path; /* as shown */
    Str real_path;
    bool is_stub;
    bool is_c;
    bool is_fragment; /* C that is read as a part of the units that include it */
    bool is_stdin;
    Str blob;         /* id of its content in git; empty: it is read from disk */
    bool is_borrowed; /* its facts belong to another scan, which lives longer */
    bool is_stored;   /* its facts lie in the cache */
    ScanState state;
    Facts facts;         /* for SCAN_READ; its block is given back by scan_free */
    CUnit unit;          /* of a C file; zeroed when it could not be had: then `lapse` says why */
    bool is_unit_stored; /* it lies in the cache */
    Str lapse;
    u64 bytes;               /* as read from disk */
    const SourceCell *cells; /* of a notebook */
    u32 n_cells;
    Str problem;
    SourceTroubleKind trouble; /* undecodable bytes */
    u32 trouble_at;
    Str trouble_text;
} ScanFile;

typedef struct Scan {
    const Options *options;
    Arena *arena;    /* run arena: all lives in it but the facts and the workers' texts */
    Discovery found; /* what discovery said, problems included */
    ScanFile *files; /* sorted by path; the index is the file id */
    u32 n;
    Cache *cache;          /* of facts, or NULL; set after discovery, and lives longer */
    Hash128 listed;        /* of all paths and blobs, of a state that git keeps */
    bool is_brief;         /* the scan ends before the cache is saved */
    struct Native *native; /* what reading C needs, or NULL */
    Str stdin_text;        /* decoded, when a file is_stdin: no report can read it again */
    Arena *worker_arenas;  /* texts of problems */
    u32 workers;
    bool is_part; /* named files or standard input are among them: the project may be more */
} Scan;

/* discover: the words of the command line become the sorted list of files. */
/* What discovery is asked for; paths and lists in the arena. */
DiscoverOptions scan_wish(Arena *arena, const Options *options);
/* The same for files that were found by other means. */
void scan_take(Scan *scan, Arena *arena, const Options *options, Discovery found);
void scan_discover(Scan *scan, Arena *arena, const Options *options);

/* read, parse, extract: each file in a worker, in parallel. Afterwards no facts are added. False
 * with a message when git cannot give the blobs. */
bool scan_read(Scan *scan, Str *error);

/* link: the graph of all files, in the run arena. */
Graph *scan_link(Scan *scan);

/* Facts by file id, NULL where there are none. In the run arena. */
const Facts *const *scan_facts(const Scan *scan);

/* Real paths by file id. In the run arena. */
Str *scan_real_paths(const Scan *scan);

/* Prints what the world did wrong (paths that cannot be read) on stderr, one line each, and returns
 * how many lines that were. */
u32 scan_complain(const Scan *scan);

/* Gives back facts and problems; the graph must not be asked any more. */
void scan_free(Scan *scan);

#endif
