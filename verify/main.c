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
static const char o0[] = "always-inline,function(sroa),cgscc(function-attrs)";
static const char o2[] =
    "always-inline,function(sroa,early-cse<memssa>,instsimplify,simplifycfg),globalopt,"
    "cgscc(devirt<4>(inline,function-attrs,function(sroa,early-cse<memssa>,"
    "jump-threading,simplifycfg,instsimplify,bdce,loop-mssa(licm),gvn<no-pre;no-load-pre>,dse,adce,"
    "simplifycfg))),globaldce,function(early-cse<memssa>,gvn<no-pre;no-load-pre>,dse,simplifycfg)";

static void check_unless_dropped(struct ins *i)
{
    if (!claims_has("dropped", i->b->f->name))
        check_access(i);
}

static int check_all(const char *const *files, unsigned n, bool stats)
{
    program_load(files, n, prog.optimized ? o2 : o0);
    same_start();
    program_each(check_unless_dropped);
    report_all();
    if (stats)
        printf(
            "%s: %u functions, %lu accesses (%lu reads, %lu writes; %lu at real addresses; %lu of immutable "
            "fields), %lu findings\n",
            prog.optimized ? "-O2" : "-O0", prog.all.n, counted.accesses, counted.loads, counted.stores,
            counted.resolved, counted.by_immutable, counted.findings);
    fflush(stdout);
    return counted.findings ? 1 : 0;
}

/* Before the optimiser, in a process of its own: which loads are of immutable fields is known by their types,
 * which the optimiser drops where they add nothing to an address.  They are told by a mark in the bitcode,
 * which is handed on through the n files `marked`, and, where the optimiser drops that, by their places, in
 * the file behind these. */
static int check_before(const char *const *files, unsigned n, bool stats, const char *const *marked)
{
    int status;
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        die("fork: %s", strerror(errno));
    if (!child) {
        prog.optimized = false;
        prog.notes = fopen(marked[n], "w");
        if (!prog.notes)
            die("%s: %s", marked[n], strerror(errno));
        status = check_all(files, n, stats);
        fclose(prog.notes);
        program_write(marked);
        exit(status);
    }
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
        die("the check before the optimiser did not end well");
    if (WEXITSTATUS(status) < 2)
        claims_read(marked[n]);
    return WEXITSTATUS(status);
}

static int check_both(const char *const *files, unsigned n, bool stats)
{
    char dir[] = "/tmp/ungil-verify-XXXXXX", **marked = xzalloc((n + 1) * sizeof *marked);
    if (!mkdtemp(dir))
        die("%s: %s", dir, strerror(errno));
    for (unsigned k = 0; k <= n; k++)
        if (asprintf(&marked[k], "%s/%u", dir, k) < 0)
            die("out of memory");
    int before = check_before(files, n, stats, (const char *const *)marked);
    int after = before < 2 ? check_all((const char *const *)marked, n, stats) : 2;
    for (unsigned k = 0; k <= n; k++)
        unlink(marked[k]);
    rmdir(dir);
    return after > before ? after : before;
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
    return (prog.optimized ? check_both : check_all)(files, n, stats);
}
