/* Python source text to facts, through tree-sitter. One parse and one walk a file; the tree dies
 * here. */
#ifndef LIMPET_PYTHON_PYTHON_H
#define LIMPET_PYTHON_PYTHON_H

#include "facts/facts.h"

/* What one worker keeps between files: memory for the parser and the flattened tree. Not
 * thread-safe; one worker, one thread at a time. */
typedef struct PythonWorker PythonWorker;

PythonWorker *python_worker_new(void);
void python_worker_free(PythonWorker *worker);

/* Parses `text` (valid UTF-8) and fills `b`, which facts_begin has begun. Never fails: what the
 * grammar cannot read becomes FactsBuilder.errors, what exceeds the parser's bounds (memory: 256
 * times the text, at least 64 MB and at most 4 GB) sets FACTS_STOPPED. `text` may be dropped
 * afterwards; strings are copied. */
void python_extract(PythonWorker *worker, Str text, bool is_stub, FactsBuilder *b);

/* Parses only, as python_extract does, and returns the number of nodes: for `make bench`. */
u32 python_parse_only(PythonWorker *worker, Str text);

#endif
