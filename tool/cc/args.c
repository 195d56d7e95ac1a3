/* args.c - reads a compiler's command line.
 *
 * We need not understand every option: what matters is where an option's value is (so that a value is never
 * taken for an input) and which of our steps it is for.  Two tables say so; the longest matching entry wins,
 * and what no entry names is the real compiler's business.
 */
#include "cc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef UNGIL_DEFAULT_CLANG
#define UNGIL_DEFAULT_CLANG "clang-19"
#endif

enum shape {
    EXACT,    /* the whole word */
    PREFIX,   /* the word begins so: -march=native */
    SEPARATE, /* the whole word, then a value in the next */
    EITHER,   /* -Idir or -I dir */
};

#define FRONT (FOR_CPP | FOR_PARSE)
#define BUILD (FOR_COMPILE | FOR_LINK)
#define ALL (FRONT | BUILD)

static const struct option {
    const char *name;
    enum shape shape;
    unsigned where;
} options[] = {
    /* search paths, macros, preprocessing */
    {"-I", EITHER, FRONT | FOR_COMPILE},
    {"-iquote", EITHER, FRONT | FOR_COMPILE},
    {"-isystem", EITHER, FRONT | FOR_COMPILE},
    {"-idirafter", EITHER, FRONT | FOR_COMPILE},
    {"-iprefix", EITHER, FRONT | FOR_COMPILE},
    {"-iwithprefix", EITHER, FRONT | FOR_COMPILE},
    {"-iwithprefixbefore", EITHER, FRONT | FOR_COMPILE},
    {"-isysroot", EITHER, ALL},
    {"--sysroot", SEPARATE, ALL},
    {"--sysroot=", PREFIX, ALL},
    {"-include", EITHER, FOR_CPP},
    {"-imacros", EITHER, FOR_CPP},
    {"-Xpreprocessor", SEPARATE, FOR_CPP},
    {"-nostdinc", EXACT, FRONT | FOR_COMPILE},
    {"-undef", EXACT, FOR_CPP},
    {"-trigraphs", EXACT, FOR_CPP},
    {"-H", EXACT, FOR_CPP},
    {"-C", EXACT, FOR_ONLY_E},
    {"-CC", EXACT, FOR_ONLY_E},
    {"-P", EXACT, FOR_ONLY_E},
    {"-d", PREFIX, FOR_ONLY_E}, /* -dM -dD -dI */
    {"-fdirectives-only", EXACT, FOR_ONLY_E},
    {"-Wundef", EXACT, FOR_CPP | FOR_COMPILE},
    {"-Wno-undef", EXACT, FOR_CPP | FOR_COMPILE},
    {"-Wunused-macros", EXACT, FOR_CPP},
    {"-Wno-cpp", EXACT, FOR_CPP | FOR_COMPILE},
    {"-W#warnings", EXACT, FOR_CPP | FOR_COMPILE},
    {"-Wno-#warnings", EXACT, FOR_CPP | FOR_COMPILE},
    {"-w", EXACT, FOR_CPP | FOR_COMPILE},
    /* the language and the target */
    {"-std", PREFIX, FRONT | FOR_COMPILE},
    {"--std", PREFIX, FRONT | FOR_COMPILE},
    {"-ansi", EXACT, FRONT | FOR_COMPILE},
    {"-pthread", EXACT, ALL},
    {"-O", PREFIX, FOR_CPP | BUILD},
    {"-m", PREFIX, ALL},
    {"-target", SEPARATE, ALL},
    {"--target=", PREFIX, ALL},
    {"--gcc-toolchain=", PREFIX, ALL},
    {"-fsigned-char", EXACT, FRONT | BUILD},
    {"-fno-signed-char", EXACT, FRONT | BUILD},
    {"-funsigned-char", EXACT, FRONT | BUILD},
    {"-fno-unsigned-char", EXACT, FRONT | BUILD},
    {"-fwrapv", EXACT, FRONT | BUILD},
    {"-fno-wrapv", EXACT, FRONT | BUILD},
    {"-fstrict-overflow", EXACT, FRONT | BUILD},
    {"-fno-strict-overflow", EXACT, FRONT | BUILD},
    {"-fshort-enums", EXACT, FRONT | BUILD},
    {"-fno-short-enums", EXACT, FRONT | BUILD},
    {"-fshort-wchar", EXACT, FRONT | BUILD},
    {"-fno-short-wchar", EXACT, FRONT | BUILD},
    {"-fpack-struct", PREFIX, FRONT | BUILD},
    {"-fPIC", EXACT, FRONT | BUILD},
    {"-fpic", EXACT, FRONT | BUILD},
    {"-fno-pic", EXACT, FRONT | BUILD},
    {"-fno-PIC", EXACT, FRONT | BUILD},
    {"-fPIE", EXACT, FRONT | BUILD},
    {"-fpie", EXACT, FRONT | BUILD},
    {"-fno-pie", EXACT, FRONT | BUILD},
    {"-fno-PIE", EXACT, FRONT | BUILD},
    {"-fopenmp", PREFIX, FRONT | BUILD},
    {"-fno-openmp", PREFIX, FRONT | BUILD},
    {"-fms-extensions", EXACT, FRONT | BUILD},
    {"-fno-ms-extensions", EXACT, FRONT | BUILD},
    {"-fms-compatibility", PREFIX, FRONT | BUILD},
    {"-fvisibility=", PREFIX, FRONT | BUILD},
    {"-fsemantic-interposition", EXACT, FRONT | BUILD},
    {"-fno-semantic-interposition", EXACT, FRONT | BUILD},
    {"-fgnu89-inline", EXACT, FRONT | BUILD},
    {"-fno-gnu89-inline", EXACT, FRONT | BUILD},
    {"-fgnu-keywords", EXACT, FRONT | BUILD},
    {"-fdollars-in-identifiers", EXACT, FRONT | BUILD},
    {"-fno-dollars-in-identifiers", EXACT, FRONT | BUILD},
    {"-fasm", EXACT, FRONT | BUILD},
    {"-fno-asm", EXACT, FRONT | BUILD},
    {"-fblocks", EXACT, FRONT | BUILD},
    {"-ffreestanding", EXACT, FRONT | BUILD},
    {"-fhosted", EXACT, FRONT | BUILD},
    {"-fbuiltin", EXACT, FRONT | BUILD},
    {"-fno-builtin", PREFIX, FRONT | BUILD},
    {"-fexceptions", EXACT, FRONT | BUILD},
    {"-fno-exceptions", EXACT, FRONT | BUILD},
    {"-ffast-math", EXACT, FRONT | BUILD},
    {"-fno-fast-math", EXACT, FRONT | BUILD},
    {"-ffinite-math-only", EXACT, FRONT | BUILD},
    {"-fsanitize", PREFIX, FRONT | BUILD},
    {"-fno-sanitize", PREFIX, FRONT | BUILD},
    {"-fstack-protector", PREFIX, FOR_CPP | BUILD},
    {"-fno-stack-protector", PREFIX, FOR_CPP | BUILD},
    {"-finput-charset", PREFIX, FOR_CPP},
    {"-fmacro-prefix-map", PREFIX, FOR_CPP},
    {"-ffile-prefix-map", PREFIX, FOR_CPP | BUILD},
    {"-fuse-ld=", PREFIX, FOR_LINK},
    /* the compiler proper */
    {"-W", PREFIX, FOR_COMPILE},
    {"-Wa,", PREFIX, BUILD},
    {"-pedantic", PREFIX, FOR_COMPILE},
    {"-Xclang", SEPARATE, FOR_COMPILE},
    {"-mllvm", SEPARATE, BUILD},
    {"-Xassembler", SEPARATE, BUILD},
    {"--param", SEPARATE, BUILD},
    {"-aux-info", SEPARATE, FOR_COMPILE},
    {"-dumpbase", SEPARATE, FOR_COMPILE},
    {"-dumpbase-ext", SEPARATE, FOR_COMPILE},
    {"-dumpdir", SEPARATE, FOR_COMPILE},
    {"-B", EITHER, BUILD},
    {"-A", EITHER, FOR_CPP},
    {"-arch", SEPARATE, ALL},
    {"-wrapper", SEPARATE, BUILD},
    {"-MJ", EITHER, 0}, /* a compilation database: of what, with us between? */
    {"-pipe", EXACT, FOR_COMPILE},
    /* the linker */
    {"-Wl,", PREFIX, FOR_LINK},
    {"-Xlinker", SEPARATE, FOR_LINK},
    {"-l", EITHER, FOR_LINK},
    {"-L", EITHER, FOR_LINK},
    {"-T", EITHER, FOR_LINK},
    {"-u", EITHER, FOR_LINK},
    {"-z", EITHER, FOR_LINK},
    {"-e", SEPARATE, FOR_LINK},
    {"-rpath", SEPARATE, FOR_LINK},
    {"-s", EXACT, FOR_LINK},
    {"-r", EXACT, FOR_LINK},
    {"-static", EXACT, FOR_LINK},
    {"-static-pie", EXACT, FOR_LINK},
    {"-static-libgcc", EXACT, FOR_LINK},
    {"-shared", EXACT, FOR_LINK},
    {"-shared-libgcc", EXACT, FOR_LINK},
    {"-rdynamic", EXACT, FOR_LINK},
    {"-pie", EXACT, FOR_LINK},
    {"-no-pie", EXACT, FOR_LINK},
    {"-nopie", EXACT, FOR_LINK},
    {"-nostdlib", EXACT, FOR_LINK},
    {"-nostartfiles", EXACT, FOR_LINK},
    {"-nodefaultlibs", EXACT, FOR_LINK},
    {"-nolibc", EXACT, FOR_LINK},
};

