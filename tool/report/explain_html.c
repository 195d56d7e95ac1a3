/* explain_html.c - an explanation as one page: no other file, no network.
 *
 * The source, each line followed by its accesses, coloured by what became of their barriers; a search box
 * that leaves the lines whose text or reasons have all its words; switches for kinds.  With counts, sites
 * where many barriers were executed glow, on a logarithmic scale, and the hottest are listed with links. */
#include "report/explain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "source/lines.h"

static const char head[] =
    "<style>\n"
    "body { font: 14px/1.4 system-ui, sans-serif; margin: 0 1.5em 3em; color: #222; background: #fff }\n"
    "h1 { font-size: 1.3em } h2 { font-size: 1.1em; margin-top: 1.6em }\n"
    "#bar { position: sticky; top: 0; background: #fff; padding: .6em 0; border-bottom: 1px solid #ccc }\n"
    "#bar input[type=search] { width: 28em; max-width: 60vw; font: inherit; padding: .2em .4em }\n"
    "#bar label { margin-left: 1em }\n"
    "table.src { border-collapse: collapse; width: 100% }\n"
    "td { vertical-align: top; padding: 0 .6em }\n"
    "td.n { text-align: right; color: #777; user-select: none; width: 3.5em; font: 13px monospace }\n"
    "td.c { font: 13px/1.35 monospace; white-space: pre-wrap }\n"
    "div.a { font: 12.5px/1.35 system-ui, sans-serif; white-space: normal; margin: 1px 0 1px 2em; padding: 0 "
    ".5em; border-left: 4px solid }\n"
    "div.a code { font: 12px monospace }\n"
    ".stay-read { border-color: #d68f00; background: #fff6e0 }\n"
    ".stay-write { border-color: #c0392b; background: #fdecea }\n"
    ".gone { border-color: #2e8b57; background: #eef8f1 }\n"
    ".never { border-color: #aaa; background: #f6f6f6 }\n"
    ".inev { border-color: #7d3c98; background: #f6ecfa }\n"
    ".times { float: right; font-weight: 600; padding: 0 .4em }\n"
    "table.hot td { padding: .1em .8em } .num { text-align: right }\n"
    "tr.hide { display: none }\n"
    "</style>\n";

static const char script[] =
    "<script>\n"
    "const q = document.getElementById('q'), boxes = document.querySelectorAll('#bar "
    "input[type=checkbox]');\n"
    "function apply() {\n"
    "  const words = q.value.toLowerCase().split(/\\s+/).filter(w => w), off = [...boxes].filter(b => "
    "!b.checked).map(b => b.value);\n"
    "  for (const a of document.querySelectorAll('div.a')) a.style.display = off.some(k => "
    "a.classList.contains(k)) ? 'none' : '';\n"
    "  let n = 0;\n"
    "  for (const r of document.querySelectorAll('table.src tr')) {\n"
    "    const t = r.textContent.toLowerCase(), hit = words.every(w => t.includes(w));\n"
    "    r.classList.toggle('hide', !hit); n += hit;\n"
    "  }\n"
    "  document.getElementById('found').textContent = words.length ? n + ' lines' : '';\n"
    "}\n"
    "q.addEventListener('input', apply); boxes.forEach(b => b.addEventListener('change', apply));\n"
    "</script>\n";

static void escaped(struct str *o, const char *s)
{
    for (; *s; s++)
        switch (*s) {
        case '<':
            str_add(o, "&lt;");
            break;
        case '>':
            str_add(o, "&gt;");
            break;
        case '&':
            str_add(o, "&amp;");
            break;
        case '"':
            str_add(o, "&quot;");
            break;
        default:
            str_addn(o, s, 1);
        }
}

static const char *class_of(const struct explained *x)
{
    if (x->final != BARRIER_NONE)
        return x->final == BARRIER_READ ? "stay-read" : "stay-write";
    return x->naive != BARRIER_NONE ? "gone" : "never";
}

/* 0 to 1: how hot n is, the hottest being `most`. */
static double heat(unsigned long n, unsigned long most)
{
    return n && most > 1 ? log((double)n + 1) / log((double)most + 1) : n ? 1 : 0;
}

static void times(struct str *o, const struct explained *x, unsigned long most)
{
    double h = x->final == BARRIER_NONE ? 0 : heat(x->executed, most);
    str_printf(o, "<span class=\"times\" style=\"background: hsl(%d 90%% %d%%)\">%lu&times;</span>",
               (int)(50 - 50 * h), (int)(97 - 37 * h), x->executed);
}

static void access_row(struct str *o, const struct explanation *e, const struct explained *x,
                       unsigned long most)
{
    str_printf(o, "<div class=\"a %s\" id=\"a%u\">", class_of(x), (unsigned)(x - e->v));
    if (e->counted)
        times(o, x, most);
    str_add(o, "<code>");
    escaped(o, x->text);
    str_printf(o, x->copy ? "</code> in <code>%s</code> " : "</code> ", x->function);
    str_printf(o, "<b>%s</b> ", x->remover ? "removed by" : explain_state(x));
    if (x->remover)
        str_printf(o, "<b>%s</b>: ", x->remover);
    else
        str_add(o, ": ");
    escaped(o, x->why);
    str_add(o, "</div>");
}

