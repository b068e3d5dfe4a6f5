#include "config/generate.h"

#include "base/near.h"

static const struct {
    const char *name;
    void (*write)(Buf *out);
} MAKERS[] = {
    {"man", generate_man}, {"bash", generate_bash}, {"zsh", generate_zsh}, {"fish", generate_fish}};

bool generate_write(Str what, Buf *out, Str *near) {
    for (u32 i = 0; i < ARRAY_LEN(MAKERS); i++) {
        if (str_is(what, MAKERS[i].name)) {
            MAKERS[i].write(out);
            return true;
        }
        near_keep(what, str_from(MAKERS[i].name), near);
    }
    return false;
}
