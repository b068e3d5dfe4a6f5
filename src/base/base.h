/* Basic types and the two ways to stop. Everything includes this header.
 *
 * Conventions of the whole code base: zeroed memory is a valid empty value of every type; id 0
 * means none; lengths and offsets in one file are 32-bit bytes. */
#ifndef LIMPET_BASE_BASE_H
#define LIMPET_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int64_t i64;

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#if defined(__GNUC__)
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))
#else
#define PRINTF_LIKE(fmt, args)
#define NORETURN
#define UNUSED
#endif

/* Prints "limpet: internal failure: ..." as one line on stderr and exits with status 2. For broken
 * invariants and exhausted memory, never for anything that input can cause. */
NORETURN void base_panic(const char *format, ...) PRINTF_LIKE(1, 2);

/* Calls task(context) and returns true; false when the task panicked, with what it said in
 * `message` (cut to `size` bytes with its NUL). For work on one input that must not take the run
 * with it: the task's own data is not to be trusted afterwards. Attempts of one thread do not nest.
 */
bool base_attempt(void (*task)(void *), void *context, char *message, size_t size);

/* An invariant that stays checked in release builds. */
#define REQUIRE(condition)                                                         \
    do {                                                                           \
        if (!(condition)) base_panic("%s:%d: %s", __FILE__, __LINE__, #condition); \
    } while (0)

#endif
