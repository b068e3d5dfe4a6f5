#include "report/parts.h"

static void member(Json *j, const char *key) {
    if (j->depth) {
        buf_text(j->out, j->has_member ? ",\n" : "\n");
        buf_repeat(j->out, ' ', 2 * j->depth);
    }
    if (key) buf_printf(j->out, "\"%s\": ", key);
    j->has_member = true;
}

void json_begin(Json *j, const char *key, char open) {
    member(j, key);
    buf_char(j->out, open);
    j->depth++;
    j->has_member = false;
}

void json_end(Json *j, char close) {
    j->depth--;
    if (j->has_member) {
        buf_char(j->out, '\n');
        buf_repeat(j->out, ' ', 2 * j->depth);
    }
    buf_char(j->out, close);
    if (!j->depth) buf_char(j->out, '\n');
    j->has_member = true;
}

void json_text(Json *j, const char *key, Str value) {
    member(j, key);
    buf_char(j->out, '"');
    buf_json(j->out, value);
    buf_char(j->out, '"');
}

void json_number(Json *j, const char *key, u32 value) {
    member(j, key);
    buf_printf(j->out, "%u", value);
}

void json_flag(Json *j, const char *key, bool value) {
    member(j, key);
    buf_text(j->out, value ? "true" : "false");
}
