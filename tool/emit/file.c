/* file.c - functions, file-scope declarations, and what goes around the text: descriptors before,
 * registrations after. */
#include "emit/emit.h"

#include <stdlib.h>
#include <string.h>

#include "ast/query.h"
#include "emit/anchors.h"
#include "emit/check.h"
#include "emit/claims.h"
#include "emit/clones.h"
#include "emit/count.h"
#include "emit/descs.h"
#include "emit/expr.h"
#include "emit/inner.h"
#include "emit/order.h"
#include "emit/per_thread.h"
#include "emit/text.h"
#include "emit/link_names.h"
#include "emit/literals.h"
#include "emit/names.h"
#include "emit/thunks.h"
#include "outcome/history.h"
#include "source/diag.h"

/* A store in n to something that is no local variable; or null. */
static const struct node *store_outside(struct node *n)
{
    if (!n)
        return NULL;
    if (n->kind == N_ASSIGN || n->kind == N_COMPOUND_ASSIGN || n->kind == N_INCDEC) {
        const struct node *to = target_of(n->kids[0]);
        while (to->kind == N_MEMBER && !to->arrow)
            to = to->kids[0];
        if (to->kind != N_REF || (to->decl->kind != D_PARAM && to->decl->storage != ST_LOCAL))
            return n;
    }
    const struct node *found = NULL;
    for (unsigned i = 0; i < n->nkids && !found; i++)
        found = store_outside(n->kids[i]);
    return found;
}

static void function(struct emitter *e, struct decl *d, struct str *o)
{
    struct node *b = d->body;
    if (d->alloc_size) {
        str_add(o, "{ ");
        bool found = false, found_ptr = !d->realloc_ptr;
        for (unsigned i = 0; i < d->nparams; i++) {
            str_printf(o, "(void)%s; ", d->params[i]->name);
            found |= !strcmp(d->params[i]->name, d->alloc_size);
            found_ptr |= d->realloc_ptr && !strcmp(d->params[i]->name, d->realloc_ptr);
        }
        if (!found || !found_ptr)
            diag(&e->u->src, d->name_off, DIAG_ERROR,
                 "give the names that the parameters have in the definition",
                 "STM_ALLOC_FN or STM_REALLOC_FN names no parameter of '%s'", d->name);
        const struct node *lost = store_outside(b);
        if (lost)
            diag(&e->u->src, lost->begin, DIAG_WARNING, "do it where the function is called",
                 "the body of '%s' is replaced by the runtime's allocation: this is left out", d->name);
        if (d->realloc_ptr)
            str_printf(o, "return stm_renew(%s, %s); ", d->realloc_ptr, d->alloc_size);
        else
            str_printf(o, "return stm_new_any(%s); ", d->alloc_size);
        for (size_t i = b->begin; i < b->end; i++)
            if (emit_src(e, i)[0] == '\n')
                str_add(o, "\n");
        str_add(o, "}");
        return;
    }
    emit_summarize(e, b);
    e->temps = 0;
    e->counted = e->checks = false;
    e->jumps = 0;
    struct str text = {0};
    emit_block(e, b, &text);
    emit_check_inner_types(e, b, &text);
    emit_body(e, &text, o);
    str_free(&text);
    str_free(&e->homes);
}

/* The runtime's main calls the user's, which keeps its name in C, with all that it means, and has another
 * for the linker. */
static void label_main(const struct decl *d, struct str *o)
{
    struct str s = {0};
    str_printf(&s, "%s main(", d->type->elem->spelling);
    for (unsigned i = 0; d->type->prototype && i < d->nparams; i++)
        str_printf(&s, "%s%s", i ? ", " : "", d->params[i]->type->spelling);
    str_add(&s, d->type->prototype && !d->nparams ? "void)" : ")");
    str_printf(o, "%s __asm__(\"stm_user_main\"); ", s.s);
    str_free(&s);
}

/* ---- the file ---- */

enum edit_kind { E_FIELDS, E_COPIES, E_THUNK, E_LITERALS, E_MAIN, E_UNUSED, E_VAR, E_INIT, E_FUNC };
struct edit {
    size_t at;
    enum edit_kind kind;
    struct decl *d;
};

static int by_at(const void *a, const void *b)
{
    const struct edit *x = a, *y = b;
    return x->at != y->at ? (x->at < y->at ? -1 : 1) : (int)x->kind - (int)y->kind;
}

