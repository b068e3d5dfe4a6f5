#include "capi/message.h"

#include <string.h>

void message_put(Buf *buf, Str field) {
    buf_str(buf, (Str){(const char *)&field.n, sizeof field.n});
    buf_str(buf, field);
    buf_char(buf, '\0'); /* so that a field can be used as it lies */
}

bool message_take(Str *message, Str *field) {
    u32 n;
    if (message->n < sizeof n) return false;
    memcpy(&n, message->p, sizeof n);
    if (message->n - sizeof n < (u64)n + 1) return false;
    *field = str_sub(*message, sizeof n, (u32)sizeof n + n);
    *message = str_sub(*message, (u32)sizeof n + n + 1, message->n);
    return true;
}
