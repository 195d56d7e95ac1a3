/* fields.c - the members of structs and unions: copied out of libclang when somebody asks for them, and
 * rejected where an object lies by value where it cannot (annotations.md R10). */
#include "parse/clang.h"

#include <stdlib.h>
#include <string.h>

#include "ast/query.h"
#include "source/diag.h"

enum { WORD = 8 };

struct field_visit {
    struct unit *u;
    struct type *t;
    unsigned cap;
    CXType record;
};

static enum CXVisitorResult visit_field(CXCursor c, CXClientData data)
{
    struct field_visit *v = data;
    struct type *t = v->t;
    if (t->nfields == v->cap) {
        struct field *f = arena_alloc(&v->u->arena, (v->cap = v->cap * 2 + 8) * sizeof *f);
        if (t->nfields)
            memcpy(f, t->fields, t->nfields * sizeof *f);
        t->fields = f;
    }
    struct field *f = &t->fields[t->nfields++];
    f->name = cx_text(v->u, clang_getCursorSpelling(c));
    if (strchr(f->name, '(')) /* "(anonymous union at file.c:3:5)" */
        f->name = "";
    f->type = type_of(v->u, clang_getCursorType(c));
    f->bitfield = clang_Cursor_isBitField(c);
    long long off = clang_Cursor_getOffsetOfField(c);
    f->offset = off >= 0 ? (long)(off / 8) : -1;
    f->decl = decl_of(v->u, c);
    return CXVisit_Continue;
}

static struct unit *fields_unit; /* the one unit of this process */

void fields_begin(struct unit *u)
{
    fields_unit = u;
}

void type_fields(struct type *t)
{
    if (t->fields_done || t->kind != T_RECORD)
        return;
    t->fields_done = true;
    struct field_visit v = {fields_unit, t, 0, *(CXType *)t->cx};
    clang_Type_visitFields(v.record, visit_field, &v);
    /* fields of anonymous records: libclang gives them relative offsets, the record's own field is among
     * these */
}

/* The first pointer in t, which begins at byte `at` of an object, that the collector would not see: it looks
 * at aligned words.  odd: t is an element of an array, and not all of them are aligned. */
static const struct field *misaligned(const struct type *t, long at, bool odd)
{
    type_fields((struct type *)t);
    for (unsigned i = 0; i < t->nfields; i++) {
        const struct field *f = &t->fields[i];
        const struct type *last = f->type;
        long begin = at + f->offset;
        bool any = odd;
        if (f->offset < 0 || (f->decl && f->decl->raw))
            continue;
        for (; last->kind == T_ARRAY; last = last->elem)
            any |= last->elem->size % WORD != 0;
        if (last->kind == T_POINTER && last->elem->kind != T_FUNC && (any || begin % WORD))
            return f;
        const struct field *in = last->kind == T_RECORD ? misaligned(last, begin, any) : NULL;
        if (in) /* of a system header's struct, the member that is one */
            return in->decl && in->decl->system ? f : in;
    }
    return NULL;
}

/* Is t, or anything in it by value, an STM_OBJECT? */
static bool has_object(const struct type *t)
{
    if (t->is_object || (t->kind == T_ARRAY && has_object(t->elem)))
        return true;
    type_fields((struct type *)t);
    for (unsigned i = 0; t->kind == T_RECORD && i < t->nfields; i++)
        if (t->fields[i].type && has_object(t->fields[i].type))
            return true;
    return false;
}

bool type_holds_objects(const struct type *t)
{
    return t->kind == T_ARRAY && has_object(t->elem);
}

/* The first of what t holds by value that is, by its type, a reference: the STM_OBJECT type it leads to. */
static const struct type *reference_in(const struct type *t)
{
    t = element_type(t);
    if (t->kind == T_POINTER)
        return t->elem->is_object ? t->elem : NULL;
    type_fields((struct type *)t);
    for (unsigned i = 0; t->kind == T_RECORD && i < t->nfields; i++) {
        const struct type *r = reference_in(t->fields[i].type);
        if (r)
            return r;
    }
    return NULL;
}

void check_raw_record(struct unit *u, const struct decl *d)
{
    const struct type *r =
        d && d->raw && element_type(d->type)->kind == T_RECORD ? reference_in(d->type) : NULL;
    if (r)
        diag(&u->src, d->name_off, DIAG_ERROR, "take STM_RAW away: the collector would not find the object",
             "STM_RAW on '%s', which holds a pointer to the STM_OBJECT type '%s'", d->name, r->spelling);
}

void check_members(struct unit *u, CXCursor record)
{
    struct type *t = type_of(u, clang_getCursorType(record));
    type_fields(t);
    const struct field *odd = t->is_object ? misaligned(t, 0, false) : NULL;
    if (odd)
        diag(&u->src, odd->decl->name_off, DIAG_ERROR,
             "align it to 8 bytes; or mark it STM_RAW, if it never leads to an object",
             "the collector does not see the pointer %s'%s' in an STM_OBJECT: it is not aligned",
             element_type(odd->type)->kind == T_RECORD ? "in " : "", odd->name);
    for (unsigned i = 0; i < t->nfields; i++) {
        const struct field *f = &t->fields[i];
        check_raw_record(u, f->decl);
        if (type_holds_objects(f->type))
            diag(&u->src, f->decl->name_off, DIAG_ERROR,
                 "make it an array of pointers, each to an object of its own",
                 "member '%s' is an array of the STM_OBJECT type '%s'", f->name, f->decl->type_spelling);
        else if (f->offset != 0 && has_object(f->type))
            diag(&u->src, f->decl->name_off, DIAG_ERROR,
                 "make it the first member, or a pointer to an object of its own",
                 "member '%s' %s '%s' by value, and is not the first", f->name,
                 f->type->is_object ? "has the STM_OBJECT type" : "holds an STM_OBJECT, having type",
                 f->decl->type_spelling);
    }
    struct cursors k = cx_children(record);
    for (unsigned i = 0; i < k.n; i++) {
        enum CXCursorKind kind = clang_getCursorKind(k.v[i]);
        if ((kind == CXCursor_StructDecl || kind == CXCursor_UnionDecl) && clang_isCursorDefinition(k.v[i]))
            check_members(u, k.v[i]);
    }
    free(k.v);
}