/* gcc's -m options that clang 19 refuses; they change no macro and no meaning, so parsing goes without. */
static const char *const gcc_only[] = {"-mpreferred-stack-boundary",
                                       "-mincoming-stack-boundary",
                                       "-maccumulate-outgoing-args",
                                       "-mno-accumulate-outgoing-args",
                                       "-mindirect-branch",
                                       "-mfunction-return",
                                       "-mrecord-mcount",
                                       "-minline-",
                                       "-mno-inline-",
                                       "-mstringop-strategy",
                                       "-mmemcpy-strategy",
                                       "-mmemset-strategy",
                                       "-mtls-dialect",
                                       "-mno-align-stringops",
                                       "-mfancy-math",
                                       "-mno-fancy-math",
                                       "-mpush-args",
                                       "-mno-push-args",
                                       NULL};

/* Questions that the real compiler answers, whatever else the command line says. */
static const char *const queries[] = {"-dumpmachine",
                                      "-dumpversion",
                                      "-dumpfullversion",
                                      "-dumpspecs",
                                      "-print-",
                                      "--print-",
                                      "--target-help",
                                      "--help=",
                                      "-cc1",
                                      "-cc1as",
                                      "-V",
                                      "-qversion",
                                      NULL};

/* Options after which the compiler writes files named after its output, which a rename would tear from it. */
static const char *const aux_outputs[] = {"-gsplit-dwarf",
                                          "--coverage",
                                          "-fprofile-arcs",
                                          "-ftest-coverage",
                                          "-fstack-usage",
                                          "-fdump-",
                                          "-fcallgraph-info",
                                          "-ftime-trace",
                                          "-fsave-optimization-record",
                                          "-fopt-info",
                                          NULL};

