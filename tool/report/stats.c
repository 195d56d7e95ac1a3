/* stats.c - what `ungil translate --stats` prints: static counts, before and after the passes. */
#include "report/stats.h"

#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Counts the lines of the user's file and those that carry an annotation (an STM_ name outside comments and
 * directives). */
void stats_count_lines(const char *file, unsigned *lines, unsigned *annotated)
{
    FILE *f = fopen(file, "r");
    char *buf = NULL;
    size_t cap = 0;
    bool comment = false;
    *lines = *annotated = 0;
    if (!f)
        return;
    while (getline(&buf, &cap, f) > 0) {
        ++*lines;
        bool found = false;
        for (const char *p = buf; *p && *p != '#'; p++) {
            if (comment) {
                if (p[0] == '*' && p[1] == '/') {
                    comment = false;
                    p++;
                }
            } else if (p[0] == '/' && p[1] == '*') {
                comment = true;
                p++;
            } else if (p[0] == '/' && p[1] == '/') {
                break;
            } else if (!strncmp(p, "STM_", 4) &&
                       (p == buf || (!isalnum((unsigned char)p[-1]) && p[-1] != '_')) &&
                       isupper((unsigned char)p[4])) {
                found = true;
            }
        }
        *annotated += found;
    }
    free(buf);
    fclose(f);
}

static json_t *count(const struct pass_count *c)
{
    return json_pack("{s:I, s:I}", "read", (json_int_t)c->read, "write", (json_int_t)c->write);
}

void stats_json(FILE *out, const char *file, unsigned lines, unsigned annotated, const struct pass_stats *s)
{
    json_t *rows = json_array();
    for (unsigned i = 0; i < s->npasses; i++)
        json_array_append_new(rows, json_pack("{s:s, s:I, s:I, s:I}", "name", s->passes[i].name, "changes",
                                              (json_int_t)s->passes[i].changes, "read",
                                              (json_int_t)s->passes[i].left.read, "write",
                                              (json_int_t)s->passes[i].left.write));
    json_t *j = json_pack("{s:s, s:i, s:i, s:o, s:o, s:o, s:o}", "file", file, "lines", (int)lines,
                          "annotated_lines", (int)annotated, "accesses", count(&s->accesses), "naive",
                          count(&s->naive), "passes", rows, "final", count(&s->final));
    json_dumpf(j, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(j);
}

void stats_text(FILE *out, const char *file, unsigned lines, unsigned annotated, const struct pass_stats *s)
{
    fprintf(out, "%s: %u lines, %u annotated\n", file, lines, annotated);
    fprintf(out, "  %-28s %8s %8s\n", "", "read", "write");
    fprintf(out, "  %-28s %8lu %8lu\n", "accesses to shared memory", s->accesses.read, s->accesses.write);
    fprintf(out, "  %-28s %8lu %8lu\n", "barriers placed naively", s->naive.read, s->naive.write);
    bool placed = false; /* the passes before placement only find facts */
    for (unsigned i = 0; i < s->npasses; i++)
        if ((placed |= !strcmp(s->passes[i].name, "place")))
            fprintf(out, "    after %-22s %8lu %8lu\n", s->passes[i].name, s->passes[i].left.read,
                    s->passes[i].left.write);
    fprintf(out, "  %-28s %8lu %8lu\n", "barriers left", s->final.read, s->final.write);
}
