/* prototypes.c - analysis/externals.txt against the C library's own headers: has each function that both know
 * as many arguments in the table as in its prototype, is a pointer what the table says points somewhere, and
 * may what the table says is written be written?  And, where a prototype lets a function write what it is
 * given, does the table say so?  Those that may, and don't, are listed here.
 *
 * The table's lines are read here once more: what the translator makes of them is its affair. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <clang-c/Index.h>

static const char *const headers[] = {
    "aio.h",         "argp.h",       "argz.h",         "arpa/inet.h",   "assert.h",       "complex.h",
    "ctype.h",       "dirent.h",     "dlfcn.h",        "envz.h",        "err.h",          "errno.h",
    "error.h",       "fcntl.h",      "fenv.h",         "fmtmsg.h",      "fnmatch.h",      "fts.h",
    "ftw.h",         "getopt.h",     "glob.h",         "grp.h",         "iconv.h",        "ifaddrs.h",
    "inttypes.h",    "langinfo.h",   "libgen.h",       "libintl.h",     "link.h",         "locale.h",
    "malloc.h",      "math.h",       "mntent.h",       "monetary.h",    "mqueue.h",       "net/if.h",
    "netdb.h",       "netinet/in.h", "nl_types.h",     "obstack.h",     "poll.h",         "printf.h",
    "pthread.h",     "pty.h",        "pwd.h",          "regex.h",       "resolv.h",       "sched.h",
    "search.h",      "semaphore.h",  "setjmp.h",       "shadow.h",      "signal.h",       "spawn.h",
    "stdio.h",       "stdio_ext.h",  "stdlib.h",       "string.h",      "strings.h",      "sys/epoll.h",
    "sys/eventfd.h", "sys/file.h",   "sys/inotify.h",  "sys/ioctl.h",   "sys/ipc.h",      "sys/mman.h",
    "sys/mount.h",   "sys/msg.h",    "sys/prctl.h",    "sys/ptrace.h",  "sys/random.h",   "sys/resource.h",
    "sys/select.h",  "sys/sem.h",    "sys/sendfile.h", "sys/shm.h",     "sys/signalfd.h", "sys/socket.h",
    "sys/stat.h",    "sys/statfs.h", "sys/statvfs.h",  "sys/syscall.h", "sys/sysinfo.h",  "sys/time.h",
    "sys/timerfd.h", "sys/times.h",  "sys/types.h",    "sys/uio.h",     "sys/un.h",       "sys/utsname.h",
    "sys/wait.h",    "sys/xattr.h",  "syslog.h",       "termios.h",     "threads.h",      "time.h",
    "uchar.h",       "ucontext.h",   "unistd.h",       "utime.h",       "utmpx.h",        "wchar.h",
    "wctype.h",      "wordexp.h",
};

/* NAME:ARGUMENT (from 1): a pointer to what is not const, and is only read, as the standards say. */
static const char *const not_written[] = {
    "execv:2",        "execve:2",       "execve:3",         "execvp:2",         "execvpe:2",
    "execvpe:3",      "fexecve:2",      "fexecve:3",        "posix_spawn:5",    "posix_spawn:6",
    "posix_spawnp:5", "posix_spawnp:6", "inet6_opt_next:1", "inet6_opt_find:1", "lfind:3",
    "longjmp:1",      "_longjmp:1",     "siglongjmp:1",     "timer_create:2",
};

struct row {
    char name[64], effect[80], args[16];
    bool mapped, refused, keeps, found;
};
static struct row rows[2000];
static unsigned nrows, compared, bad;

static void read_table(const char *file)
{
    FILE *f = fopen(file, "r");
    assert_non_null(f);
    char line[600];
    while (fgets(line, sizeof line, f)) {
        struct row *r = &rows[nrows];
        *r = (struct row){0};
        if (line[0] == '#' || sscanf(line, "%63s %79s %15s", r->name, r->effect, r->args) < 2)
            continue;
        if (r->args[0] && !strchr("-rwuesvx.", r->args[0]))
            r->args[0] = 0; /* a flag: there are no arguments */
        r->mapped = r->effect[0] == '=';
        r->keeps = strstr(line, " keeps") != NULL; /* a pointer that is not kept has a dash */
        r->refused = !strncmp(r->effect, "no:", 3);
        assert_true(++nrows < sizeof rows / sizeof *rows);
    }
    fclose(f);
}

static void complain(const struct row *r, int argument, const char *what)
{
    if (argument)
        print_error("%s: argument %d: %s\n", r->name, argument, what);
    else
        print_error("%s: %s\n", r->name, what);
    bad++;
}

