/* Any bytes as the text of a configuration file: the keys, the specifiers of versions; and as a
 * line of a script. */
#include "config/interpreter.h"
#include "config/keys.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size > 1 << 16) return 0;
    Arena arena = {0};
    Str text = str_copy(&arena, (Str){(const char *)data, (u32)size}), error;
    ConfigSource source = {.shown = STR("limpet.toml"), .folder = STR("/"), .text = text};
    KeyReader reader = {.arena = &arena, .source = &source};
    TomlValue *root;
    u32 at;
    bool is_free;
    if (toml_parse(&arena, text, &root, &error, &at))
        keys_read(&reader, root);
    else
        source_place(&arena, &source, at);
    requires_python(&arena, text, &is_free, &error);
    GilClaims claims = {.arena = &arena, .shown = STR("start.sh")};
    command_read(&claims, text);
    command_read_list(&claims, text);
    command_image(&claims, text);
    arena_free(&arena);
    return 0;
}
