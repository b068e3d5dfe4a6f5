#include "base/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void base_panic(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("limpet: internal failure: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(2);
}