static const struct option *find_option(const char *arg)
{
    const struct option *best = NULL;
    size_t best_n = 0;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        const struct option *o = &options[i];
        size_t n = strlen(o->name);
        bool joined = o->shape == PREFIX || o->shape == EITHER;
        if ((joined ? strncmp(arg, o->name, n) == 0 : strcmp(arg, o->name) == 0) && n > best_n) {
            best = o;
            best_n = n;
        }
    }
    return best;
}

static struct item *add_item(struct job *job, unsigned where, const char *word, const char *value)
{
    if (job->nitems == job->cap_items) {
        job->cap_items = job->cap_items ? 2 * job->cap_items : 32;
        struct item *items = host_alloc(job->cap_items * sizeof *items);
        if (job->nitems)
            memcpy(items, job->items, job->nitems * sizeof *items);
        job->items = items;
    }
    struct item *it = &job->items[job->nitems++];
    *it = (struct item){.where = where, .words = {word, value}};
    return it;
}

static enum input_kind kind_of_language(const char *language)
{
    if (strcmp(language, "c") == 0)
        return INPUT_C;
    return strcmp(language, "cpp-output") == 0 ? INPUT_CPP : INPUT_FOREIGN;
}

static enum input_kind kind_of_name(const char *name)
{
    static const char *const foreign[] = {".h",   ".s",   ".S", ".sx", ".cc", ".cp", ".cxx",
                                          ".cpp", ".c++", ".C", ".ii", ".m",  ".mm", ".f",
                                          ".f90", ".go",  ".d", ".ll", ".bc", NULL};
    if (host_ends(name, ".c"))
        return INPUT_C;
    if (host_ends(name, ".i"))
        return INPUT_CPP;
    for (const char *const *f = foreign; *f; f++)
        if (host_ends(name, *f))
            return INPUT_FOREIGN;
    return INPUT_LINKER;
}

