/* What limpet does with one file up to its frozen facts, in one call: for drivers that feed hostile
 * bytes. */
#ifndef LIMPET_TESTS_FUZZ_EXTRACT_ONCE_H
#define LIMPET_TESTS_FUZZ_EXTRACT_ONCE_H

#include "facts/facts.h"
#include "python/python.h"
#include "source/source.h"

#include <stdlib.h>

/* Decodes, parses, extracts, freezes, validates and prints `bytes`. Returns the number of bytes
 * printed; a block that its own validation refuses is a broken invariant and panics. */
static inline u32 extract_once(PythonWorker *worker, Arena *scratch, Str bytes) {
    ArenaMark mark = arena_mark(scratch);
    Source source = source_decode(bytes, scratch);
    FactsBuilder builder = {0};
    facts_begin(&builder, scratch);
    python_extract(worker, source.text, false, &builder);
    Facts frozen = facts_freeze(&builder), viewed = {0};
    REQUIRE(facts_view(frozen.block, frozen.block_size, &viewed));
    Buf out = {.arena = scratch};
    facts_print(&viewed, &out);
    u32 printed = out.n;
    free((void *)(uintptr_t)frozen.block);
    arena_rewind(scratch, mark);
    return printed;
}

#endif