static bool is_listed(const struct row *r, int argument)
{
    char name[80];
    snprintf(name, sizeof name, "%s:%d", r->name, argument);
    for (unsigned i = 0; i < sizeof not_written / sizeof *not_written; i++)
        if (!strcmp(name, not_written[i]))
            return true;
    return false;
}

static bool is_va_list(CXType t)
{
    CXString s = clang_getTypeSpelling(t);
    bool is = strstr(clang_getCString(s), "va_list") != NULL;
    clang_disposeString(s);
    return is;
}

static void compare_argument(const struct row *r, int argument, char letter, CXType t)
{
    CXType c = clang_getCanonicalType(t);
    if (is_va_list(t)) {
        if (letter != 'v')
            complain(r, argument, "is a va_list");
        return;
    }
    if (letter == 'v')
        complain(r, argument, "is no va_list");
    bool pointer = c.kind == CXType_Pointer || c.kind == CXType_ConstantArray ||
                   c.kind == CXType_IncompleteArray || c.kind == CXType_VariableArray;
    bool transparent = c.kind == CXType_Record; /* a union of pointers, of sockets' functions */
    CXType to = clang_getCanonicalType(c.kind == CXType_Pointer ? clang_getPointeeType(c)
                                                                : clang_getArrayElementType(c));
    bool function = pointer && (to.kind == CXType_FunctionProto || to.kind == CXType_FunctionNoProto);
    if (letter == '-') {
        if (pointer && !function && !r->mapped && !r->keeps)
            complain(r, argument, "is a pointer, and the table says a value");
        return;
    }
    if (!pointer && !transparent)
        complain(r, argument, "is no pointer");
    if (pointer && letter == 'w' && clang_isConstQualifiedType(to) && !r->mapped)
        complain(r, argument, "is not to be written");
    if (pointer && letter == 'r' && !clang_isConstQualifiedType(to) && !function && !is_listed(r, argument))
        complain(r, argument, "may be written, and the table says it is not");
}

static enum CXChildVisitResult visit(CXCursor c, CXCursor parent, CXClientData data)
{
    (void)parent, (void)data;
    if (clang_getCursorKind(c) != CXCursor_FunctionDecl)
        return CXChildVisit_Continue;
    CXString s = clang_getCursorSpelling(c);
    struct row *r = NULL;
    for (unsigned i = 0; i < nrows && !r; i++)
        if (!strcmp(rows[i].name, clang_getCString(s)))
            r = &rows[i];
    clang_disposeString(s);
    CXType t = clang_getCursorType(c);
    if (!r || r->refused || r->found)
        return CXChildVisit_Continue;
    r->found = true;
    compared++;
    char args[16];
    snprintf(args, sizeof args, "%s", r->args);
    char *rest = strchr(args, '.');
    if (rest)
        *rest = 0;
    int n = clang_Cursor_getNumArguments(c);
    if ((int)strlen(args) != n)
        complain(r, 0, "another number of arguments");
    else
        for (int i = 0; i < n; i++)
            compare_argument(r, i + 1, args[i], clang_getArgType(t, (unsigned)i));
    bool values = !strcmp(r->name, "open"); /* what it may have more is a value */
    if (!values && clang_isFunctionTypeVariadic(t) != (rest != NULL))
        complain(r, 0, rest ? "is not variadic" : "is variadic");
    return CXChildVisit_Continue;
}

static void the_table_agrees_with_the_headers(void **state)
{
    (void)state;
    read_table(TEST_TABLE);
    static char text[20000];
    strcpy(text, "#define _GNU_SOURCE 1\n");
    for (unsigned i = 0; i < sizeof headers / sizeof *headers; i++)
        sprintf(text + strlen(text), "#include <%s>\n", headers[i]);
    struct CXUnsavedFile file = {"all.c", text, strlen(text)};
    const char *const options[] = {"-std=gnu17", "-resource-dir", TEST_RESOURCES};
    CXIndex index = clang_createIndex(0, 1);
    CXTranslationUnit unit = clang_parseTranslationUnit(index, "all.c", options, 3, &file, 1, 0);
    assert_non_null(unit);
    assert_int_equal(clang_getNumDiagnostics(unit), 0);
    clang_visitChildren(clang_getTranslationUnitCursor(unit), visit, NULL);
    print_message("%u of %u lines have a prototype\n", compared, nrows);
    clang_disposeTranslationUnit(unit);
    clang_disposeIndex(index);
    assert_true(compared > 390);
    assert_int_equal(bad, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_table_agrees_with_the_headers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