/* What the runtime must know before the program's constructors run: by one of priority 100, of which
 * compilers would say that it is not the program's to use. */
static void notes(struct unit *u, struct str *o)
{
    bool destructors = false;
    for (unsigned i = 0; i < u->nfuncs; i++)
        destructors |= u->funcs[i]->destructor && !u->funcs[i]->drop;
    if (!u->ntags && !destructors)
        return;
    str_add(o,
            "\nvoid stm_register_tag(unsigned long mask, unsigned long tag), stm_has_destructors(void);\n");
    str_printf(o, "static void stm_notes%s(void)\n{\n", u->own);
    for (unsigned i = 0; i < u->ntags; i++)
        str_printf(o, "    stm_register_tag(0x%lxul, 0x%lxul);\n", u->tags[i].mask, u->tags[i].tag);
    if (destructors)
        str_add(o, "    stm_has_destructors();\n");
    str_printf(o,
               "}\nstatic void (*stm_noted%s)(void) "
               "__attribute__((__section__(\".init_array.00100\"), __used__)) = stm_notes%s;\n",
               u->own, u->own);
}

static void edits_of(const struct emitter *e, struct edit **v, unsigned *n, unsigned *cap)
{
    const struct unit *u = e->u;
#define ADD(a, k, dd)                                                                                        \
    do {                                                                                                     \
        if (*n == *cap)                                                                                      \
            *v = xrealloc(*v, (*cap = *cap * 2 + 64) * sizeof **v);                                          \
        (*v)[(*n)++] = (struct edit){a, k, dd};                                                              \
    } while (0)
    for (unsigned i = 0; i < u->nfuncs; i++) {
        struct decl *d = u->funcs[i];
        if (!strcmp(d->name, "main"))
            ADD(d->first, E_MAIN, d);
        if (d->drop ||
            (d->storage == ST_STATIC && d->inline_fn && source_loc(&u->src, d->begin).file != u->src.name))
            ADD(d->begin, E_UNUSED, d); /* a header's: no longer known as one, so clang would warn */
        if (!d->drop) {
            ADD(d->begin, E_COPIES, d);
            if (thunks_needed(e->u, d->body))
                ADD(d->begin, E_THUNK, d);
            if (per_thread_needed(d->body))
                ADD(d->begin, E_FIELDS, d);
            ADD(d->body->begin, E_FUNC, d);
        }
    }
    for (unsigned i = 0; i < u->nglobals; i++) {
        struct decl *d = u->globals[i];
        if (d->storage == ST_STATIC_LOCAL)
            continue;
        bool thunks = d->init && thunks_needed(e->u, d->init), literals = literals_needed(d);
        if (thunks)
            ADD(d->begin, E_THUNK, d);
        if (literals)
            ADD(d->begin, E_LITERALS, d);
        if (d->init && (thunks || literals))
            ADD(d->init->begin, E_INIT, d);
        if (d->transactional)
            ADD(d->grouped ? emit_declarator_end(e, d) : d->begin, E_VAR, d);
        else if (d->drop)
            ADD(d->begin, E_UNUSED, d);
    }
#undef ADD
    if (*n)
        qsort(*v, *n, sizeof **v, by_at);
}

/* ungil.h's markers become the runtime's functions of the same names without the last underscore.  (What is
 * in quotes may be changed too: no program says such words.) */
static void rename_markers(struct str *s)
{
    static const char *const names[] = {"stm_atomic_enter_", "stm_exclusive_enter_", "stm_atomic_leave_",
                                        "stm_blocking_enter_", "stm_blocking_leave_"};
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);
        for (char *p = s->s; (p = strstr(p, names[i])); p += n)
            p[n - 1] = ' ';
    }
}

/* Our annotations have done their work; other compilers than clang would warn of them. */
static void without_annotations(const char *s, struct str *out)
{
    static const char open[] = "__attribute__((annotate(\"stm_";
    for (const char *p; (p = strstr(s, open)); s = p) {
        str_addn(out, s, (size_t)(p - s));
        p = strstr(p, "\")))");
        if (!p)
            die("emit: unterminated annotation");
        p += 4;
    }
    str_add(out, s);
}

