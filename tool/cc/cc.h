/* cc.h - ungil-cc's private header: the parsed command line and the steps that carry it out. */
#ifndef CC_H
#define CC_H

#include "host.h"

/* ---- the command line (args.c) ---- */

/* The steps that an option is for.  An option that no table names goes to COMPILE and LINK. */
enum {
    FOR_CPP = 1,     /* our preprocessor and -E, always clang 19 */
    FOR_PARSE = 2,   /* the translator's parser, clang 19 too */
    FOR_COMPILE = 4, /* the real compiler, on the translated text */
    FOR_LINK = 8,    /* the real compiler, linking */
    FOR_ONLY_E = 16, /* only -E, -M, -MM */
};

enum input_kind {
    INPUT_NONE,    /* the item is an option */
    INPUT_C,       /* to be preprocessed and translated */
    INPUT_CPP,     /* preprocessed C (.i): to be translated */
    INPUT_FOREIGN, /* another language: for the real compiler */
    INPUT_LINKER,  /* an object, archive or library */
};

/* One option with its value, or one input; in the order of the command line, which matters to the linker. */
struct item {
    enum input_kind input;
    unsigned where;       /* FOR_*, of an option */
    const char *words[2]; /* option, or input; second: the option's separate value, or null */
    const char *language; /* of an input: what -x said, or null */
    const char *macro;    /* -D or -U: the macro's name, else null */
};

enum mode { MODE_LINK, MODE_COMPILE, MODE_ASSEMBLY, MODE_SYNTAX, MODE_PREPROCESS, MODE_DEPS };
enum runtime {
    RUNTIME_SEGMENT,
    RUNTIME_GIL,
    RUNTIME_PLAINVIEW,
    RUNTIME_COUNT,
    RUNTIME_CHECK,
    RUNTIME_VERIFY
}; /* the last three: segment, and counts or checks accesses, or makes bitcode for ungil verify */

struct job {
    struct item *items;
    size_t nitems, cap_items;
    size_t ninputs;
    enum mode mode;
    const char *mode_option; /* -E, -M or -MM as written */
    const char *output;      /* -o, or null */
    enum runtime runtime;
    /* dependency files */
    bool deps, deps_user_only; /* -MD; -MMD */
    const char *deps_file;     /* -MF */
    struct host_vec deps_rest; /* -MT x, -MQ x, -MP, -MG */
    bool deps_target;          /* there is an -MT or -MQ */
    /* flags that change what we do */
    bool emit_llvm, werror, no_libungil, aux_outputs, unsupported_linker, tsan;
    const char *refused; /* an option that no translated code can be compiled with, and why; or null */
    bool save_temps, keep;
    const char *keep_dir; /* null: beside the output */
    bool verbose, dry_run;
    bool whole;                        /* --whole-program */
    bool checked_stores;               /* --checked-stores */
    const char *facts;                 /* --whole-facts, of our own link step */
    const struct host_vec *argv;       /* as given */
    struct host_vec translate_options; /* -Xungil */
    struct host_vec real;              /* the real compiler's command */
    bool real_given;                   /* by --real */
    const char *clang;
    bool passthrough; /* a query (-dumpmachine, -print-*): give all to the real compiler */
    bool help, version;
};

/* Reads argv (argv[0] excepted) and the environment. Returns 0, or an exit status with its line printed. */
int args_read(struct job *job, const struct host_vec *argv);
const char *runtime_name(enum runtime runtime);
void args_help(void);

/* ---- where our own files are (paths.c) ---- */
struct paths {
    const char *include, *lib, *script, *ungil;
};
/* Returns 0, or 2 with its line printed. */
int paths_find(struct paths *paths);

/* ---- what the linker's options mean (linkwords.c) */
struct linkwords {
    bool open;                /* other code may call the program's functions by name */
    struct host_vec replaced; /* symbols that the linker binds otherwise than the objects say, in pairs: the
                                 name, and what it is bound to instead */
    const char *several;      /* the option that allows several definitions of a function, or null */
    struct host_vec wrapped;  /* of these, by --wrap: what objects refer to and do not define */
    struct host_vec assigned; /* by --defsym, or in a linker script */
};
/* Reads the linker scripts on the command line, too. */
void linkwords_read(const struct job *job, struct linkwords *l);
/* -lNAME, -l:FILE: the file that the linker takes of one of the command's own -L directories, where it may be
 * anybody's; null: none of them has it. */
char *linkwords_library(const struct job *job, const char *name, bool archives_only);

/* ---- the steps (steps.c): each returns an exit status, 0 for success ---- */
struct context {
    const struct job *job;
    struct paths paths;
    bool real_is_clang;
    const char *summary;    /* step_translate: where to write one, or null */
    const char *facts;      /* translate with these, or null */
    struct linkwords words; /* for a link */
    bool open;              /* may other code call the program's functions by name? */
};
/* -E, -M, -MM over all inputs. */
int step_preprocess_only(const struct context *cx);
/* Translates and compiles one C input into `out` (null: -fsyntax-only); mode says what out is. */
int step_translate(const struct context *cx, const struct item *input, size_t index, enum mode mode,
                   const char *out);
/* Compiles one input of another language, as the real compiler would. */
int step_foreign(const struct context *cx, const struct item *input, const char *out);
/* --verify: has the bitcode of all objects checked, in the place of linking; `out` becomes an empty file. */
int step_verify(const struct context *cx, char **objects, const char *out);
/* Links; objects[i] replaces item i where it is not null. */
int step_link(const struct context *cx, char **objects, const char *out);

/* ---- functions of objects that are not translated (plainobjects.c) ---- */
/* Before a program is linked of objects[i], or else of item i: is each function that a translated object
 * calls as translated code one? Returns 0, or 1 with what to do printed. What cannot be read is passed over.
 */
int plain_objects_check(const struct context *cx, char **objects);

/* ---- names that the linker is told to bind otherwise (redirects.c) */
/* A linker script which says that no translated object has believed what it may not of such a name; null:
 * there is none such.  bodies: what a file that defines it knows of it is meant, too.  Returns 0, or 2 with
 * its line printed. */
int redirects_script(const struct linkwords *l, bool bodies, char **path);

/* ---- whole-program mode (wholeprog.c): exit statuses, as the steps ---- */
/* Notes how `object` was made of it, and what it is: `made` is its content. */
int whole_write_command(const struct context *cx, const struct item *it, const char *object,
                        const char *made);
/* Translates what needs it again; sets objects[i] to what is to be linked for item i, and cx->open. */
int whole_link(struct context *cx, char **objects);

/* ---- messages and running (run.c) ---- */
/* One line, `ungil-cc: error: ...`; returns 2. */
int cc_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Runs one step's command: prints it when verbose, does nothing when dry.  Returns an exit status as
 * documented: 0, 1, 2 when it could not be started, above 128 when a signal ended it (said in one line). */
int cc_run(const struct job *job, const struct host_vec *argv, const char *err_path);

#endif
