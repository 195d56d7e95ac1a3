/* diag.h - messages to the user. */
#ifndef UNGIL_TOOL_SOURCE_DIAG_H
#define UNGIL_TOOL_SOURCE_DIAG_H

#include "source/source.h"

/* err: the user's mistake; unsupported: C that we do not translate (yet); both count, both located with
 * caret, and let the front end carry on to find more.  note/warn do not count.  */
extern unsigned diag_errors;
enum diag_kind { DIAG_ERROR, DIAG_UNSUPPORTED, DIAG_WARNING, DIAG_NOTE };
void diag(const struct source *s, size_t off, enum diag_kind k, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

#endif
