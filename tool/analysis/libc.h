/* libc.h - is a name one of the C library's functions? */
#ifndef UNGIL_TOOL_ANALYSIS_LIBC_H
#define UNGIL_TOOL_ANALYSIS_LIBC_H

#include <stdbool.h>

/* Of the library that the translator itself runs with. */
bool libc_has(const char *name);

#endif
