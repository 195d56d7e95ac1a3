/* globals.c - how variables are used, and which of them become transactional storage (annotations.md R14).
 *
 * A pre-pass over the whole file, before lowering: marks what is written, what has its address taken (an
 * array that decays counts), and what is the operand of an atomic built-in.  Then every variable with static
 * storage is classified.
 *
 * Volatile and atomic variables are for what goes on outside of transactions (signal handlers, flags that
 * threads poll), and stay as they are; but not if their type says that they hold references, since a
 * reference must not be seen before what it leads to has been committed.  A number may be one without saying
 * so: the collector looks at those, and an address that is seen to be stored there is an error. */
#include "analysis/globals.h"

#include <string.h>

#include "analysis/addresses.h"
#include "analysis/per_thread.h"
#include "ast/query.h"
#include "parse/parse.h"
#include "source/diag.h"

enum how { READ, WRITE, ADDRESS };

static void use_rvalue(struct node *n);

static void use_lvalue(struct node *n, enum how how)
{
    switch (n->kind) {
    case N_PAREN:
    case N_UNARY: /* __real__ */
        use_lvalue(n->kids[0], how);
        break;
    case N_REF:
        n->decl->written |= how == WRITE;
        n->decl->addr_taken |= how == ADDRESS;
        break;
    case N_MEMBER:
        if (n->arrow || is_per_thread(n))
            use_rvalue(n->kids[0]);
        else
            use_lvalue(n->kids[0], how);
        break;
    case N_SUBSCRIPT: {
        if (is_vector_element(n)) {
            use_lvalue(n->kids[0], how);
            use_rvalue(n->kids[1]);
            break;
        }
        unsigned b = n->kids[0]->type->kind == T_ARRAY || n->kids[0]->type->kind == T_POINTER ? 0 : 1;
        if (n->kids[b]->type->kind == T_ARRAY)
            use_lvalue(n->kids[b], how);
        else
            use_rvalue(n->kids[b]);
        use_rvalue(n->kids[!b]);
        break;
    }
    case N_DEREF:
        if (n->kids[0]->type->kind == T_ARRAY)
            use_lvalue(n->kids[0], how);
        else
            use_rvalue(n->kids[0]);
        break;
    default:
        use_rvalue(n);
    }
}

static bool is_atomic_builtin(const struct node *n)
{
    return n->kind == N_ATOMIC ||
           (n->kind == N_CALL && n->decl &&
            (!strncmp(n->decl->name, "__sync_", 7) || !strncmp(n->decl->name, "__atomic_", 9)));
}

static void use_rvalue(struct node *n)
{
    if (!n)
        return;
    switch (n->kind) {
    case N_REF:
    case N_MEMBER:
    case N_SUBSCRIPT:
        use_lvalue(n, n->type && (n->type->kind == T_ARRAY || n->type->kind == T_FUNC) ? ADDRESS : READ);
        return;
    case N_ADDROF:
        use_lvalue(n->kids[0], ADDRESS);
        return;
    case N_ASSIGN:
    case N_COMPOUND_ASSIGN:
        use_lvalue(n->kids[0], WRITE);
        use_rvalue(n->kids[1]);
        if (strip_parens(n->kids[0])->kind == N_REF)
            note_address(strip_parens(n->kids[0])->decl, n->kids[1]);
        return;
    case N_INCDEC:
        use_lvalue(n->kids[0], WRITE);
        return;
    case N_ASM: /* outputs cannot be told from inputs */
        for (unsigned i = 0; i < n->nkids; i++) {
            use_lvalue(n->kids[i], WRITE);
            use_lvalue(n->kids[i], ADDRESS);
        }
        return;
    default:
        break;
    }
    bool atomic = is_atomic_builtin(n);
    if (n->kind == N_VAR && n->decl->init)
        note_address(n->decl, n->decl->init);
    for (unsigned i = 0; i < n->nkids; i++) {
        if (!n->kids[i])
            continue;
        if (n->kind == N_CALL && i == 0 && n->decl)
            continue;
        struct node *k = strip_parens(n->kids[i]);
        if (atomic && (n->kind != N_ATOMIC || i < n->op) && k->kind == N_ADDROF &&
            target_of(k->kids[0])->kind == N_REF)
            target_of(k->kids[0])->decl->atomic_use = true;
        use_rvalue(n->kids[i]);
    }
}

