/* ungil-verify - proves of translated code that its barriers do what they must (doc/verify.md).
 *
 * It reads the bitcode that `ungil-cc --verify` makes, in which barriers are calls, and knows nothing of how
 * the translator came to its decisions: it shares no code with passes/ or tool/, and takes nothing from the
 * summaries. */
#include "verify.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

void resolve_forward(LLVMValueRef v);

static void usage(FILE *out)
{
    fputs("usage: ungil-verify [-O LEVEL] [--whole] [--stats] [--externals FILE] FILE...\n"
          "\n"
          "  FILE              bitcode that ungil-cc --verify made\n"
          "  -O LEVEL          0 (default); 2: after the optimiser, too\n"
          "  --whole           the files are all code of the program that calls by name\n"
          "  --stats           say how much was looked at\n"
          "  --externals FILE  what functions outside do\n",
          out);
}

static const char *default_externals(void)
{
    static char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 64);
    if (n <= 0)
        return "externals.txt";
    path[n] = 0;
    char *slash = strrchr(path, '/');
    size_t at = slash ? (size_t)(slash + 1 - path) : 0;
    snprintf(path + at, sizeof path - at, "../share/ungil/externals.txt");
    return path;
}

/* What `-O2` stands for here: LLVM's passes that move, merge or delete accesses and calls.  Left out are
 * those that only give addresses another form or loops another shape: then neither structs nor rounds are to
 * be seen any more. */
static const char o0[] = "always-inline,function(mem2reg)";
static const char o2[] =
    "always-inline,function(sroa,early-cse<memssa>,instsimplify,simplifycfg),globalopt,"
    "cgscc(devirt<4>(inline,function-attrs,function(sroa,early-cse<memssa>,"
    "jump-threading,simplifycfg,instsimplify,bdce,loop-mssa(licm),gvn<no-pre;no-load-pre>,dse,adce,"
    "simplifycfg))),globaldce,function(early-cse<memssa>,gvn<no-pre;no-load-pre>,dse,simplifycfg)";

static int check_loaded(bool stats)
{
    for (unsigned f = 0; f < prog.nfuncs; f++)
        for (unsigned b = 0; b < prog.funcs[f]->nblocks; b++)
            for (unsigned k = 0; k < prog.funcs[f]->blocks[b]->n; k++) {
                const struct ins *i = &prog.funcs[f]->blocks[b]->ins[k];
                if (i->mark && i->mark->effect & E_RESOLVES)
                    resolve_forward(i->v);
            }
    values_start();
    for (unsigned f = 0; f < prog.nfuncs; f++)
        if (!claims_has("dropped", prog.funcs[f]->name))
            check_function(prog.funcs[f]);
    report_all();
    if (stats)
        printf(
            "%s: %u functions, %lu accesses (%lu reads, %lu writes; %lu at real addresses; %lu of immutable "
            "fields), %lu findings\n",
            prog.optimized ? "-O2" : "-O0", prog.nfuncs, counted.accesses, counted.loads, counted.stores,
            counted.resolved, counted.by_immutable, counted.findings);
    fflush(stdout);
    return counted.findings ? 1 : 0;
}

static int check_all(const char *const *files, unsigned n, bool stats)
{
    program_load(files, n, o0);
    return check_loaded(stats);
}

/* Before the optimiser first, in a process of its own: which loads are of immutable fields is known by their
 * types, which the optimiser drops where they add nothing to an address.  They are told by a mark in the
 * bitcode, which is handed on through the files in `marked`, and, where the optimiser drops that, by their
 * places. */
static int check_before(const char *const *files, unsigned n, bool stats, const char *const *marked)
{
    int notes[2], status;
    char *text = NULL;
    size_t size = 0, cap = 0;
    if (pipe(notes))
        die("pipe: %s", strerror(errno));
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        die("fork: %s", strerror(errno));
    if (!child) {
        close(notes[0]);
        prog.optimized = false;
        prog.notes = fdopen(notes[1], "w");
        status = prog.notes ? check_all(files, n, stats) : 2;
        if (prog.notes)
            fclose(prog.notes);
        program_write(marked);
        exit(status);
    }
    close(notes[1]);
    for (ssize_t got = 1; got > 0; size += got > 0 ? (size_t)got : 0) {
        if (cap < size + 4096)
            text = xrealloc(text, cap = 2 * cap + 8192);
        got = read(notes[0], text + size, cap - size);
    }
    close(notes[0]);
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
        die("the check before the optimiser did not end well");
    claims_add(text, size);
    return WEXITSTATUS(status);
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {{"whole", no_argument, NULL, 'w'},
                                          {"stats", no_argument, NULL, 's'},
                                          {"externals", required_argument, NULL, 'e'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    const char *externals = NULL;
    bool stats = false;
    for (int c; (c = getopt_long(argc, argv, "O:h", longs, NULL)) != -1;) {
        if (c == 'w')
            prog.whole = true;
        else if (c == 's')
            stats = true;
        else if (c == 'e')
            externals = optarg;
        else if (c == 'O' && (!strcmp(optarg, "0") || !strcmp(optarg, "2")))
            prog.optimized = *optarg == '2';
        else if (c == 'h')
            return usage(stdout), 0;
        else
            return usage(stderr), 2;
    }
    if (optind == argc)
        return usage(stderr), 2;
    if (!externals)
        externals = default_externals();
    if (!claims_read_externals(externals))
        die("cannot read %s", externals);
    const char *const *files = (const char *const *)argv + optind;
    unsigned n = (unsigned)(argc - optind);
    if (!prog.optimized)
        return check_all(files, n, stats);
    char dir[] = "/tmp/ungil-verify-XXXXXX", **marked = xrealloc(NULL, n * sizeof *marked);
    if (!mkdtemp(dir))
        die("%s: %s", dir, strerror(errno));
    for (unsigned k = 0; k < n; k++)
        if (asprintf(&marked[k], "%s/%u.bc", dir, k) < 0)
            die("out of memory");
    int before = check_before(files, n, stats, (const char *const *)marked);
    if (before != 2)
        program_load((const char *const *)marked, n, o2);
    for (unsigned k = 0; k < n; k++)
        unlink(marked[k]);
    rmdir(dir);
    if (before == 2)
        return 2;
    int after = check_loaded(stats);
    return after > before ? after : before;
}
