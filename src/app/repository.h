/* What a git repository says of ignored files outside of its .gitignore files. git itself is not
 * run. */
#ifndef LIMPET_APP_REPOSITORY_H
#define LIMPET_APP_REPOSITORY_H

#include "app/ignore.h"

typedef struct Repository {
    Str top;            /* absolute path of the work tree */
    IgnoreFile exclude; /* info/exclude of the repository */
    IgnoreFile user;    /* core.excludesFile */
} Repository;

/* Is `directory` (absolute) the top of a work tree: has it a `.git` directory or file? */
bool repository_is_top(const char *directory);

/* Reads what applies to the work tree at `top`. Without `with_user`, core.excludesFile stays
 * unread. Files that are missing or unreadable hold no pattern, as for git. */
const Repository *repository_open(Arena *arena, Str top, bool with_user);

#endif
