/* tokens.c - preprocessed C text as tokens, for what the tree does not hold: attributes, pragmas, the names
 * that occur. */
#include "source/tokens.h"

#include <ctype.h>
#include <string.h>

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* The offset behind white space and comments; *line says whether a line has begun there. */
static size_t skip_space(const char *s, size_t at, size_t end, bool *line)
{
    while (at < end) {
        if (s[at] == '\n') {
            *line = true;
            at++;
        } else if (s[at] == '\\' && at + 1 < end && s[at + 1] == '\n') {
            at += 2;
        } else if (isspace((unsigned char)s[at])) {
            at++;
        } else if (s[at] == '/' && at + 1 < end && s[at + 1] == '*') {
            const char *e = strstr(s + at + 2, "*/");
            at = e && (size_t)(e - s) + 2 < end ? (size_t)(e - s) + 2 : end;
        } else if (s[at] == '/' && at + 1 < end && s[at + 1] == '/') {
            while (at < end && s[at] != '\n')
                at++;
        } else {
            break;
        }
    }
    return at;
}

bool token_next(const char *s, size_t end, struct token *t)
{
    bool first = t->at + t->n == 0, line = first;
    size_t at = skip_space(s, t->at + t->n, end, &line);
    if (at >= end)
        return false;
    t->directive = line ? s[at] == '#' : t->directive;
    t->at = at;
    char c = s[at];
    if (c == '"' || c == '\'') {
        t->kind = TOK_STRING;
        for (at++; at < end && s[at] != c && s[at] != '\n'; at++)
            at += s[at] == '\\' && at + 1 < end;
        at += at < end && s[at] == c;
    } else if (isdigit((unsigned char)c) || (c == '.' && at + 1 < end && isdigit((unsigned char)s[at + 1]))) {
        t->kind = TOK_NUMBER;
        for (at++; at < end && (name_char(s[at]) || s[at] == '.' ||
                                ((s[at] == '+' || s[at] == '-') && strchr("eEpP", s[at - 1])));
             at++)
            ;
    } else if (name_char(c)) {
        t->kind = TOK_NAME;
        while (at < end && name_char(s[at]))
            at++;
    } else {
        t->kind = TOK_PUNCT;
        at++;
    }
    t->n = at - t->at;
    return true;
}

bool token_is(const char *s, const struct token *t, const char *w)
{
    size_t n = strlen(w);
    return t->kind == TOK_NAME && ((t->n == n && !memcmp(s + t->at, w, n)) ||
                                   (t->n == n + 4 && !memcmp(s + t->at, "__", 2) &&
                                    !memcmp(s + t->at + 2, w, n) && !memcmp(s + t->at + 2 + n, "__", 2)));
}

bool token_is_punct(const char *s, const struct token *t, char c)
{
    return t->kind == TOK_PUNCT && s[t->at] == c;
}

size_t token_group_end(const char *s, size_t end, const struct token *open)
{
    struct token t = *open;
    int depth = 0;
    do {
        if (t.kind != TOK_PUNCT)
            continue;
        if (strchr("([{", s[t.at]))
            depth++;
        else if (strchr(")]}", s[t.at]) && --depth == 0)
            return t.at + 1;
    } while (token_next(s, end, &t));
    return end;
}

void tokens_without_digraphs(char *text, size_t n)
{
    static const char digraphs[][3] = {"<%{", "%>}", "<:[", ":>]"};
    struct token t = {0};
    while (token_next(text, n, &t))
        for (unsigned k = 0; k < 4 && t.kind == TOK_PUNCT; k++)
            if (t.at + 1 < n && !memcmp(text + t.at, digraphs[k], 2)) {
                text[t.at] = digraphs[k][2];
                text[t.at + 1] = ' ';
                break;
            }
}
