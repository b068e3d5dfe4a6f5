/* Hostile bytes as a facts block: refused, or sound enough to be read whole.
 *
 * Input is what facts_freeze writes (start from real blocks). Built with -fsanitize=fuzzer,address.
 */
#include "facts/facts.h"

#include "../unit/facts_walk.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    /* an aligned copy of exactly this size, so that the sanitizer sees its end */
    void *block = malloc(size ? size : 1);
    if (!block) return 0;
    if (size) memcpy(block, data, size);
    Facts f;
    if (facts_view(block, size, &f)) {
        Arena arena = {0};
        facts_walk(&f, &arena);
        arena_free(&arena);
    }
    free(block);
    return 0;
}