static int add_input(struct job *job, const char *name, const char *language)
{
    struct item *it = add_item(job, 0, name, NULL);
    it->input = language ? kind_of_language(language) : kind_of_name(name);
    it->language = language;
    job->ninputs++;
    if (strcmp(name, "-") == 0 && !language) {
        if (job->mode != MODE_PREPROCESS && job->mode != MODE_DEPS)
            return cc_error("-E or -x required when input is from standard input");
        it->input = INPUT_C;
        it->language = "c";
    } else if (strcmp(name, "-") != 0 && !host_exists(name)) {
        return cc_error("%s: No such file or directory", name);
    }
    return 0;
}

const char *runtime_name(enum runtime runtime)
{
    static const char *const names[] = {"segment", "gil", "plainview", "count", "check", "verify"};
    return names[runtime];
}

static int set_runtime(struct job *job, const char *name, const char *from)
{
    for (job->runtime = RUNTIME_SEGMENT; job->runtime <= RUNTIME_VERIFY; job->runtime++)
        if (strcmp(name, runtime_name(job->runtime)) == 0)
            return 0;
    return cc_error("%s: unknown runtime '%s' (segment, gil, plainview, count, check or verify)", from, name);
}

/* Options that belong to us, or that say what to do.  Returns -1 when the argument is none of them; value is
 * the next argument, and *used says that it was taken. */
static int read_own(struct job *job, const char *arg, const char *value, bool *used)
{
    *used = false;
    if (host_starts(arg, "--runtime="))
        return set_runtime(job, arg + 10, "--runtime");
    if (strcmp(arg, "--count") == 0)
        return job->runtime = RUNTIME_COUNT, 0;
    if (strcmp(arg, "--check") == 0)
        return job->runtime = RUNTIME_CHECK, 0;
    if (strcmp(arg, "--verify") == 0)
        return job->runtime = RUNTIME_VERIFY, 0;
    if (host_starts(arg, "--real=")) {
        job->real = (struct host_vec){0};
        host_vec_words(&job->real, arg + 7);
        return job->real_given = true, 0;
    }
    if (strcmp(arg, "--checked-stores") == 0)
        return job->checked_stores = true, 0;
    if (strcmp(arg, "--whole-program") == 0)
        return job->whole = true, 0;
    if (host_starts(arg, "--whole-facts="))
        return job->facts = arg + 14, 0;
    if (strcmp(arg, "--keep") == 0)
        return job->keep = true, 0;
    if (host_starts(arg, "--keep="))
        return job->keep = true, job->keep_dir = arg + 7, 0;
    if (strcmp(arg, "--ungil-verbose") == 0)
        return job->verbose = true, 0;
    if (strcmp(arg, "--help") == 0)
        return job->help = true, 0;
    if (strcmp(arg, "--version") == 0)
        return job->version = true, 0;
    if (strcmp(arg, "-Rstm") == 0) {
        host_vec_add(&job->translate_options, arg);
        return 0;
    }
    if (strcmp(arg, "-Xungil") == 0) {
        if (!value)
            return cc_error("argument to '%s' is missing", arg);
        *used = true;
        host_vec_add(&job->translate_options, value);
        return 0;
    }
    if (strcmp(arg, "-v") == 0) {
        job->verbose = true;
        add_item(job, BUILD | FOR_ONLY_E, arg, NULL);
        return 0;
    }
    if (strcmp(arg, "-###") == 0)
        return job->verbose = job->dry_run = true, 0;
    if (strcmp(arg, "-save-temps") == 0 || strcmp(arg, "-save-temps=obj") == 0 ||
        strcmp(arg, "--save-temps") == 0)
        return job->save_temps = job->keep = true, 0;
    if (strcmp(arg, "-save-temps=cwd") == 0)
        return job->save_temps = job->keep = true, job->keep_dir = ".", 0;
    return -1;
}

