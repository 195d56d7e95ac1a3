/* events.c - the IR's instructions, put where control is: what all of lowering is made of. */
#include "lower/events.h"

#include "lower/lower.h"

struct ir_loc low_loc(struct lower *l, const struct node *n)
{
    return source_loc(&l->u->src, n->begin);
}

/* Starts a new, unreachable block where the code before it has ended. */
struct ir_block *low_block(struct lower *l)
{
    if (ir_terminated(l->b)) {
        l->b = ir_block_new(l->f);
        ir_seal(l->b);
    }
    return l->b;
}

void low_goto(struct lower *l, struct ir_block *to, const struct node *at)
{
    if (!ir_terminated(l->b))
        ir_jump(l->b, to, low_loc(l, at));
    l->b = to;
}

struct ir_inst *low_op(struct lower *l, enum ir_op op, enum ir_class cls, const struct node *at)
{
    return ir_emit(low_block(l), op, cls, low_loc(l, at));
}

/* The class that a pointer's declared type gives it. */
enum ir_class class_of_type(const struct type *t, const struct decl *d)
{
    if (!t || (t->kind != T_POINTER && t->kind != T_ARRAY))
        return IRC_INT;
    if (t->elem->kind == T_FUNC)
        return IRC_RAW;
    if (t->elem->is_object || (d && d->ref))
        return IRC_REF;
    if (d && (d->raw || d->private_stack))
        return IRC_RAW;
    return IRC_ANY;
}

/* v comes from d, which may say that it leads to a private stack: memory that comes back with an abort as
 * the C stack does. */
struct ir_inst *low_from(struct ir_inst *v, const struct decl *d)
{
    if (v && v->cls == IRC_RAW && d && d->private_stack)
        v->flags |= IRI_LOCAL;
    return v;
}

struct ir_inst *low_inevitable(struct lower *l, const struct node *n, const char *why)
{
    struct ir_inst *i = low_op(l, IR_INEV, IRC_INT, n);
    i->sym = ir_intern(l->u->ir, why);
    return i;
}
