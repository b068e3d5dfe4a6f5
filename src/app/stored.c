#include "app/stored.h"

#include "app/console.h"
#include "app/repository.h"
#include "base/path.h"
#include "os/os.h"

#include <string.h>

#define FOLDER ".limpet_cache"

/* ---- where it is ---- */

/* The top of the repository around a folder, or an empty Str. */
static Str repository_around(Arena *arena, Str folder) {
    Str at = str_copy(arena, folder);
    while (at.n && !repository_is_top(at.p)) at = path_folder(arena, at);
    return at;
}

Str stored_folder(Arena *arena, const Config *config) {
    Str wanted = config->options.cache_dir, root = config->root;
    if (!wanted.n) wanted = os_env("LIMPET_CACHE_DIR");
    if (wanted.n) return str_copy(arena, wanted);
    if (!root.n) root = repository_around(arena, config->folder);
    if (!root.n) root = os_cwd(arena);
    if (!root.n) return root; /* the working directory was removed */
    return path_join(arena, root, STR(FOLDER));
}

Cache *stored_open(Arena *arena, const Config *config) {
    const Options *o = &config->options;
    Str off = os_env("LIMPET_NO_CACHE");
    if (o->no_cache || (off.n && !str_is(off, "0") && !str_is(off, "false"))) return NULL;
    Str folder = stored_folder(arena, config);
    return folder.n ? cache_open(arena, folder, o->jobs) : NULL;
}

void stored_save(Cache *cache, bool is_verbose) {
    Str problem;
    CacheCounts counts = cache_counts(cache);
    bool ok = cache_save(cache, &problem);
    if (is_verbose)
        console_note("limpet: cache: %u found, %u missing, %u added", counts.found, counts.missed,
                     ok ? counts.added : 0);
    if (is_verbose && !ok) console_note("limpet: cache not written: %.*s", STR_ARG(problem));
}

/* ---- keys ---- */

/* All that a key is made from; no byte is left unset. */
typedef struct KeyParts {
    char build[32];
    char kind[8];
    u64 size;
    Hash128 content;
} KeyParts;

static KeyParts parts_for(const ScanFile *file, char what) {
    KeyParts parts = {0};
    memcpy(parts.build, cache_facts_build, MIN(sizeof parts.build, strlen(cache_facts_build)));
    parts.kind[0] = what;
    parts.kind[1] = file->is_c ? 'c' : str_ends(file->path, ".ipynb") ? 'n' : 'p';
    parts.kind[2] = file->is_stub;
    parts.kind[3] = FACTS_VERSION;
    return parts;
}

Hash128 stored_key(const ScanFile *file, Str bytes) {
    KeyParts parts = parts_for(file, 'f');
    parts.size = bytes.n;
    parts.content = hash_wide(bytes.p, bytes.n);
    return hash_wide(&parts, sizeof parts);
}

/* Of what the blob of a file leads to: the key of its facts. */
static Hash128 blob_key(const ScanFile *file) {
    KeyParts parts = parts_for(file, 'b');
    parts.content = hash_wide(file->blob.p, file->blob.n);
    return hash_wide(&parts, sizeof parts);
}

/* ---- pieces ---- */

/* Cells, the text of the trouble and the facts follow; the facts at a multiple of 16. */
typedef struct Piece {
    u64 bytes; /* of the file */
    u32 state;
    u32 n_cells;
    u32 trouble, trouble_at, n_trouble;
    u32 facts_at; /* 0: none */
} Piece;

_Static_assert(sizeof(Piece) == 32 && sizeof(SourceCell) == 8, "padding");

static u32 aligned(u32 size) {
    return (size + 15) & ~15u;
}

static bool is_sound(const Piece *p, u32 n) {
    u64 end = sizeof *p + (u64)p->n_cells * sizeof(SourceCell) + p->n_trouble;
    if (p->state != SCAN_READ && p->state != SCAN_GENERATED) return false;
    if (p->trouble > SOURCE_UNKNOWN_ENCODING || end > n) return false;
    if (p->state == SCAN_GENERATED) return p->facts_at == 0;
    return p->facts_at >= end && p->facts_at < n && p->facts_at % 16 == 0;
}