static void set_mode(struct job *job, enum mode mode, const char *arg)
{
    /* The step that ends earliest wins, as with cc -c -S. */
    if (mode > job->mode)
        job->mode = mode;
    if (mode >= MODE_PREPROCESS)
        job->mode_option = arg;
}

/* -c -S -E -fsyntax-only and the -M family, also as -Wp,-MD,file.  As read_own. */
static int read_mode(struct job *job, const char *arg, const char *value, bool *used)
{
    *used = false;
    if (strcmp(arg, "-c") == 0)
        return set_mode(job, MODE_COMPILE, arg), 0;
    if (strcmp(arg, "-S") == 0)
        return set_mode(job, MODE_ASSEMBLY, arg), 0;
    if (strcmp(arg, "-E") == 0)
        return set_mode(job, MODE_PREPROCESS, arg), 0;
    if (strcmp(arg, "-fsyntax-only") == 0)
        return set_mode(job, MODE_SYNTAX, arg), 0;
    if (strcmp(arg, "-M") == 0 || strcmp(arg, "-MM") == 0)
        return set_mode(job, MODE_DEPS, arg), 0;
    if (strcmp(arg, "-MD") == 0)
        return job->deps = true, 0;
    if (strcmp(arg, "-MMD") == 0)
        return job->deps = job->deps_user_only = true, 0;
    if (strcmp(arg, "-MP") == 0 || strcmp(arg, "-MG") == 0)
        return host_vec_add(&job->deps_rest, arg), 0;
    if (host_starts(arg, "-Wp,-MD,"))
        return job->deps = true, job->deps_file = arg + 8, 0;
    if (host_starts(arg, "-Wp,-MMD,"))
        return job->deps = job->deps_user_only = true, job->deps_file = arg + 9, 0;
    if (host_starts(arg, "-Wp,-MT,") || host_starts(arg, "-Wp,-MQ,")) {
        host_vec_add(&job->deps_rest, host_strndup(arg + 4, 3));
        host_vec_add(&job->deps_rest, arg + 8);
        return job->deps_target = true, 0;
    }
    if (host_starts(arg, "-Wp,"))
        return add_item(job, FOR_CPP, arg, NULL), 0;
    if (host_starts(arg, "-MF") || host_starts(arg, "-MT") || host_starts(arg, "-MQ")) {
        const char *v = arg[3] ? arg + 3 : value;
        if (!v)
            return cc_error("argument to '%s' is missing", arg);
        *used = !arg[3];
        if (arg[2] == 'F')
            return job->deps_file = v, 0;
        host_vec_add(&job->deps_rest, host_strndup(arg, 3));
        host_vec_add(&job->deps_rest, v);
        return job->deps_target = true, 0;
    }
    return -1;
}

/* What the compiler adds to a function with these the translator does not see. */
static const struct refused {
    const char *option, *why;
} refused[] = {
    {"-finstrument-functions", "calls that the compiler adds are not known to the translator"},
    {"-fxray-instrument", "calls that the compiler adds are not known to the translator"},
    {"-fopenmp", "its threads are not known to the runtime"},
    {"-fblocks", "the bodies of blocks are not translated"},
    {"-fopenacc", "its threads are not known to the runtime"},
    {"-ftree-parallelize-loops=", "its threads are not known to the runtime"},
    {"-fpack-struct", "the runtime's structs would be others: use #pragma pack around yours"},
    {"-femulated-tls", "the runtime's thread-local variables are not emulated"},
    {"-mrtd", "the runtime's functions are called otherwise"},
    {"-fcommon",
     "variables lie in sections, with nothing to merge: define each in one file, extern in others"},
};

