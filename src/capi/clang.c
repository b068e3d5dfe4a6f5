#include "capi/clang.h"

#ifdef HAS_CLANG
#include <dlfcn.h>
#include <string.h>

/* 19 is what limpet is tested with; the others share what is used of it. */
static const char *const libraries[] = {
    "libclang-19.so.19", "libclang-19.so.1", "libclang-22.so.22", "libclang-22.so.1",
    "libclang-21.so.21", "libclang-21.so.1", "libclang-20.so.20", "libclang-20.so.1",
    "libclang-18.so.18", "libclang-18.so.1", "libclang-17.so.17", "libclang-17.so.1",
    "libclang.so.19",    "libclang.so",
};

static bool load_from(Clang *clang, const char *name) {
    clang->library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!clang->library) return false;
    bool ok = true;
    void *symbol;
#define X(name)                                     \
    symbol = dlsym(clang->library, "clang_" #name); \
    ok &= symbol != NULL;                           \
    memcpy(&clang->name, &symbol, sizeof symbol);
    CLANG_FUNCTIONS(X)
#undef X
    if (!ok) dlclose(clang->library);
    return ok;
}

bool clang_load(Clang *clang, Arena *arena, Str *error) {
    for (u32 i = 0; i < ARRAY_LEN(libraries); i++)
        if (load_from(clang, libraries[i])) return true;
    *error = str_format(arena, "libclang 19 is not installed (Debian: libclang1-19)");
    return false;
}

Str clang_text(const Clang *clang, Arena *arena, CXString text) {
    const char *c = clang->getCString(text);
    Str out = str_copy(arena, str_from(c ? c : ""));
    clang->disposeString(text);
    return out;
}
#endif

bool clang_is_built_in(void) {
#ifdef HAS_CLANG
    return true;
#else
    return false;
#endif
}
