/* libFuzzer entry: any bytes through decode, parse, extract, freeze, validate and print. */
#include "extract_once.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size) {
    /* A worker for each input: state left behind by one input must not explain the next one's
     * crash. */
    PythonWorker *worker = python_worker_new();
    Arena scratch = {0};
    extract_once(worker, &scratch, (Str){(const char *)data, (u32)size});
    arena_free(&scratch);
    python_worker_free(worker);
    return 0;
}
