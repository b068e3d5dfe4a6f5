/* What the helper is asked, as bytes: fields of any content, one after the other. */
#ifndef LIMPET_CAPI_MESSAGE_H
#define LIMPET_CAPI_MESSAGE_H

#include "base/str.h"

/* Appends a field. */
void message_put(Buf *buf, Str field);
/* Takes the first field off; false at the end, and for a message that is cut. */
bool message_take(Str *message, Str *field);

/* An answer begins with this; then the block of a unit, or the text of what went wrong. */
typedef struct AnswerHead {
    u32 is_good;
    u32 unused[3];
} AnswerHead;

/* Requests: READ path language precompiled-header-or-empty known-or-guessed text argument…;
 * PRECOMPILE path language argument…, which with an empty path only asks whether the helper works.
 * The language is clang's word: "c" or "c++". */
#define MESSAGE_READ "read"
#define MESSAGE_PRECOMPILE "precompile"
#define MESSAGE_GUESSED "guessed" /* nobody says how the unit is compiled */

#endif