static void note_refused(struct job *job, const char *arg)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (host_starts(arg, refused[i].option) && strcmp(arg, "-fopenmp-simd") != 0)
            job->refused = host_printf("%s: %s", arg, refused[i].why);
}

/* What an option that is passed on means for our own behaviour. */
static void note_option(struct job *job, const char *arg)
{
    note_refused(job, arg);
    if (strcmp(arg, "-emit-llvm") == 0)
        job->emit_llvm = true;
    if (host_starts(arg, "-Werror") || strcmp(arg, "-pedantic-errors") == 0)
        job->werror = true;
    if (strcmp(arg, "-shared") == 0 || strcmp(arg, "-r") == 0 || strcmp(arg, "-nostdlib") == 0 ||
        strcmp(arg, "-nodefaultlibs") == 0 || strcmp(arg, "-Wl,-r") == 0)
        job->no_libungil = true;
    if (strcmp(arg, "-fuse-ld=gold") == 0 || strcmp(arg, "-fuse-ld=mold") == 0)
        job->unsupported_linker = true;
    if (host_starts_any(arg, aux_outputs))
        job->aux_outputs = true;
    if (host_starts(arg, "-fsanitize=") && strstr(arg, "thread"))
        job->tsan = true;
    if (host_starts(arg, "-fno-sanitize=") && strstr(arg, "thread"))
        job->tsan = false;
}

static bool reserved(const char *name)
{
    return name[0] == '_' && (name[1] == '_' || (name[1] >= 'A' && name[1] <= 'Z'));
}

/* -D and -U: the text is already expanded when it is parsed and compiled, and must not be expanded again;
 * but the system headers, whose includes stay in the text, must see their feature-test macros. */
static int read_macro(struct job *job, const char *arg, const char *value, bool *used)
{
    *used = !arg[2];
    const char *definition = arg[2] ? arg + 2 : value;
    if (!definition)
        return cc_error("argument to '%s' is missing", arg);
    struct item *it = add_item(job, FOR_CPP, arg, *used ? value : NULL);
    it->macro = host_strndup(definition, strcspn(definition, "=("));
    if (reserved(it->macro))
        it->where |= FOR_PARSE | FOR_COMPILE;
    return 0;
}

static int read_one(struct job *job, const char *arg, const char *value, bool *used)
{
    static const char *language; /* of -x, for the inputs that follow */
    int status;
    if ((status = read_own(job, arg, value, used)) >= 0)
        return status;
    if ((status = read_mode(job, arg, value, used)) >= 0)
        return status;
    if (arg[0] != '-' || strcmp(arg, "-") == 0)
        return add_input(job, arg, language);
    if (host_starts_any(arg, queries)) {
        job->passthrough = true;
        return 0;
    }
    if (host_starts(arg, "-D") || host_starts(arg, "-U"))
        return read_macro(job, arg, value, used);
    if (arg[1] == 'x' || (arg[1] == 'o' && !host_starts(arg, "-object"))) {
        const char *v = arg[2] ? arg + 2 : value;
        if (!v)
            return cc_error("argument to '%s' is missing", arg);
        *used = !arg[2];
        if (arg[1] == 'o')
            job->output = v;
        else
            language = strcmp(v, "none") == 0 ? NULL : v;
        return 0;
    }
    const struct option *o = find_option(arg);
    unsigned where = o ? o->where : BUILD;
    if (o && (o->shape == SEPARATE || (o->shape == EITHER && !arg[strlen(o->name)]))) {
        if (!value)
            return cc_error("argument to '%s' is missing", arg);
        *used = true;
    }
    if (host_starts_any(arg, gcc_only))
        where &= ~(unsigned)FRONT;
    note_option(job, arg);
    add_item(job, where, arg, *used ? value : NULL);
    return 0;
}

