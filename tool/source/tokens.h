/* tokens.h - C text as tokens. */
#ifndef UNGIL_TOOL_SOURCE_TOKENS_H
#define UNGIL_TOOL_SOURCE_TOKENS_H

#include <stdbool.h>
#include <stddef.h>

enum token_kind { TOK_NAME, TOK_NUMBER, TOK_STRING, TOK_PUNCT };
/* A string's or character's prefix is a name of its own; a punctuator is one character. */
struct token {
    enum token_kind kind;
    size_t at, n;
    bool directive; /* in a line that begins with # */
};
/* Sets *t to the next token from offset t->at + t->n on, before `end`; false if there is none.  Start with
 * {0}, or with an offset that is not inside a directive. */
bool token_next(const char *text, size_t end, struct token *t);
/* Is the name w, or w between two underscores on each side? */
bool token_is(const char *text, const struct token *t, const char *w);
bool token_is_punct(const char *text, const struct token *t, char c);
/* Behind the bracket of any kind that opens at t, the offset after the one that closes it; `end` if none
 * does. */
size_t token_group_end(const char *text, size_t end, const struct token *t);
/* Puts the brackets that they stand for, and a blank, in the place of digraphs (C17 6.4.6p3). */
void tokens_without_digraphs(char *text, size_t n);

#endif
