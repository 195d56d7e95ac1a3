/* stats.h - static counts, before and after the passes. */
#ifndef UNGIL_TOOL_REPORT_STATS_H
#define UNGIL_TOOL_REPORT_STATS_H

#include <stdio.h>

#include "ir.h"

/* Counts the lines of the user's file and those that carry an annotation. */
void stats_count_lines(const char *file, unsigned *lines, unsigned *annotated);
void stats_json(FILE *out, const char *file, unsigned lines, unsigned annotated, const struct pass_stats *s);
void stats_text(FILE *out, const char *file, unsigned lines, unsigned annotated, const struct pass_stats *s);

#endif