/* What the passes found to be this thread's own stack is plain C. */
static void leave_locals(const struct ir_inst *const *accesses, struct node *n)
{
    if (!n)
        return;
    if (n->form == F_ANY && accesses[n->access] && accesses[n->access]->args[0]->cls == IRC_RAW)
        n->form = F_NONE;
    for (unsigned i = 0; i < n->nkids; i++)
        leave_locals(accesses, n->kids[i]);
}

void emit(struct unit *u, const enum barrier_kind *decisions, struct str *out)
{
    struct str body = {0}, epilogue = {0};
    names_pick(u);
    struct emitter e = {.u = u,
                        .decisions = decisions,
                        .epilogue = &epilogue,
                        .insts = u->check ? accesses_by_number(u) : NULL};
    struct edit *v = NULL;
    unsigned n = 0, cap = 0;
    const struct ir_inst **accesses = accesses_by_number(u);
    for (unsigned i = 0; i < u->nfuncs; i++)
        leave_locals(accesses, u->funcs[i]->body);
    free(accesses);
    edits_of(&e, &v, &n, &cap);
    size_t at = 0;
    for (unsigned i = 0; i < n; i++) {
        struct decl *d = v[i].d;
        if (v[i].at < at ||
            (i && v[i].at == v[i - 1].at && v[i].kind == v[i - 1].kind && v[i].kind == E_UNUSED))
            continue;
        str_addn(&body, emit_src(&e, at), v[i].at - at);
        at = v[i].at;
        if (v[i].kind == E_COPIES) {
            emit_clone_declarations(&e, d, &body);
        } else if (v[i].kind == E_THUNK) {
            thunks_define(u, d->body ? d->body : d->init, &body);
        } else if (v[i].kind == E_LITERALS) {
            if (!i || v[i - 1].kind != E_LITERALS) /* else of the same declaration */
                e.nsubs = 0;
            literals_define(&e, d, &body);
            e.resync = false;
        } else if (v[i].kind == E_FIELDS) {
            per_thread_define(d->body, &body);
        } else if (v[i].kind == E_MAIN) {
            label_main(d, &body);
        } else if (v[i].kind == E_VAR) {
            str_add(&body, d->grouped ? " " : "");
            emit_section(d, &body);
            str_add(&body, d->grouped ? "" : " ");
        } else if (v[i].kind == E_INIT) {
            emit_ex(&e, d->init, &body);
            at = d->init->end;
            if (literals_needed(d)) { /* of how many lines they were */
                struct ir_loc l = source_loc(&u->src, at);
                str_printf(&body, "\n#line %u \"%s\"\n", l.line, l.file);
            }
        } else if (v[i].kind == E_UNUSED) {
            str_add(&body, "__attribute__((__unused__)) ");
        } else {
            function(&e, d, &body);
            emit_clones(&e, d, function, &body);
            at = d->body->end;
        }
    }
    if (e.nmoved != emit_count_moved(u->ir))
        die("emit: %u of %u moved barriers emitted", e.nmoved, emit_count_moved(u->ir));
    str_addn(&body, emit_src(&e, at), u->src.n - at); /* not null: an empty file has a #line */
    free(v);
    for (unsigned i = 0; i < u->nglobals; i++)
        if (u->globals[i]->storage != ST_STATIC_LOCAL && emit_is_registered(&e, u->globals[i])) {
            emit_registration(&e, u->globals[i], &epilogue);
            str_add(&epilogue, "\n");
        }
    for (unsigned k = 0; k < u->naliases; k++)
        if (u->aliases[k].alone && emit_is_registered(&e, u->aliases[k].d)) {
            emit_registration(&e, u->aliases[k].d, &epilogue);
            str_add(&epilogue, "\n");
        }
    notes(u, &epilogue);
    emit_count_table(u, &epilogue);
    emit_check_table(&e, &epilogue);
    emit_claims(&e, &epilogue);
    emit_link_names(u, &epilogue);
    if (*u->own)
        str_printf(out, "#define STM_OWN_(name) stm_##name##%s\n", u->own);
    str_printf(out, "#include \"ungil_abi.h\"\n");
    emit_count_prologue(u, out);
    emit_check_prologue(u, out);
    str_add(out, desc_prologue(u));
    rename_markers(&body);
    without_annotations(body.s ? body.s : "", out);
    str_add(out, epilogue.s ? epilogue.s : "");
    str_free(&body);
    str_free(&epilogue);
    free(e.subs);
    free(e.insts);
}
