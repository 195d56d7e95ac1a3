/* read.c - from program text to pairs, symbols and numbers.
 *
 *     form   = number | symbol | "string" | 'form | (form ...)
 *     ; starts a comment, up to the end of the line
 *
 * Every pair knows its line: it is the place that messages name.  There is no dotted notation, so
 * the lists of a program are always well formed, and the evaluator need not check them.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "object.h"

#define MAX_TOKEN 255
#define MAX_NESTING 1000 /* of lists in the text */

static value read_value(struct reader *reader, int depth);

static int next_char(struct reader *reader)
{
    int c = getc(reader->in);
    if (c == '\n')
        reader->line++;
    return c;
}

static void unread_char(struct reader *reader, int c)
{
    if (c == EOF)
        return;
    ungetc(c, reader->in);
    if (c == '\n')
        reader->line--;
}

/* Skips spaces and comments, and returns the first character after them, or EOF. */
static int next_visible(struct reader *reader)
{
    for (;;) {
        int c = next_char(reader);
        if (c == ';')
            while (c != '\n' && c != EOF)
                c = next_char(reader);
        if (c == EOF || !isspace(c))
            return c;
    }
}

static value read_string(struct reader *reader)
{
    uint32_t line = reader->line;
    char text[MAX_TOKEN];
    size_t length = 0;
    int c;
    while ((c = next_char(reader)) != '"') {
        if (c == EOF)
            fail_at(line, "string without end", NOTHING);
        if (c == '\\') {
            c = next_char(reader);
            if (c == 'n')
                c = '\n';
        }
        if (length == sizeof text)
            fail_at(line, "string too long", NOTHING);
        text[length++] = (char)c;
    }
    return new_string(text, length);
}

/* The number that `token` spells, or NOTHING if it does not start like one. */
static value number(struct reader *reader, const char *token)
{
    const char *digits = token + (token[0] == '-' || token[0] == '+');
    if (!isdigit((unsigned char)digits[0]))
        return NOTHING;
    char *end;
    errno = 0;
    if (!strpbrk(token, ".eExX")) {
        long long n = strtoll(token, &end, 10);
        if (errno != 0 || n < INTEGER_MIN || n > INTEGER_MAX)
            fail_at(reader->line, "integer too large", NOTHING);
        if (*end == '\0')
            return integer((intptr_t)n);
    } else {
        double d = strtod(token, &end);
        if (errno == 0 && *end == '\0')
            return new_float(d);
    }
    fail_at(reader->line, "malformed number", &intern(token)->head);
}

static int ends_atom(int c)
{
    return c == EOF || isspace(c) || c == '(' || c == ')' || c == '"' || c == '\'' || c == ';';
}

static value read_atom(struct reader *reader, int c)
{
    char token[MAX_TOKEN + 1];
    size_t length = 0;
    while (!ends_atom(c)) {
        if (length == MAX_TOKEN)
            fail_at(reader->line, "name too long", NOTHING);
        token[length++] = (char)c;
        c = next_char(reader);
    }
    unread_char(reader, c);
    token[length] = '\0';
    value v = number(reader, token);
    if (v != NOTHING)
        return v;
    if (strcmp(token, "nil") == 0)
        return NIL;
    if (strcmp(token, "t") == 0)
        return TRUE;
    return &intern(token)->head;
}

/* What follows an opening parenthesis. */
static value read_list(struct reader *reader, int depth)
{
    uint32_t opened = reader->line;
    value reversed = NIL;
    if (depth > MAX_NESTING)
        fail_at(opened, "lists nested too deeply", NOTHING);
    for (;;) {
        int c = next_visible(reader);
        if (c == EOF)
            fail_at(opened, "list without end", NOTHING);
        if (c == ')')
            return reverse(reversed);
        uint32_t line = reader->line;
        unread_char(reader, c);
        value item = read_value(reader, depth + 1);
        reversed = new_pair_at(line, item, reversed);
    }
}

static value read_value(struct reader *reader, int depth)
{
    int c = next_visible(reader);
    uint32_t line = reader->line;
    if (c == EOF)
        fail_at(line, "unexpected end of file", NOTHING);
    if (c == '(')
        return read_list(reader, depth);
    if (c == ')')
        fail_at(line, "unexpected )", NOTHING);
    if (c == '"')
        return read_string(reader);
    if (c != '\'')
        return read_atom(reader, c);
    if (depth > MAX_NESTING)
        fail_at(line, "lists nested too deeply", NOTHING);
    value quoted = new_pair_at(line, read_value(reader, depth + 1), NIL);
    return new_pair_at(line, &intern("quote")->head, quoted);
}

/* Reads the next form of the program and the line that it starts on; 0 at the end of the file. */
int read_form(struct reader *reader, value *form, uint32_t *line)
{
    int c = next_visible(reader);
    if (c == EOF)
        return 0;
    unread_char(reader, c);
    *line = reader->line;
    *form = read_value(reader, 0);
    return 1;
}
