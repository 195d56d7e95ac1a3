/* emit.h - shared by emit.c (expressions, accesses, statements), emit_calls.c and emit_file.c. */
#ifndef TOOL_EMIT_H
#define TOOL_EMIT_H

#include "tool.h"

struct subst {
    const struct node *node;
    char name[24];
};

struct emitter {
    struct unit *u;
    const enum barrier_kind *decisions;
    struct subst *subs;
    unsigned nsubs, capsubs;
    unsigned temps;
    unsigned nstatics;
    struct str *epilogue;
    bool resync;  /* a #line was dropped inside an expression: say the line again after the statement */
    bool counted; /* the function so far has a site of the counting build */
    const struct ir_inst **insts; /* checking build: the accesses by their numbers */
    bool checks;                  /* the function so far looks whether its transaction has ended */
    size_t consumed; /* the statement put in the text last stands for its semicolon too, and ends here; 0: as
                        the tree says */
    bool bare; /* accesses without barriers and what counts or checks them: their like follows at once, with
                  them */
    unsigned nmoved; /* moved barriers put in the text so far */
};

/* ---- emit.c ---- */
const char *emit_src(const struct emitter *e, size_t off);
/* The translation of n; with its operands put into temporaries first where their order matters. */
void emit_ex(struct emitter *e, struct node *n, struct str *o);
/* n's text with its children rebuilt, in text order. */
void emit_rebuild(struct emitter *e, struct node *n, struct str *o);
/* The same, from offset `at` on. */
void emit_rebuild_from(struct emitter *e, struct node *n, size_t at, struct str *o);
/* The address of access n, not of form F_OBJ, without its barrier. */
void emit_address(struct emitter *e, struct node *n, struct str *o);
/* The translation of n, fit for a macro's argument; the caller frees it. */
char *emit_text(struct emitter *e, struct node *n);
/* Removes preprocessor lines: for text that goes inside a macro's parentheses. */
void emit_flatten(struct emitter *e, struct str *s);
/* A name for n's type: as written where it has one, else by typeof of the untranslated text, which is not
 * evaluated. */
void emit_type_name(struct emitter *e, const struct node *n, struct str *o);
/* Is n's value used by nobody? */
bool emit_is_statement(const struct node *n);
const struct subst *emit_subst_of(const struct emitter *e, const struct node *n);
/* Lets name stand for n, until nsubs is set back. */
void emit_push_subst(struct emitter *e, const struct node *n, const char *name);
/* Puts n into a temporary, declared in pre, which stands for it from now on. */
void emit_bind(struct emitter *e, struct node *n, struct str *pre);
/* Notes in each node under n what its evaluation may do. */
void emit_summarize(const struct emitter *e, struct node *n);
/* n, a call or asm, cannot be undone: is the transaction not inevitable already when control comes there? */
static inline bool emit_turns_inevitable(const struct node *n)
{
    return !n->inev || !(n->inev->flags & IRI_REMOVED);
}
/* May reads behind n, and not before it, do without barriers because n turns the transaction inevitable? */
static inline bool emit_leaves_inevitable(const struct node *n)
{
    return (n->inev && emit_turns_inevitable(n)) ||
           (n->kind == N_CALL && n->inst && n->inst->flags & IRI_TURNS);
}
/* n itself, statement or expression, without what emit_kid puts around it. */
void emit_child(struct emitter *e, struct node *n, struct str *o);
/* The section of the transactional variable d, and after which text of its declaration it belongs. */
void emit_section(const struct decl *d, struct str *o);
size_t emit_declarator_end(const struct emitter *e, const struct decl *d);
void emit_registration(struct emitter *e, const struct decl *d, struct str *o);

/* ---- emit_dropped.c ---- */
/* Uses the locals in n, followed by commas: compilers would warn of those that only what does not exist has
 * used. */