bool starts_with_object(struct type *t)
{
    if (t->kind != T_RECORD || t->is_object)
        return t->is_object;
    type_fields(t);
    for (unsigned k = 0; k < t->nfields; k++) /* of a union, all */
        if (t->fields[k].offset == 0 && starts_with_object(t->fields[k].type))
            return true;
    return false;
}

static bool holds_pointer(struct type *t)
{
    while (t->kind == T_ARRAY)
        t = t->elem;
    if (t->kind == T_RECORD && !t->opaque_system)
        type_fields(t);
    for (unsigned i = 0; t->kind == T_RECORD && !t->opaque_system && i < t->nfields; i++) {
        const struct decl *f = t->fields[i].decl;
        if (!(f && f->raw) && ((f && f->is_address) || holds_pointer(t->fields[i].type)))
            return true;
    }
    return t->kind == T_POINTER && t->elem->kind != T_FUNC;
}

static bool holds_references(const struct decl *d)
{
    return d->is_address || holds_pointer(d->type);
}

bool stays_as_it_is(const struct decl *d)
{
    const struct type *t = d->type;
    return t->is_const || t->opaque_system || ((t->is_atomic || t->is_volatile) && !holds_references(d));
}

static bool is_shared(const struct decl *d)
{
    return !(d->system || d->drop || d->raw || d->storage == ST_THREAD || d->storage == ST_LOCAL) &&
           (d->kind == D_VAR || d->kind == D_OTHER);
}

static bool becomes_transactional(const struct decl *d)
{
    if (!is_shared(d))
        return false;
    if (d->type->is_object)
        return true;
    if (stays_as_it_is(d) || (d->atomic_use && !holds_references(d)))
        return false;
    if (d->storage == ST_EXTERN)
        return d->defined;
    return d->written || d->addr_taken;
}

/* What another file defines may be transactional there, where no built-in is seen to use it. */
static bool is_outside(const struct decl *d)
{
    const struct type *t = d->type;
    bool own = d->storage != ST_EXTERN || d->defined;
    return is_shared(d) && !d->transactional && !t->is_object && !t->is_const && !t->opaque_system &&
           !holds_references(d) && (t->is_atomic || t->is_volatile || (d->atomic_use && own)) &&
           (d->written || d->addr_taken || (d->storage == ST_EXTERN && d->defined));
}

const struct decl *outside_place(const struct node *n)
{
    for (;; n = n->kids[0]) {
        if (n->kind == N_REF)
            return is_outside(n->decl) ? n->decl : NULL;
        if (n->kind == N_MEMBER && (n->arrow || n->decl->raw))
            return NULL;
        if ((n->kind == N_SUBSCRIPT || n->kind == N_DEREF) && n->kids[0]->type->kind != T_ARRAY)
            return NULL;
        if (n->kind > N_DEREF && n->kind != N_PAREN && n->kind != N_UNARY)
            return NULL;
    }
}

/* What it is for, a linker set or a place in memory, is lost if we move it. */
static void check_section(struct unit *u, const struct decl *d)
{
    if (d->section && !d->written && !d->type->is_object)
        diag(&u->src, d->name_off, DIAG_ERROR,
             "make it const; or mark it STM_RAW, and it stays there, outside of transactions",
             "'%s' is not const, and may be written by transactions through pointers into its section '%s'",
             d->name, d->section);
    else if (d->section)
        diag(&u->src, d->name_off, DIAG_ERROR,
             "mark it STM_RAW, and it stays there, outside of transactions; or take the section away",
             "'%s' is written by transactions, which it cannot be in its section '%s'", d->name, d->section);
    else if (u->pragma_section)
        diag(&u->src, u->pragma_section, DIAG_ERROR,
             "give those that need it a section, and mark them STM_RAW",
             "a section for all variables, of which '%s' is written by transactions", d->name);
}

