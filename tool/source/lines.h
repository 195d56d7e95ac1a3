/* lines.h - a file's lines. */
#ifndef UNGIL_TOOL_SOURCE_LINES_H
#define UNGIL_TOOL_SOURCE_LINES_H

/* The lines of a file, without their ends; null if it cannot be read.  Free with lines_free. */
char **lines_read(const char *file, unsigned *n);
void lines_free(char **lines, unsigned n);

#endif
