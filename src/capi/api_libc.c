/* Allocators of the C library, and functions that do not return. See api.h for the columns.
 *
 * Sources: ISO C11, POSIX.1, the manual of the GNU C library. */
#include "capi/api.h"
#include "capi/api_tables.h"

/* clang-format off: one row a line */
static const ApiRow rows[] = {
    /* name, result, arguments, traits, since, until, source */
    {"_Exit", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"__assert_fail", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"__builtin_abort", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"__builtin_trap", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"__builtin_unreachable", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"__strdup", API_MEMORY, "", API_NULL_SILENT | API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0,
     API_DOC},
    {"__strndup", API_MEMORY, "", API_NULL_SILENT | API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0,
     API_DOC},
    {"_exit", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"_longjmp", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"abort", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"aligned_alloc", API_MEMORY, "", API_NULL_SILENT | API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0,
     API_DOC},
    {"asprintf", API_PLAIN, "a", API_NEGATIVE | API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0, API_DOC},
    {"calloc", API_MEMORY, "", API_NULL_SILENT | API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0,
     API_DOC},
    {"cfree", API_PLAIN, "m", API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0, API_DOC},
    {"err", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"errx", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"exit", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"free", API_PLAIN, "m", API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0, API_DOC},
    {"get_current_dir_name", API_MEMORY, "", API_NULL_SILENT | API_GIL_FREE | API_OF(API_FAMILY_C),
     0, 0, API_DOC},
    {"longjmp", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"malloc", API_MEMORY, "", API_NULL_SILENT | API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0,
     API_DOC},
    {"memalign", API_MEMORY, "", API_NULL_SILENT | API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0,
     API_DOC},
    {"pthread_exit", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"quick_exit", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"realloc", API_MEMORY, "M", API_NULL_SILENT | API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0,
     API_DOC},
    {"reallocarray", API_MEMORY, "M", API_NULL_SILENT | API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0,
     API_DOC},
    {"siglongjmp", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"strdup", API_MEMORY, "", API_NULL_SILENT | API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0,
     API_DOC},
    {"strndup", API_MEMORY, "", API_NULL_SILENT | API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0,
     API_DOC},
    {"tempnam", API_MEMORY, "", API_NULL_SILENT | API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0,
     API_DOC},
    {"valloc", API_MEMORY, "", API_NULL_SILENT | API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0,
     API_DOC},
    {"vasprintf", API_PLAIN, "a", API_NEGATIVE | API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0,
     API_DOC},
    {"verr", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"verrx", API_PLAIN, "", API_NORETURN | API_GIL_FREE, 0, 0, API_DOC},
    {"wcsdup", API_MEMORY, "", API_NULL_SILENT | API_GIL_FREE | API_OF(API_FAMILY_C), 0, 0,
     API_DOC},
};
/* clang-format on */

const ApiTable api_libc = {"libc", rows, ARRAY_LEN(rows)};
