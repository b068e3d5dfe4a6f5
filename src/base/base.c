#include "base/base.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Attempt {
    jmp_buf before;
    char *message;
    size_t size;
} Attempt;

/* The one state that is not handed in: base_panic is called where nothing is at hand. It belongs to
 * its thread and is set only while base_attempt runs. */
static _Thread_local Attempt *attempt;

bool base_attempt(void (*task)(void *), void *context, char *message, size_t size) {
    Attempt own = {.message = message, .size = size};
    attempt = &own;
    bool panicked = setjmp(own.before) != 0;
    if (!panicked) task(context);
    attempt = NULL;
    return !panicked;
}

void base_panic(const char *format, ...) {
    va_list args;
    va_start(args, format);
    if (attempt) {
        vsnprintf(attempt->message, attempt->size, format, args);
        va_end(args);
        longjmp(attempt->before, 1);
    }
    fputs("limpet: internal failure: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(2);
}