static const char *environment(const char *name, const char *otherwise)
{
    const char *s = getenv(name);
    return s && *s ? s : otherwise;
}

int args_read(struct job *job, const struct host_vec *argv)
{
    *job = (struct job){0};
    job->clang = environment("UNGIL_CLANG", UNGIL_DEFAULT_CLANG);
    host_vec_words(&job->real, environment("UNGIL_CC", job->clang));
    int status = set_runtime(job, environment("UNGIL_RUNTIME", "segment"), "UNGIL_RUNTIME");
    /* -x decides about `-`, and -E about it too, wherever it stands: look for it first. */
    for (size_t i = 1; i < argv->n; i++)
        if (strcmp(argv->v[i], "-E") == 0 && strcmp(argv->v[i - 1], "-Xlinker") != 0)
            job->mode = MODE_PREPROCESS, job->mode_option = "-E";
    for (size_t i = 1; i < argv->n && status == 0; i++) {
        if (strcmp(argv->v[i], "--launch") ==
            0) { /* CMake's launcher: the next argument is the real compiler */
            if (++i == argv->n)
                return cc_error("argument to '--launch' is missing");
            if (!job->real_given) {
                job->real = (struct host_vec){0};
                host_vec_add(&job->real, argv->v[i]);
            }
            continue;
        }
        bool used;
        status = read_one(job, argv->v[i], argv->v[i + 1], &used);
        i += used;
    }
    if (status == 0 && job->tsan && job->runtime != RUNTIME_GIL)
        return cc_error("-fsanitize=thread: with --runtime=gil only (doc/debugging.md)");
    if (job->real.n == 0)
        return cc_error("the real compiler's name is blank");
    return job->passthrough ? 0 : status;
}

void args_help(void)
{
    fputs(
        "usage: ungil-cc [options] file...\n"
        "\n"
        "A drop-in C compiler driver: translates each C input with `ungil`, compiles the result with the "
        "real\n"
        "compiler, and links with the Ungil runtime. Takes any option of cc, and:\n"
        "\n"
        "  --runtime=segment   references through %gs: parallel (default)\n"
        "  --runtime=gil       the same collector and interface, one lock around transactions\n"
        "  --runtime=plainview as segment, without %gs: for sanitizers\n"
        "  --whole-program     summaries beside the objects; the link step translates again with what it "
        "learns from all of them\n"
        "  --count             as segment, and counts executed accesses and barriers (also --runtime=count)\n"
        "  --check             as segment, and stops at an access that no barrier covers (also "
        "--runtime=check)\n"
        "  --verify            make bitcode, and instead of linking prove that no barrier is missing (also\n"
        "                      --runtime=verify; after the optimiser, if the link is given -O)\n"
        "  --checked-stores    look before storing: what is there already is not written again\n"
        "  -Rstm               a remark for each barrier that stays and each cause of inevitability\n"
        "  --real=CC           the real compiler, as UNGIL_CC\n"
        "  --keep[=DIR]        keep name.i and name.stm.c, in DIR or beside the output (also -save-temps,\n"
        "                      which keeps name.s too)\n"
        "  -Xungil OPTION      pass OPTION to `ungil translate`\n"
        "  --ungil-verbose     print the commands that are run (-v does too; -### prints and runs none)\n"
        "  --launch CC         CC is the real compiler, unless --real stands before (for CMake's launchers)\n"
        "  --help, --version\n"
        "\n"
        "Environment:\n"
        "  UNGIL_CC       the real compiler, with options if need be (default: UNGIL_CLANG)\n"
        "  UNGIL_CLANG    clang 19, which preprocesses (default: clang-19); -E and -M are its work too\n"
        "  UNGIL_RUNTIME  as --runtime\n"
        "  TMPDIR         where temporary files go; they are always removed\n"
        "\n"
        "Exit status: 0 done; 1 an error in the program; 2 a missing file or compiler, or bad usage;\n"
        "128 + n: signal n ended a step.\n",
        stdout);
}