void emit_use_locals(const struct node *n, struct str *o);
/* A value for something that does not exist in this build. */
void emit_zero(struct emitter *e, const struct node *n, struct str *o);
/* An access to the place n, or the store of value to it: what does not exist is not accessed, but what its
 * address takes to compute is done. */
void emit_dropped(struct emitter *e, struct node *n, struct node *value, struct str *o);

/* ---- emit_count.c: the counting build; does nothing in others ---- */
/* Has the pointer of access n counted. */
void emit_counted(struct emitter *e, const struct node *n, struct str *pointer);
/* The same for a moved barrier's. */
void emit_counted_moved(struct emitter *e, const struct ir_inst *barrier, struct str *pointer);
/* Appends a function's body, with what it needs declared first: its activation if it has sites, the
 * transaction's number if it checks it. */
void emit_body(struct emitter *e, const struct str *body, struct str *o);
void emit_count_prologue(const struct unit *u, struct str *o);
void emit_count_table(const struct unit *u, struct str *o);

/* A C string literal, 0 for null. */
void emit_c_string(struct str *o, const char *s);

/* ---- emit_check.c: the checking build; the others do nothing in other builds ---- */
bool emit_is_checked(const struct emitter *e, const struct node *n);
/* Have access n checked.  Its owner's pointer, with the barrier: */
void emit_checked_owner(const struct emitter *e, const struct node *n, struct str *owner);
/* or its own address, with the barrier: */
void emit_checked_address(const struct emitter *e, const struct node *n, long size, struct str *address);
/* or the real pointer, computed by a text in which `name` stands for the address: */
void emit_checked_real(const struct emitter *e, const struct node *n, long size, const char *address,
                       const char *name, struct str *real);
/* n's value is to lead to a private stack; emit_is_place: it is a place that is written or whose address is
 * taken, and has no value. */
bool emit_is_place(const struct node *n);
void emit_checked_private(struct emitter *e, struct node *n, struct str *o);
void emit_check_prologue(const struct unit *u, struct str *o);
void emit_check_table(const struct emitter *e, struct str *o);

/* ---- emit_anchors.c ---- */
/* Block n, with what was moved to its start. */
void emit_block(struct emitter *e, struct node *n, struct str *o);
/* Child `kid` of `parent`, with the barriers moved to its anchors; returns the offset behind the source text
 * that it stands for. */
size_t emit_kid(struct emitter *e, const struct node *parent, struct node *kid, struct str *o);
/* The call n, and behind it what is to be done if it has ended the transaction. */
void emit_checked_call(struct emitter *e, struct node *n, struct str *o);
/* How many barriers have been moved, in all of m. */
unsigned emit_count_moved(const struct ir_module *m);

/* ---- emit_clones.c ---- */
/* Appends the copies of d, whose bodies `body` writes. */
void emit_clones(struct emitter *e, const struct decl *d,
                 void (*body)(struct emitter *, struct decl *, struct str *), struct str *o);
/* Declares what d and its copies call, and is defined later. */
void emit_clone_declarations(struct emitter *e, const struct decl *d, struct str *o);
/* What to call instead of the function whose name n is; that one, if it is not a call's. */
const char *emit_callee(const struct node *n);

/* ---- emit_ranges.c ---- */
/* The counted loop n, with the range barriers that stand at its anchor, from `first` on; in a block that is
 * left open. */
void emit_counted_loop(struct emitter *e, struct node *n, const struct ir_inst *first, struct str *o);

/* ---- emit_stores.c ---- */
/* n stores to its target t, unless the value is there already; n->old is the target as it is read. */
void emit_checked_store(struct emitter *e, struct node *n, struct node *t, struct str *o);

/* ---- per_thread.c ---- */
/* n is the place of a field that each thread has a copy of. */
void emit_per_thread(struct emitter *e, struct node *n, struct str *o);

/* ---- emit_calls.c ---- */
void emit_call(struct emitter *e, struct node *n, struct str *o);

#endif
