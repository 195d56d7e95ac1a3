/* callee.c - who is called, and what that does to the transaction: translated code, a function of the table
 * of externals, or one of which nothing is known (annotations.md R13). */
#include "analysis/callee.h"

#include <string.h>

/* Built-in functions whose pointer arguments are not memory accesses, or that evaluate nothing. */
static const struct external builtin_plain = {.name = "builtin", .effect = EXT_PURE, .args = "uuuuuuuuuuu"};
static const struct external builtin_unreachable = {
    .name = "unreachable", .effect = EXT_PURE, .noreturn = true};
static const struct external unknown = {.name = "unknown", .effect = EXT_UNKNOWN};
static const struct external sync_builtin = {.name = "sync", .effect = EXT_PURE, .args = "w----"};

static const struct external *builtin(const char *name)
{
    if (!strcmp(name, "__builtin_unreachable") || !strcmp(name, "__builtin_trap"))
        return &builtin_unreachable;
    if (!strncmp(name, "__sync_", 7) || !strncmp(name, "__atomic_", 9))
        return &sync_builtin;
    return &builtin_plain;
}

const struct external *call_external(const struct node *call)
{
    const struct decl *d = call->decl;
    if (!d || d->defined)
        return NULL;
    const struct external *e = external_find(d->name);
    if (e)
        return e;
    if (!strncmp(d->name, "__builtin_", 10) || !strncmp(d->name, "__sync_", 7) ||
        !strncmp(d->name, "__atomic_", 9))
        return builtin(d->name);
    if (d->pure || d->safe || d->irreversible || !d->system)
        return NULL;
    return &unknown;
}

bool call_is_irreversible(const struct external *e)
{
    return e->effect == EXT_INEV || e->effect == EXT_UNKNOWN ||
           (e->effect == EXT_MAPPED && !strcmp(e->mapped, "stm_inevitable"));
}
