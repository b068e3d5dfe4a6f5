/* Headers of C++'s own library: most of the time that a unit in C++ takes goes into reading them.
 */
#include "capi/capi.h"

#include <assert.h>

static const char *const headers[] = {
    "algorithm",     "any",          "array",      "atomic",
    "bitset",        "charconv",     "chrono",     "condition_variable",
    "deque",         "exception",    "filesystem", "forward_list",
    "fstream",       "functional",   "future",     "initializer_list",
    "iomanip",       "ios",          "iosfwd",     "iostream",
    "istream",       "iterator",     "limits",     "list",
    "locale",        "map",          "memory",     "mutex",
    "new",           "numeric",      "optional",   "ostream",
    "queue",         "random",       "ratio",      "regex",
    "set",           "shared_mutex", "span",       "sstream",
    "stack",         "stdexcept",    "streambuf",  "string",
    "string_view",   "system_error", "thread",     "tuple",
    "type_traits",   "typeindex",    "typeinfo",   "unordered_map",
    "unordered_set", "utility",      "valarray",   "variant",
    "vector",
};

static_assert(ARRAY_LEN(headers) <= 64, "a set is 64 bits");

u64 cstandard_bit(Str name) {
    for (u32 i = 0; i < ARRAY_LEN(headers); i++)
        if (str_is(name, headers[i])) return (u64)1 << i;
    return 0;
}

Str cstandard_text(Arena *arena, u64 set) {
    Buf out = {.arena = arena};
    buf_text(&out,
             "#ifndef LIMPET_STANDARD\n#define LIMPET_STANDARD\n#if __cplusplus >= 201103L\n");
    for (u32 i = 0; i < ARRAY_LEN(headers); i++)
        if (set >> i & 1)
            buf_printf(&out, "#if __has_include(<%s>)\n#include <%s>\n#endif\n", headers[i],
                       headers[i]);
    buf_text(&out, "#endif\n#endif\n");
    return buf_get(&out);
}