static void source(struct str *o, const struct explanation *e, const char *file, bool whole,
                   unsigned long most)
{
    unsigned n;
    char **lines = lines_read(file, &n);
    str_add(o, "<h2>");
    escaped(o, file);
    str_add(o, "</h2>\n<table class=\"src\">\n");
    unsigned *has = xrealloc(NULL, (n + 2) * sizeof *has);
    memset(has, 0, (n + 2) * sizeof *has);
    for (unsigned i = 0; i < e->n; i++)
        if (!strcmp(e->v[i].loc.file, file) && e->v[i].loc.line <= n)
            has[e->v[i].loc.line]++;
    for (unsigned i = 0; i < e->ninev; i++)
        if (!strcmp(e->inev[i].loc.file, file) && e->inev[i].loc.line <= n)
            has[e->inev[i].loc.line]++;
    for (unsigned i = 0; i < e->ncopies; i++)
        if (!strcmp(e->copies[i].loc.file, file) && e->copies[i].loc.line <= n)
            has[e->copies[i].loc.line]++;
    for (unsigned line = 1; line <= n; line++) {
        if (!whole && !has[line])
            continue;
        str_printf(o, "<tr><td class=\"n\">%u</td><td class=\"c\">", line);
        escaped(o, lines[line - 1]);
        for (unsigned i = 0; has[line] && i < e->ncopies; i++)
            if (e->copies[i].loc.line == line && !strcmp(e->copies[i].loc.file, file)) {
                str_printf(o,
                           "<div class=\"a never\"><code>%s</code> is a <b>copy</b> of <code>%s</code> for "
                           "the calls at %s: ",
                           e->copies[i].name, e->copies[i].of, e->copies[i].calls);
                escaped(o, e->copies[i].given);
                str_add(o, "</div>");
            }
        for (unsigned i = 0; has[line] && i < e->n; i++)
            if (e->v[i].loc.line == line && !strcmp(e->v[i].loc.file, file))
                access_row(o, e, &e->v[i], most);
        for (unsigned i = 0; has[line] && i < e->ninev; i++)
            if (e->inev[i].loc.line == line && !strcmp(e->inev[i].loc.file, file)) {
                str_add(o, "<div class=\"a inev\"><b>inevitable</b>: ");
                escaped(o, e->inev[i].what);
                str_add(o, e->inev[i].unknown ? ", a function that no table of externals names" : "");
                str_add(o, explain_turn(&e->inev[i]));
                str_add(o, "</div>");
            }
        str_add(o, "</td></tr>\n");
    }
    str_add(o, "</table>\n");
    free(has);
    lines_free(lines, n);
}

static int hotter(const void *a, const void *b)
{
    const struct explained *x = *(const struct explained *const *)a, *y = *(const struct explained *const *)b;
    return x->executed != y->executed ? (x->executed < y->executed ? 1 : -1) : x < y ? -1 : x > y;
}

static void hottest(struct str *o, const struct explanation *e, unsigned long most)
{
    const struct explained **v = xrealloc(NULL, (e->n + 1) * sizeof *v);
    unsigned n = 0;
    for (unsigned i = 0; i < e->n; i++)
        if (e->v[i].final != BARRIER_NONE && e->v[i].executed)
            v[n++] = &e->v[i];
    qsort(v, n, sizeof *v, hotter);
    str_add(o, "<h2>Most executed barriers</h2>\n<table class=\"hot\">\n");
    for (unsigned i = 0; i < n && i < 20; i++) {
        str_add(o, "<tr><td class=\"num\">");
        times(o, v[i], most);
        str_printf(o, "</td><td>%s</td><td><a href=\"#a%u\">%u</a></td><td><code>",
                   v[i]->final == BARRIER_READ ? "read" : "write", (unsigned)(v[i] - e->v), v[i]->loc.line);
        escaped(o, v[i]->text);
        str_add(o, "</code></td><td>");
        escaped(o, v[i]->function);
        str_add(o, "</td></tr>\n");
    }
    str_add(o, "</table>\n");
    free(v);
}

void explain_html(struct str *o, const struct explanation *e)
{
    unsigned long most = 0;
    unsigned placed = 0, stay = 0;
    for (unsigned i = 0; i < e->n; i++) {
        placed += e->v[i].naive != BARRIER_NONE;
        stay += e->v[i].final != BARRIER_NONE;
        if (e->v[i].final != BARRIER_NONE && e->v[i].executed > most)
            most = e->v[i].executed;
    }
    str_add(o, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Barriers of ");
    escaped(o, e->file);
    str_printf(o, "</title>\n%s</head>\n<body>\n<h1>Barriers of ", head);
    escaped(o, e->file);
    str_printf(o, "</h1>\n<p>%u accesses, %u barriers placed, %u removed, %u stay.</p>\n", e->n, placed,
               placed - stay, stay);
    str_add(o, "<div id=\"bar\"><input type=\"search\" id=\"q\" placeholder=\"search source and reasons\" "
               "autofocus> <span id=\"found\"></span>\n");
    static const struct {
        const char *cls, *label;
    } kinds[] = {{"stay-read", "read barriers"},
                 {"stay-write", "write barriers"},
                 {"gone", "removed"},
                 {"never", "never needed"},
                 {"inev", "inevitable"}};
    for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++)
        str_printf(o, "<label><input type=\"checkbox\" value=\"%s\" checked> %s</label>\n", kinds[i].cls,
                   kinds[i].label);
    str_add(o, "</div>\n");
    if (e->counted)
        hottest(o, e, most);
    source(o, e, e->file, true, most);
    const char *last = e->file;
    for (unsigned i = 0; i < e->n; i++)
        if (strcmp(e->v[i].loc.file, e->file) && strcmp(e->v[i].loc.file, last)) {
            last = e->v[i].loc.file;
            source(o, e, last, false, most);
        }
    str_add(o, script);
    str_add(o, "</body>\n</html>\n");
}