static void check_object_type(struct unit *u, const struct decl *d)
{
    if (type_holds_objects(d->type))
        diag(&u->src, d->name_off, DIAG_ERROR, "make it an array of pointers, each to an object of its own",
             "array of the STM_OBJECT type '%s' by value", d->type_spelling);
    else if ((d->kind == D_PARAM || d->storage == ST_LOCAL) && d->addr_taken && starts_with_object(d->type))
        diag(&u->src, d->name_off, DIAG_ERROR, "allocate it with STM_NEW, or do not take its address",
             "STM_OBJECT type '%s' by value on the C stack, and its address is taken", d->type_spelling);
    else if (d->type->is_object && d->storage == ST_THREAD)
        diag(&u->src, d->name_off, DIAG_ERROR, "make it a thread-local pointer",
             "STM_OBJECT type '%s' by value in thread-local storage", d->type_spelling);
}

static void check_values(struct unit *u, const struct node *n)
{
    if (!n)
        return;
    if (n->kind == N_VAR && n->decl->storage == ST_LOCAL)
        check_object_type(u, n->decl);
    const struct node *k = n->kind == N_ADDROF ? strip_parens(n->kids[0]) : NULL;
    if (n->kind == N_COMPOUND_LITERAL && type_holds_objects(n->type))
        k = n;
    if (k && k->kind == N_COMPOUND_LITERAL && (k == n || starts_with_object(k->type)))
        diag(&u->src, n->begin, DIAG_ERROR, "allocate it with STM_NEW, or give it a name at file scope",
             "address of a compound literal of the STM_OBJECT type '%s'", k->type_spelling);
    for (unsigned i = 0; i < n->nkids; i++)
        check_values(u, n->kids[i]);
}

/* What is known by a second name is written and reached by that. */
static void find_second_names(struct unit *u)
{
    for (unsigned i = 0; i < u->nglobals; i++) {
        struct decl *d = u->globals[i];
        for (unsigned k = 0; k < u->naliases; k++)
            d->second_name |= d->file_scope && !strcmp(d->name, u->aliases[k].target);
        d->second_name |= u->file_asm;
        d->addr_taken |= d->second_name || d->in_section;
    }
}

/* An alias is where its target is defined here; a weak one may be elsewhere. */
static void classify_aliases(struct unit *u)
{
    for (unsigned k = 0; k < u->naliases; k++)
        for (unsigned i = 0; i < u->nglobals; i++)
            if (u->globals[i]->file_scope && !strcmp(u->globals[i]->name, u->aliases[k].target)) {
                u->aliases[k].d->transactional = u->globals[i]->transactional;
                u->aliases[k].d->raw |= !u->globals[i]->transactional;
                u->aliases[k].alone = u->globals[i]->weak;
            }
}

void classify_globals(struct unit *u)
{
    find_second_names(u);
    for (unsigned i = 0; i < u->nfuncs; i++)
        use_rvalue(u->funcs[i]->body);
    for (unsigned i = 0; i < u->nglobals; i++)
        if (u->globals[i]->init)
            use_rvalue(u->globals[i]->init);
    for (unsigned i = 0; i < u->nglobals; i++) {
        struct decl *d = u->globals[i];
        d->transactional = becomes_transactional(d);
        d->outside = is_outside(d);
        if (d->transactional)
            check_section(u, d);
        if (!d->raw && !d->drop)
            check_object_type(u, d);
        if (d->storage != ST_THREAD) /* all of which the collector looks at */
            check_raw_record(u, d);
    }
    classify_aliases(u);
    for (unsigned i = 0; i < u->nfuncs; i++) {
        for (unsigned k = 0; k < u->funcs[i]->nparams; k++)
            check_object_type(u, u->funcs[i]->params[k]);
        check_values(u, u->funcs[i]->body);
        per_thread_check(u, u->funcs[i]->body);
    }
    for (unsigned i = 0; i < u->nglobals; i++) {
        check_values(u, u->globals[i]->init);
        if (u->globals[i]->file_scope)
            per_thread_check(u, u->globals[i]->init);
    }
}
