/* Which files a unit was read from: what was found holds as long as they stay as they are. */
#include "capi/front.h"

#ifdef HAS_CLANG

#include <dlfcn.h>

static void visit(CXFile file, CXSourceLocation *stack, unsigned depth, CXClientData data) {
    (void)stack;
    Front *f = data;
    if (!depth || !file) return; /* the main file */
    Str path = clang_text(f->clang, f->arena, f->clang->getFileName(file));
    if (!str_eq(path, f->path)) vec_push(f->arena, &f->includes, (CInclude){front_string(f, path)});
}

void front_includes(Front *f) {
    Dl_info library;
    void *symbol;
    f->clang->getInclusions(f->unit, visit, f);
    memcpy(&symbol, &f->clang->getInclusions, sizeof symbol);
    if (dladdr(symbol, &library) && library.dli_fname)
        vec_push(f->arena, &f->includes, (CInclude){front_string(f, str_from(library.dli_fname))});
}

#endif
