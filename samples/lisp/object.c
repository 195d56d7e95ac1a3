/* object.c - making objects.
 *
 * Each constructor allocates zeroed, collected memory and fills it in; nothing is ever freed by
 * hand.  The only shared state here is the list of symbols, which changes only while the program
 * is read.
 */
#include <string.h>

#include "object.h"

value new_pair_at(uint32_t line, value car, value cdr)
{
    struct pair *p = STM_NEW(struct pair);
    p->head.type = T_PAIR;
    p->head.line = line;
    p->car = car;
    p->cdr = cdr;
    return &p->head;
}

value new_pair(value car, value cdr)
{
    return new_pair_at(0, car, cdr);
}

value new_float(double number)
{
    struct floating *f = STM_NEW(struct floating);
    f->head.type = T_FLOAT;
    f->number = number;
    return &f->head;
}

/* A string of `length` characters from `text`. */
value new_string(const char *text, size_t length)
{
    struct string *s = STM_NEW_FLEX(struct string, text, length + 1);
    s->head.type = T_STRING;
    memcpy(s->text, text, length);
    return &s->head;
}

struct container *new_container(value content)
{
    struct container *c = STM_NEW(struct container);
    c->head.type = T_CONTAINER;
    c->content = content;
    return c;
}

struct function *new_function(struct symbol *name, struct pair *parameters, struct pair *body)
{
    struct function *f = STM_NEW(struct function);
    f->head.type = T_FUNCTION;
    f->name = name;
    f->parameters = parameters;
    f->body = body;
    for (struct pair *p = parameters; p; p = rest(p))
        f->arity++;
    return f;
}

/* A frame for `count` variables, whose values the caller fills in.  `names` has either symbols, or lists that
 * begin with one.  No variables need no frame. */
struct frame *new_frame(struct frame *outer, struct pair *names, size_t count)
{
    if (count == 0)
        return outer;
    struct frame *frame = STM_NEW_FLEX(struct frame, variables, count);
    frame->outer = outer;
    frame->count = count;
    for (size_t i = 0; i < count; i++, names = rest(names)) {
        value name = names->car;
        frame->variables[i].name =
            (struct symbol *)(has_type(name, T_PAIR) ? ((struct pair *)name)->car : name);
    }
    return frame;
}

static struct array *new_array(size_t capacity)
{
    struct array *array = STM_NEW_FLEX(struct array, items, capacity);
    array->capacity = capacity;
    return array;
}

/* An empty list with room for `capacity` items. */
struct list *new_list(size_t capacity)
{
    struct list *list = STM_NEW(struct list);
    list->head.type = T_LIST;
    list->array = new_array(capacity < 4 ? 4 : capacity);
    return list;
}

void list_append(struct list *list, value v)
{
    struct array *array = list->array;
    size_t length = list->length;
    if (length == array->capacity) {
        struct array *longer = new_array(2 * length);
        memcpy(longer->items, array->items, length * sizeof array->items[0]);
        list->array = array = longer;
    }
    array->items[length] = v;
    list->length = length + 1;
}

/* The same items in opposite order, in new pairs. */
value reverse(value pairs)
{
    value reversed = NIL;
    for (struct pair *p = (struct pair *)pairs; p; p = rest(p))
        reversed = new_pair_at(p->head.line, p->car, reversed);
    return reversed;
}

/* ---- symbols */

static struct symbol *symbols; /* a program has some hundred: a plain list does */

static struct symbol *new_symbol(const char *name, enum op op)
{
    size_t length = strlen(name);
    struct symbol *s = STM_NEW_FLEX(struct symbol, name, length + 1);
    s->head.type = T_SYMBOL;
    s->op = op;
    s->global = NOTHING;
    memcpy(s->name, name, length);
    s->next = symbols;
    symbols = s;
    return s;
}

/* The one symbol of that name. */
struct symbol *intern(const char *name)
{
    for (struct symbol *s = symbols; s; s = s->next)
        if (strcmp(s->name, name) == 0)
            return s;
    return new_symbol(name, OP_CALL);
}

/* Enters the symbols of ops.def; to be called once, before anything is read. */
void define_ops(void)
{
#define FORM(id, name) new_symbol(name, OP_##id);
#define BUILTIN(id, name, min, max) new_symbol(name, OP_##id);
#include "ops.def"
#undef FORM
#undef BUILTIN
}
