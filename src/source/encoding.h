/* The names of encodings that Python knows, and what reads them here. Private to source/. */
#ifndef LIMPET_SOURCE_ENCODING_H
#define LIMPET_SOURCE_ENCODING_H

#include "base/str.h"

typedef enum EncodingKind {
    ENCODING_UTF8,
    ENCODING_LATIN1,  /* also what stands in for codecs of Python that iconv lacks: only letters of
                         strings and comments come out wrong */
    ENCODING_ICONV,   /* `iconv` is the converter's name */
    ENCODING_REFUSED, /* no text encoding, or one in which ASCII is not ASCII: no file with a
                         readable cookie is a program in it */
} EncodingKind;

typedef struct Encoding {
    const char *names; /* Python's names, normalised, one blank between */
    EncodingKind kind;
    const char *iconv;
} Encoding;

/* The encoding that CPython takes for a name in a coding cookie, in any spelling that it accepts
 * (encodings.normalize_encoding and encodings.aliases of CPython 3.14). NULL when it knows none. */
const Encoding *encoding_find(Str name);

/* Whether CPython lets the cookie stand beside a UTF-8 byte order mark: it compares the spelling,
 * so that "utf8" is refused. */
bool encoding_agrees_with_bom(Str name);

#endif
