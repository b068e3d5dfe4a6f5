/* The thin border to the operating system: files, directories, threads, clock, terminal. No other
 * layer calls POSIX file or thread functions. Tests and fuzzers stand on this border.
 *
 * Paths are byte strings, NUL-terminated where a `const char *` is taken. Errors are errno values
 * (0 is success); the text for a person is strerror. */
#ifndef LIMPET_OS_OS_H
#define LIMPET_OS_OS_H

#include "base/str.h"

/* ---- files ---- */

/* Reads a whole file into the arena. At most `limit` bytes (0: no bound) are read: a larger file
 * gives EFBIG and its size in bytes->n as far as it is known. A directory gives EISDIR, a FIFO,
 * socket or device EINVAL: reading one could block for ever. A file that shrinks or grows while it
 * is read is taken as it was found. */
int os_read_file(const char *path, u64 limit, Arena *arena, Str *bytes);

/* Reads the first bytes of a regular file, at most `most`; a symlink gives ELOOP. */
int os_read_start(const char *path, u32 most, Arena *arena, Str *bytes);

/* Reads standard input to its end. */
int os_read_stdin(u64 limit, Arena *arena, Str *bytes);

/* Replaces the file by writing a temporary one beside it, fsync and rename: a reader sees the old
 * or the new content, never a torn file. Mode of an existing file is kept. */
int os_write_file(const char *path, Str content);

/* Makes a directory, and those above it that are missing; one that is there is no error. */
int os_make_dir(const char *path);

/* Adds to the end of a file, which is made when it is missing. */
int os_append_file(const char *path, Str content);

/* Writes all bytes to a descriptor; EPIPE is an errno like any other (SIGPIPE is ignored by main).
 */
int os_write_fd(int fd, Str content);

typedef enum FileKind {
    FILE_MISSING,
    FILE_REGULAR,
    FILE_DIRECTORY,
    FILE_SYMLINK,
    FILE_OTHER
} FileKind;

typedef struct FileInfo {
    FileKind kind; /* after following symlinks, unless asked not to */
    u64 device, inode, size;
} FileInfo;

/* Kind and identity; FILE_MISSING with errno ENOENT for nothing there (also a dangling or looping
 * symlink, whose errno is returned). */
int os_stat(const char *path, bool follow, FileInfo *out);

typedef struct DirEntry {
    Str name;      /* NUL-terminated, never "." or ".." */
    FileKind kind; /* FILE_SYMLINK for a symlink: not followed */
} DirEntry;

/* The entries of a directory in byte order of their names. */
int os_list_dir(const char *path, Arena *arena, DirEntry **entries, u32 *n);

/* Working directory, absolute. */
Str os_cwd(Arena *arena);
/* realpath(3); false when it does not exist. */
bool os_real_path(const char *path, Arena *arena, Str *out);
/* Environment variable, or an empty Str with p NULL when unset. */
Str os_env(const char *name);

/* ---- files that never change (os/map.c) ---- */

/* Bytes that are read-only; of a file until os_unmap. */
typedef struct OsMap {
    const void *p;
    u64 n;
} OsMap;

/* Maps a whole regular file; EINVAL for an empty one and for what is none, ELOOP for a symlink. The
 * file must not be cut while it is mapped: it is replaced, or removed. */
int os_map(const char *path, OsMap *out);
void os_unmap(OsMap *map);
/* Writes a file that is not there yet from its parts; it is removed again when that fails. It is
 * not forced to the disk: after a crash of the machine it can be torn. */
int os_write_new(const char *path, const OsMap *parts, u32 n);
int os_rename(const char *from, const char *to);
/* A file or a symlink. */
int os_remove(const char *path);
/* A directory, if it is empty. */
int os_remove_dir(const char *path);
/* Takes the lock that a file stands for, which is made when it is missing: EWOULDBLOCK when another
 * process holds it for longer than that. 0 also where the file system has no locks. */
int os_lock(const char *path, u32 milliseconds, int *fd);
void os_unlock(int fd);

/* ---- processes ---- */

/* Runs a program (argv[0] is looked for in PATH, argv ends with NULL) in the working directory with
 * the environment of this process, gives it `input`, and waits for its end. Output and error output
 * come back in the arena; *status is its exit status, 128 + n after signal n. Returns an errno when
 * it could not be run: ENOENT without such a program. */
int os_run(const char *const *argv, Str input, Arena *arena, Str *out, Str *err, int *status);

/* ---- threads ---- */

/* Number of processors that this process may use, at least 1. */
u32 os_cpu_count(void);

/* Runs task(context, worker, item) for each item in [0, items) on `workers` threads (1: in the
 * calling thread), handing out items by one atomic counter. Returns when all are done. Each thread
 * has OS_STACK_SIZE of stack (only what is touched costs memory). */
typedef void OsTask(void *context, u32 worker, u32 item);
void os_parallel(u32 workers, u32 items, OsTask *task, void *context);

/* The same for many small items: task(context, worker, first, end) for the blocks that [0, items)
 * falls into. */
typedef void OsRangeTask(void *context, u32 worker, u32 first, u32 end);
void os_parallel_ranges(u32 workers, u32 items, OsRangeTask *task, void *context);

enum { OS_STACK_SIZE = 64 * 1024 * 1024 };

/* Runs task(context, 0, 0) in a thread of its own with OS_STACK_SIZE of stack, and waits for it. */
void os_deep(OsTask *task, void *context);

/* ---- helper processes (os/process.c) ---- */

/* A child whose standard input and output are ours; its standard error goes nowhere. */
typedef struct OsProcess {
    i64 pid; /* 0: not running */
    int in, out;
} OsProcess;

/* Starts argv[0] (NULL-terminated list). Safe beside other threads. */
int os_spawn(const char *const *argv, OsProcess *out);
/* Sends a message (its length in 4 bytes, then its bytes) and waits for one of the same form: 0,
 * ETIMEDOUT after `seconds`, EPIPE when the child has gone, EMSGSIZE when the answer is longer than
 * `limit`. After an error the child is of no use any more: end it. The answer is malloc'ed. */
int os_process_ask(OsProcess *process, Str message, u32 seconds, u64 limit, void **answer,
                   size_t *n);
/* Kills and reaps it. */
void os_process_end(OsProcess *process);
/* The other side: reads the next message from standard input (false at its end), answers on
 * standard output. */
bool os_message_read(Arena *arena, Str *message);
bool os_message_write(const void *bytes, size_t n);
/* The file of this program. */
bool os_program(Arena *arena, Str *path);

/* ---- directories for a while ---- */

/* A new directory below $TMPDIR or /tmp; false when there can be none. */
bool os_temporary(Arena *arena, Str *path);
/* Removes the directory and the files in it and in its directories (two levels). */
void os_remove_temporary(Str path);

/* ---- clock, terminal ---- */

/* Monotonic nanoseconds. */
u64 os_now(void);
bool os_is_terminal(int fd);
/* Columns of the terminal, 0 when unknown. */
u32 os_terminal_width(int fd);
/* Name of this machine, or an empty Str. */
Str os_host_name(Arena *arena);
/* Largest resident set so far, in bytes. */
u64 os_peak_memory(void);

#endif
