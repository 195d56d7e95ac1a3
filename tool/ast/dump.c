/* dump.c - the tree as text, for tests and debugging. */
#include "ast/dump.h"

#include <stdio.h>
#include <string.h>

static void dump_node(FILE *out, const struct unit *u, const struct node *n, int depth)
{
    static const char *const names[] = {"ref",
                                        "member",
                                        "subscript",
                                        "deref",
                                        "addrof",
                                        "incdec",
                                        "unary",
                                        "binary",
                                        "assign",
                                        "compound-assign",
                                        "logical",
                                        "cond",
                                        "gnu-cond",
                                        "comma",
                                        "call",
                                        "cast",
                                        "paren",
                                        "literal",
                                        "string",
                                        "initlist",
                                        "compound-literal",
                                        "stmt-expr",
                                        "unevaluated",
                                        "generic",
                                        "va_arg",
                                        "atomic",
                                        "addr-label",
                                        "opaque",
                                        "block",
                                        "decls",
                                        "var",
                                        "if",
                                        "while",
                                        "do",
                                        "for",
                                        "switch",
                                        "case",
                                        "default",
                                        "label",
                                        "goto",
                                        "igoto",
                                        "break",
                                        "continue",
                                        "return",
                                        "asm",
                                        "empty"};
    if (!n) {
        fprintf(out, "%*s-\n", depth * 2, "");
        return;
    }
    int len = n->end - n->begin < 40 ? (int)(n->end - n->begin) : 40;
    fprintf(out, "%*s%s", depth * 2, "", names[n->kind]);
    if (n->decl)
        fprintf(out, " %s", n->decl->name);
    fprintf(out, "%s%s", n->type ? " : " : "", n->type ? n->type_spelling : "");
    fprintf(out, "  `%.*s`\n",
            (int)strcspn(u->src.text + n->begin, "\n") < len ? (int)strcspn(u->src.text + n->begin, "\n")
                                                             : len,
            u->src.text + n->begin);
    for (unsigned i = 0; i < n->nkids; i++)
        dump_node(out, u, n->kids[i], depth + 1);
}

void ast_dump(FILE *out, const struct unit *u)
{
    for (unsigned i = 0; i < u->nfuncs; i++) {
        fprintf(out, "function %s\n", u->funcs[i]->name);
        dump_node(out, u, u->funcs[i]->body, 1);
    }
}
