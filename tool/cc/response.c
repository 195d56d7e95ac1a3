/* response.c - response files: arguments that a file holds (@file). */
#include "host.h"

#include <ctype.h>
#include <string.h>

/* The tokens of a response file: cut at white space; quotes group, backslash takes the next character as it
 * is. */
static void split_response(struct host_vec *out, const char *s)
{
    for (;;) {
        while (isspace((unsigned char)*s))
            s++;
        if (!*s)
            return;
        char *word = host_alloc(strlen(s) + 1), *w = word, quote = 0;
        for (; *s && (quote || !isspace((unsigned char)*s)); s++) {
            if (*s == '\\' && s[1])
                *w++ = *++s;
            else if (quote ? *s == quote : *s == '\'' || *s == '"')
                quote = (char)(quote ? 0 : *s);
            else
                *w++ = *s;
        }
        host_vec_add(out, word);
    }
}

static void expand(struct host_vec *out, const char *arg, int depth)
{
    size_t n;
    char *text = arg[0] == '@' && depth < 20 ? host_read_file(arg + 1, &n) : NULL;
    if (!text) {
        host_vec_add(out, arg);
        return;
    }
    struct host_vec words = {0};
    split_response(&words, text);
    for (size_t i = 0; i < words.n; i++)
        expand(out, words.v[i], depth + 1);
}

struct host_vec host_expand_response_files(int argc, char **argv)
{
    struct host_vec out = {0};
    for (int i = 0; i < argc; i++)
        expand(&out, argv[i], 0);
    return out;
}
