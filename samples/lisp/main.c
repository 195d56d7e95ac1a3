/* main.c - the command line, and the loop over the forms of the program. */
#include <stdlib.h>
#include <string.h>

#include "object.h"

#define USAGE "usage: lisp [-t threads] [--help] [--version] file.lisp [integer ...]\n"

static _Noreturn void usage_error(const char *message, const char *culprit)
{
    fprintf(stderr, "lisp: %s%s\n" USAGE, message, culprit);
    exit(2);
}

/* Evaluates the forms of an open file one by one. */
static void run_program(void *file)
{
    struct reader reader = {file, 1};
    struct container *queue = new_container(NIL);
    value form;
    uint32_t line;
    while (read_form(&reader, &form, &line)) {
        value at = new_pair_at(line, form, NIL);
        eval((struct pair *)at, NULL, queue, 0);
        STM_SAFEPOINT();
    }
}

static int thread_count(const char *text)
{
    char *end;
    long n = strtol(text, &end, 10);
    if (end == text || *end != '\0' || n < 1 || n > MAX_THREADS)
        usage_error("not a number of threads from 1 to 64: ", text);
    return (int)n;
}

int main(int argc, char **argv)
{
    int threads = stm_segments();
    int i = 1;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(USAGE, stdout);
            return 0;
        }
        if (strcmp(argv[i], "--version") == 0) {
            puts("lisp (ungil sample) " UNGIL_VERSION);
            return 0;
        }
        if (strcmp(argv[i], "-t") != 0)
            usage_error("unknown option: ", argv[i]);
        if (++i == argc)
            usage_error("-t needs a number", "");
        threads = thread_count(argv[i]);
    }
    if (i == argc)
        usage_error("no program given", "");

    source_name = argv[i];
    FILE *in = fopen(source_name, "r");
    if (!in) {
        perror(source_name);
        return 2;
    }
    set_threads(threads);
    define_ops();
    set_arguments(argc - i - 1, argv + i + 1);
    run_threads(1, run_program, in);
    fclose(in);
    return 0;
}
