/* host.h - what the command-line tools need of the operating system: argument vectors, child processes,
 * temporary files.  Its own small library (ungil_host), which knows nothing of C or of Ungil.
 *
 * Memory lives until the process exits: the tools run for a fraction of a second.
 * One process, one thread.
 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stddef.h>

/* ---- strings and argument vectors (vec.c) ---- */
void *host_alloc(size_t n); /* zeroed; exits with a message when memory is out */
char *host_strndup(const char *s, size_t n);
char *host_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool host_starts(const char *s, const char *prefix);
bool host_starts_any(const char *s, const char *const *prefixes); /* null-terminated */
bool host_ends(const char *s, const char *suffix);
const char *host_basename(const char *path); /* after the last slash; never null */
char *host_dirname(const char *path);        /* "." where there is no slash */
char *host_stem(const char *path);           /* basename without its last extension */

/* A growing array of strings, always followed by a null, so v is an argv. */
struct host_vec {
    char **v;
    size_t n, cap;
};
void host_vec_add(struct host_vec *vec, const char *s); /* keeps the pointer */
void host_vec_addf(struct host_vec *vec, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void host_vec_adds(struct host_vec *vec, const char *const *list); /* null-terminated */
void host_vec_cat(struct host_vec *vec, const struct host_vec *more);
/* Appends the words of s, cut at blanks (no quoting): for variables such as UNGIL_CC. */
void host_vec_words(struct host_vec *vec, const char *s);
/* Prints argv to stderr, quoted for a shell. */
void host_vec_print(const struct host_vec *argv);

/* ---- files (file.c) ---- */
/* Reads a whole file; null and errno on failure. A null byte follows the *n bytes. */
char *host_read_file(const char *path, size_t *n);
/* The directory of the running executable; null if the system will not say. */
const char *host_exe_dir(void);
bool host_exists(const char *path);
/* Is there something at path that must not be replaced: a device, a fifo, a directory? */
bool host_is_special(const char *path);
/* May a file be made, or replaced, at path?  Sets errno when not. */
bool host_is_writable(const char *path);

/* ---- response files (response.c) ---- */
/* Replaces each @file by the arguments that it holds, as gcc and clang do; an @file that cannot be read
 * stays. */
struct host_vec host_expand_response_files(int argc, char **argv);

/* ---- temporary files (temp.c); all are gone when the process ends, however it ends, but for SIGKILL ---- */
/* The directory for this process's temporary files, made at the first call; exits when that fails. */
const char *host_temp_dir(void);
/* A path in it, not created. */
char *host_temp_path(const char *name);
/* The place to write what shall become `path`, so that path never holds half a file: a new name beside it,
 * or path itself where that is special (/dev/null). Removed at exit unless committed. */
char *host_output_begin(const char *path);
/* Puts the written file in place. Returns 0, or -1 with errno. */
int host_output_commit(const char *temporary, const char *path);
void host_temp_remove_all(void);

/* ---- child processes (spawn.c) ---- */
/* Call first in main. From here temporary files are removed at exit, and SIGINT, SIGTERM and SIGHUP are taken
 * in host_run: the child's process group is ended, temporary files are removed, and the signal then ends this
 * process as it would have. */
void host_start(void);
/* Runs argv (found by PATH) and waits. `err_path`: where its stderr goes, or null for ours.
 * Returns its exit status 0..255, 128 + signal, or -1 with errno when it could not be started. */
int host_run(const struct host_vec *argv, const char *err_path);
/* As host_run, with stdout in the file out_path. */
int host_run_to(const struct host_vec *argv, const char *out_path, const char *err_path);

#endif
