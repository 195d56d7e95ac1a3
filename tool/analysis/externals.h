/* externals.h - the table of functions outside translated code. */
#ifndef UNGIL_TOOL_ANALYSIS_EXTERNALS_H
#define UNGIL_TOOL_ANALYSIS_EXTERNALS_H

#include <stdbool.h>

/* What names of functions that the compiler knows begin with. */
#define BUILTIN "__builtin_"

enum ext_effect { EXT_PURE, EXT_INEV, EXT_BLOCK, EXT_MAPPED, EXT_UNSUPPORTED, EXT_UNKNOWN };
struct external {
    const char *name;
    enum ext_effect effect;
    const char *mapped; /* EXT_MAPPED: the runtime's function; EXT_UNSUPPORTED: the hint */
    char args[12];      /* '-' value, 'r' read, 'w' written, 'u' pointer left alone, 'e' end pointer,
                           's' stored to, 'v' va_list, 'x' not given to what it is mapped to */
    char rest;          /* variadic tail: 'f' as printf, 'w' as scanf, 0 none */
    bool unless_raw;    /* EXT_UNSUPPORTED: pure if all its pointers are raw */
    bool fresh, twice, noreturn, safepoint;
    bool later;     /* it keeps the function that it is given, and calls it another time */
    bool keeps;     /* it keeps the pointers that it is given */
    bool writes;    /* what it is not given, too */
    unsigned table; /* which one, of those that were loaded */
};
/* Loads the table `file`; located errors.  Returns false after one. */
bool externals_load(const char *file);
/* The line for that function; of a built-in one, else for the library's. */
const struct external *external_find(const char *name);
/* Is it output that may wait for the commit? */
bool external_is_output(const struct external *e);

#endif