/* Lines of cells go up, as those that notebook_decode gives. */
static bool has_sound_cells(const SourceCell *cells, u32 n) {
    for (u32 i = 1; i < n; i++)
        if (cells[i].line <= cells[i - 1].line) return false;
    return true;
}

bool stored_take(const Scan *scan, ScanFile *file, Hash128 key, Arena *arena) {
    Str piece;
    Piece head;
    Facts facts = {0};
    if (!scan->cache || !cache_find(scan->cache, key, &piece) || piece.n < sizeof head)
        return false;
    memcpy(&head, piece.p, sizeof head);
    if (!is_sound(&head, piece.n)) return false;
    const char *cells = piece.p + sizeof head, *text = cells + head.n_cells * sizeof(SourceCell);
    file->bytes = head.bytes;
    if (head.bytes > scan->options->max_file_size) {
        file->state = SCAN_TOO_LARGE;
        return true;
    }
    if (head.facts_at && !facts_view(piece.p + head.facts_at, piece.n - head.facts_at, &facts))
        return false;
    if (head.n_cells) {
        SourceCell *copy = arena_copy(arena, cells, sizeof(SourceCell) * head.n_cells);
        if (!has_sound_cells(copy, head.n_cells)) return false;
        file->cells = copy;
        file->n_cells = head.n_cells;
    }
    file->trouble = (SourceTroubleKind)head.trouble;
    file->trouble_at = MIN(head.trouble_at, facts.text_size);
    file->trouble_text = str_copy(arena, (Str){text, head.n_trouble});
    file->facts = facts;
    file->is_stored = true;
    file->state = (ScanState)head.state;
    return true;
}

bool stored_take_blob(const Scan *scan, ScanFile *file, Arena *arena) {
    Str piece;
    Hash128 key;
    if (!scan->cache || file->is_c || !cache_find(scan->cache, blob_key(file), &piece))
        return false;
    if (piece.n != sizeof key) return false;
    memcpy(&key, piece.p, sizeof key);
    return stored_take(scan, file, key, arena);
}

void stored_keep(const Scan *scan, u32 worker, const ScanFile *file, Hash128 key, Arena *arena) {
    bool is_done = file->state == SCAN_READ || file->state == SCAN_GENERATED;
    /* what iconv knows belongs to the machine, not to the file */
    if (!scan->cache || !is_done || file->trouble == SOURCE_UNKNOWN_ENCODING) return;
    u32 cells = file->n_cells * (u32)sizeof(SourceCell);
    u32 size = aligned((u32)sizeof(Piece) + cells + file->trouble_text.n);
    bool is_read = file->state == SCAN_READ;
    Piece head = {.bytes = file->bytes,
                  .state = file->state,
                  .n_cells = file->n_cells,
                  .trouble = file->trouble,
                  .trouble_at = file->trouble_at,
                  .n_trouble = file->trouble_text.n,
                  .facts_at = is_read ? size : 0};
    char *p = arena_alloc(arena, size);
    memcpy(p, &head, sizeof head);
    if (cells) memcpy(p + sizeof head, file->cells, cells);
    if (head.n_trouble) memcpy(p + sizeof head + cells, file->trouble_text.p, head.n_trouble);
    Str body = {is_read ? file->facts.block : "", is_read ? (u32)file->facts.block_size : 0};
    if (!file->is_stored) cache_put(scan->cache, worker, key, (Str){p, size}, body, scan->is_brief);
    if (!file->blob.n) return;
    Hash128 *link = arena_copy(arena, &key, sizeof key);
    cache_put(scan->cache, worker, blob_key(file), (Str){(const char *)link, sizeof *link},
              (Str){0}, scan->is_brief);
}
