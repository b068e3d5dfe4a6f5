#include "syntax/syntax.h"

/* A list of numbers needs 139 times its text, ordinary code 20 to 40. */
static const u64 LEAST_BOUND = 64u << 20, BOUND_PER_BYTE = 256, MOST_BOUND = (u64)4 << 30;

/* Behind a bracket that is never closed tree-sitter copies all that it has read since, at every
 * token: 18 kB of text cost 300 MB of copies, twice as much text four times as much. Text that it
 * can read costs less than a byte each. Counted in bytes, so that the result depends on no clock.
 */
static const u64 LEAST_COPIES = (u64)4 << 30, COPIES_PER_BYTE = 1000;

typedef struct Bound {
    const Pool *pool;
    u64 taken, reused; /* at most */
} Bound;

static const char *read_text(void *payload, uint32_t at, TSPoint point, uint32_t *n) {
    (void)point;
    const Str *text = payload;
    *n = at < text->n ? text->n - at : 0;
    return at < text->n ? text->p + at : "";
}

static bool over_bound(TSParseState *state) {
    const Bound *bound = state->payload;
    return bound->pool->taken > bound->taken || bound->pool->reused > bound->reused;
}

TSTree *syntax_parse(const Pool *pool, const TSLanguage *language, Str text) {
    TSParser *parser = ts_parser_new();
    REQUIRE(ts_parser_set_language(parser, language));
    Bound bound = {pool, MIN(MAX(LEAST_BOUND, BOUND_PER_BYTE * text.n), MOST_BOUND),
                   LEAST_COPIES + COPIES_PER_BYTE * text.n};
    TSInput input = {.payload = &text, .read = read_text, .encoding = TSInputEncodingUTF8};
    TSParseOptions options = {.payload = &bound, .progress_callback = over_bound};
    TSTree *parsed = ts_parser_parse_with_options(parser, NULL, input, options);
    /* the scanner's own record is the one thing that is not the pool's; a parser that came to its
     * end has given it back */
    if (!parsed) ts_parser_reset(parser);
    return parsed;
}
