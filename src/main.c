/* limpet: finds what keeps Python objects alive too long. Argument parsing and the exit code,
 * nothing else. */
#include "app/commands.h"
#include "app/console.h"
#include "capi/capi.h"
#include "config/config.h"

#include <signal.h>
#include <string.h>

int main(int argc, char **argv) {
    signal(SIGPIPE, SIG_IGN); /* a reader that goes away ends the output, not the process */
    if (argc == 2 && strcmp(argv[1], "--capi-worker") == 0) return capi_worker();
    Arena arena = {0};
    Options options;
    Str error;
    int code = EXIT_TROUBLE;
    if (options_parse(&arena, argc, (const char *const *)argv, &options, &error))
        code = command_run(&options);
    else
        console_error("%.*s (see 'limpet help')", STR_ARG(error));
    arena_free(&arena);
    return code;
}
