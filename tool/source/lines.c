/* lines.c - a file's lines, for those who show them. */
#include "source/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/util.h"

char **lines_read(const char *file, unsigned *n)
{
    FILE *f = fopen(file, "r");
    char **lines = NULL, *line = NULL;
    unsigned cap = 0;
    size_t size = 0;
    *n = 0;
    if (!f)
        return NULL;
    while (getline(&line, &size, f) >= 0) {
        line[strcspn(line, "\r\n")] = 0;
        ptr_push(&lines, n, &cap, strdup(line));
    }
    free(line);
    fclose(f);
    return lines;
}

void lines_free(char **lines, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        free(lines[i]);
    free(lines);
}
