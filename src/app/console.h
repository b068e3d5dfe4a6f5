/* What limpet says beside its document: messages and progress on stderr, and the way out of a text.
 */
#ifndef LIMPET_APP_CONSOLE_H
#define LIMPET_APP_CONSOLE_H

#include "config/config.h"

/* Exit codes of the program. */
enum { EXIT_CLEAN = 0, EXIT_FINDINGS = 1, EXIT_TROUBLE = 2 };

/* One line on stderr that begins with "limpet: "; control characters in it come out escaped. */
void console_error(const char *format, ...) PRINTF_LIKE(1, 2);

/* The same without the prefix, for what was asked for with -v or --statistics. */
void console_note(const char *format, ...) PRINTF_LIKE(1, 2);

/* An error line for each; returns how many. */
u32 console_problems(const StrList *problems);

/* Writes the text to stdout, or to the file at once and whole. Returns 0, or EXIT_TROUBLE after an
 * error message. A reader that went away (EPIPE) is no error. */
int console_write(Str text, Str output_file);

/* A line "files done, files/s" on stderr, when that is a terminal and the run takes over a second.
 * Used by one worker, which knows how far all are. */
typedef struct Progress {
    bool is_wanted;
    bool is_shown;
    u64 begin, last; /* nanoseconds */
} Progress;

/* What is being done after the files were read, in the same place: the caller has looked whether
 * stderr is a terminal. An empty text clears the line. */
void progress_stage(const char *text);

Progress progress_begin(bool quiet);
void progress_show(Progress *p, u32 done, u32 all);
void progress_end(Progress *p);

#endif
