/* What acquires something that has to be released, and how it is released. */
#include "know/know.h"
#include "know/table.h"

/* clang-format off: one row a line */
static const ResourceRow resources[] = {
    /* name, origin, kind, methods that release it */
    {"builtins.open", ORIGIN_STDLIB, RESOURCE_FILE, "close"},
    {"socket.socket", ORIGIN_STDLIB, RESOURCE_SOCKET, "close,detach"},
    {"sqlite3.connect", ORIGIN_STDLIB, RESOURCE_CONNECTION, "close"},
};
/* clang-format on */

const ResourceRow *know_resource(Str canonical) {
    u32 i = table_find(resources, ARRAY_LEN(resources), sizeof *resources, canonical);
    return i < ARRAY_LEN(resources) ? &resources[i] : NULL;
}

const char *resource_text(ResourceKind kind) {
    static const char *const TEXTS[] = {
        "resource",  "file", "socket",         "process", "thread",     "executor", "connection",
        "lock file", "mmap", "temporary file", "server",  "event loop", "handler",  "memory"};
    return TEXTS[kind];
}

const ResourceRow *know_resources(u32 *n) {
    *n = ARRAY_LEN(resources);
    return resources;
}
