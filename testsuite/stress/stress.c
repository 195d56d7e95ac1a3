/* stress.c - threads that do all sorts of things to shared structures, and look whether these are ever seen
 * half changed.
 *
 *     stress SECONDS SEED THREADS
 *
 * Annotated C, translated as a user's program would be.  Each operation checks what it reads: a doomed
 * transaction, too, must see one consistent state (opacity), so bad reads are counted in raw memory, where
 * no abort takes them back.  At the end come the sums over everything that was done, which the threads have
 * kept in three ways: in shared objects, in their C stacks, and by callbacks at commit.  Aborts must have
 * undone the first two alike, and never called the third. Prints "operations N bad 0"; exit status 0 if
 * nothing was wrong. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "ungil.h"

enum {
    KEYS = 128, /* of the list */
    TREE_KEYS = 2048,
    ACCOUNTS = 64,
    EACH = 1000,
    CELLS = 8192, /* of the large array: cards of their own */
    BOXES = 16,   /* of messages */
    WEAKS = 32,
    THREADS_MAX = 16,
    BIG = 3000 /* words of a large message */
};

struct STM_OBJECT item {
    struct item *next;
    long key, check;
};
struct STM_OBJECT node {
    struct node *left, *right;
    long key, check;
};
struct STM_OBJECT account {
    long balance, check;
};
struct STM_OBJECT message {
    long n, seed;
    long word[];
};
struct STM_OBJECT tally { /* one for each thread, so it never conflicts */
    long operations, lines, visits, visited;
};
struct STM_OBJECT words {
    long n;
    long word[];
};

static struct item *list; /* a head that stays */
static struct node *tree;
static long list_size, tree_size;
static struct account *accounts[ACCOUNTS];
static struct words *cells; /* cell i + cell CELLS-1-i is 0 */
static struct message *boxes[BOXES];
static struct words *strong[WEAKS];
static void *weak[WEAKS];
static struct tally *tallies[THREADS_MAX];
static char *names[BOXES]; /* from malloc */
static long lines;         /* written to the log */
static long finalized, to_finalize;
static STM_THREAD_LOCAL long own_operations;

static _Atomic long bad, stop, committed_lines;
static FILE *log_file;
static int seconds, nthreads;
static unsigned long first_seed;

static void wrong(const char *what)
{
    if (bad++ < 10)
        fprintf(stderr, "stress: %s\n", what);
}

static unsigned long next_random(unsigned long *s)
{
    unsigned long x = *s;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return *s = x;
}

/* ---- a sorted list, and a binary tree */

static struct item *new_item(long key, struct item *next)
{
    struct item *p = STM_NEW(struct item);
    p->key = key;
    p->check = ~key;
    p->next = next;
    return p;
}

/* The last item whose key is less. */
static struct item *before(long key)
{
    struct item *p = list;
    for (struct item *q; (q = p->next) && q->key < key; p = q)
        if (q->check != ~q->key || q->key <= p->key)
            wrong("list: broken item, or not sorted");
    return p;
}

static void list_toggle(long key)
{
    struct item *p = before(key), *q = p->next;
    if (q && q->key == key) {
        p->next = q->next;
        list_size--;
    } else {
        p->next = new_item(key, q);
        list_size++;
    }
}

static void list_count(void)
{
    long n = 0;
    for (struct item *p = list->next; p; p = p->next)
        n++;
    if (n != list_size)
        wrong("list: size");
}

static void tree_toggle(long key)
{
    struct node **at = &tree, *p;
    long lo = -1, hi = TREE_KEYS;
    while ((p = *at) && p->key != key) {
        if (p->check != ~p->key || p->key <= lo || p->key >= hi)
            wrong("tree: broken node, or not sorted");
        if (key < p->key)
            hi = p->key, at = &p->left;
        else
            lo = p->key, at = &p->right;
    }
    if (!p) {
        p = STM_NEW(struct node);
        p->key = key;
        p->check = ~key;
        *at = p;
        tree_size++;
        return;
    }
    if (!p->left) {
        *at = p->right;
    } else if (!p->right) {
        *at = p->left;
    } else { /* the least node on the right takes its place */
        struct node **least = &p->right, *q;
        while ((q = *least)->left)
            least = &q->left;
        *least = q->right;
        q->left = p->left;
        q->right = p->right;
        *at = q;
    }
    tree_size--;
}

static long tree_count(const struct node *p)
{
    return p ? tree_count(p->left) + 1 + tree_count(p->right) : 0;
}

/* ---- a bank */

static void transfer(unsigned long r)
{
    struct account *a = accounts[r % ACCOUNTS], *b = accounts[r / ACCOUNTS % ACCOUNTS];
    long amount = (long)(r >> 20 & 63);
    if (a->check != ~a->balance || b->check != ~b->balance)
        wrong("bank: broken account");
    a->balance -= amount;
    a->check = ~a->balance;
    if (r >> 40 & 1)
        STM_SAFEPOINT(); /* in an atomic block this ends nothing */
    b->balance += amount;
    b->check = ~b->balance;
}

static void audit(void)
{
    long sum = 0;
    for (int i = 0; i < ACCOUNTS; i++)
        sum += accounts[i]->balance;
    if (sum != ACCOUNTS * EACH)
        wrong("bank: sum");
}

static void renew(unsigned long r)
{
    struct account *a = STM_NEW(struct account);
    a->balance = accounts[r % ACCOUNTS]->balance;
    a->check = ~a->balance;
    accounts[r % ACCOUNTS] = a;
}

/* ---- a large array */

static void cell_pair(unsigned long r)
{
    long i = (long)(r % (CELLS / 2)), v = (long)(r >> 30 & 1023);
    if (cells->word[i] + cells->word[CELLS - 1 - i])
        wrong("array: a pair is torn");
    cells->word[i] += v;
    cells->word[CELLS - 1 - i] -= v;
}

static void cell_range(unsigned long r)
{
    long i = (long)(r % (CELLS / 2 - 64)), v = (long)(r >> 30 & 1023);
    for (long k = i; k < i + 64; k++)
        cells->word[k] = v;
    for (long k = i; k < i + 64; k++)
        cells->word[CELLS - 1 - k] = -v;
}

/* ---- messages: made in private, read by all */

static void publish(unsigned long r)
{
    long n = r >> 32 & 15 ? (long)(r >> 20 & 63) : BIG;
    struct message *m = STM_NEW_FLEX(struct message, word, n);
    m->n = n;
    m->seed = (long)(r >> 8);
    for (long i = 0; i < n; i++)
        m->word[i] = m->seed * (i + 1);
    boxes[r % BOXES] = m;
}

static void receive(unsigned long r)
{
    struct message *m = boxes[r % BOXES];
    if (!m)
        return;
    for (long i = 0; i < m->n; i++)
        if (m->word[i] != m->seed * (i + 1)) {
            wrong("message: broken word");
            return;
        }
}

static void name(unsigned long r)
{
    char **at = &names[r % BOXES];
    char text[64];
    if (*at) {
        long a, b;
        if (sscanf(*at, "%ld %ld", &a, &b) != 2 || a != ~b)
            wrong("name: broken text");
    }
    snprintf(text, sizeof text, "%ld %ld", (long)r, ~(long)r);
    char *was = *at;
    *at = r & 1024 ? strdup(text) : strcpy(realloc(malloc(4), 64), text);
    free(was);
}

/* ---- weak references, finalizers */

static void on_dead(void *obj)
{
    struct words *w = obj;
    if (w->n != 3 || w->word[0] + w->word[1] + w->word[2])
        wrong("finalizer: broken object");
    finalized++;
}

static void weaken(unsigned long r)
{
    int i = (int)(r % WEAKS);
    struct words *w = weak[i] ? stm_weak_get(weak[i]) : NULL;
    if (strong[i] && w != strong[i])
        wrong("weak reference: cleared while its object lives");
    if (w && (w->n != 3 || w->word[0] + w->word[1] + w->word[2]))
        wrong("weak reference: broken object");
    if (r & 4096) {
        strong[i] = NULL;
        return;
    }
    w = STM_NEW_FLEX(struct words, word, 3);
    w->n = 3;
    w->word[0] = (long)r;
    w->word[1] = -(long)r - 1;
    w->word[2] = 1;
    strong[i] = w;
    weak[i] = stm_weak_new(w);
    if (!(r & 0x18000)) {
        stm_set_finalizer(w, on_dead);
        to_finalize++;
    }
}

/* ---- what happens at commit */

static void line_committed(void *key)
{
    (void)key;
    committed_lines++;
}

static void log_line(struct tally *mine)
{
    lines++;
    mine->lines++;
    fprintf(log_file, "%ld\n", lines);
    stm_call_on_commit(mine, line_committed);
}

/* ---- the threads */

static long garbage(unsigned long r)
{
    struct item *p = NULL;
    for (unsigned long i = r & 255; i; i--)
        p = new_item((long)i, p);
    long n = 0;
    for (; p; p = p->next)
        n += p->check == ~p->key;
    if (n != (long)(r & 255))
        wrong("garbage: broken item");
    return n;
}

static void *visitor(void *arg)
{
    struct tally *mine = arg;
    audit();
    mine->operations += garbage(200) == 200;
    return arg;
}

/* A thread for a moment. */
static void visit(void)
{
    struct tally *t = STM_NEW(struct tally);
    pthread_t id;
    void *result = NULL;
    if (pthread_create(&id, NULL, visitor, t)) {
        wrong("thread: cannot be made");
        return;
    }
    STM_BLOCKING
    {
        pthread_join(id, &result);
    }
    if (result != t || t->operations != 1)
        wrong("thread: its work is lost");
}

static void outside(unsigned long r)
{
    errno = (int)(r & 63) + 1;
    STM_BLOCKING
    {
        if (r & 64)
            usleep(r & 255);
    }
    STM_SAFEPOINT();
    if (errno != (int)(r & 63) + 1 && !(r & 64))
        wrong("errno: changed");
}

static void seldom(unsigned long r, struct tally *mine)
{
    switch (r >> 8 & 15) {
    case 0:
        stm_collect();
        break;
    case 1:
        mine->visits++;
        break; /* made outside: the thread begins when its maker's transaction has committed */
    case 2:
        if (tree_count(tree) != tree_size)
            wrong("tree: size");
        break;
    case 3:
        cell_range(r >> 12);
        break;
    case 4:
    case 5:
        stm_become_inevitable("stress");
        break;
    case 6:
        outside(r >> 12);
        break;
    case 7:
        list_count();
        break;
    default:
        STM_BLOCKING {}
        break;
    }
}

static void operation(unsigned long r, struct tally *mine)
{
    unsigned long x = r >> 6;
    switch (r & 31) {
    case 0:
    case 1:
    case 2:
        list_toggle((long)(x % KEYS));
        break;
    case 3:
    case 4:
        (void)before((long)(x % KEYS));
        break;
    case 5:
    case 6:
    case 7:
    case 8:
        tree_toggle((long)(x % TREE_KEYS));
        break;
    case 9:
    case 10:
        transfer(x);
        break;
    case 11:
        STM_ATOMIC
        {
            transfer(x);
            STM_ATOMIC
            {
                transfer(x >> 7);
            }
        }
        break;
    case 12:
    case 13:
        audit();
        break;
    case 14:
        renew(x);
        break;
    case 15:
    case 16:
    case 17:
        cell_pair(x);
        break;
    case 18:
        publish(x);
        break;
    case 19:
    case 20:
        receive(x);
        break;
    case 21:
        name(x);
        break;
    case 22:
    case 23:
        weaken(x);
        break;
    case 24:
        (void)garbage(x);
        break;
    case 25:
        if (!(x & 15))
            log_line(mine);
        break;
    case 26:
        if (!(x & 7))
            seldom(x >> 3, mine);
        break;
    case 27:
        stm_hint_commit_soon();
        break;
    default:
        break;
    }
}

static void *work(void *arg)
{
    struct tally *mine = arg;
    unsigned long r = (first_seed + 1) * 0x9e3779b97f4a7c15ul ^ stm_hash(mine) << 1 ^ 0x1234567ul;
    long done = 0;
    while (!stop) {
        /* STM_ATOMIC: a safepoint inside shall not part what belongs together */
        STM_ATOMIC
        {
            operation(next_random(&r), mine);
            mine->operations++;
            own_operations++;
            done++;
        }
        if (mine->operations != done || own_operations != done)
            wrong("an abort did not undo all alike");
        STM_SAFEPOINT();
        if (mine->visits > mine->visited) {
            mine->visited++;
            visit();
        }
    }
    return (void *)done;
}

/* ---- the end */

static void check_log(void)
{
    char text[64];
    long n = 0;
    fflush(log_file);
    rewind(log_file);
    while (fgets(text, sizeof text, log_file))
        if (atol(text) != ++n) {
            wrong("log: lines out of order");
            break;
        }
    long kept = 0;
    for (int i = 0; i < nthreads; i++)
        kept += tallies[i]->lines;
    if (n != lines || n != kept || n != committed_lines)
        wrong("log: lines lost");
}

static void check_all(void)
{
    list_count();
    audit();
    (void)before(KEYS);
    if (tree_count(tree) != tree_size)
        wrong("tree: size at the end");
    for (long i = 0; i < CELLS / 2; i++)
        if (cells->word[i] + cells->word[CELLS - 1 - i])
            wrong("array: a pair is torn at the end");
    for (unsigned long i = 0; i < BOXES; i++)
        receive(i);
    if (finalized > to_finalize)
        wrong("finalizer: called too often");
    check_log();
}

static volatile sig_atomic_t alarms;
static void on_alarm(int sig)
{
    (void)sig;
    alarms++;
}

/* STRESS_ALARM=microseconds: a storm of signals. */
static void start_alarms(void)
{
    const char *text = getenv("STRESS_ALARM");
    if (!text)
        return;
    struct sigaction sa;
    memset(&sa, 0, sizeof sa);
    sa.sa_handler = on_alarm;
    sa.sa_flags = SA_RESTART;
    struct itimerval every;
    memset(&every, 0, sizeof every);
    every.it_interval.tv_usec = every.it_value.tv_usec = atoi(text);
    if (sigaction(SIGALRM, &sa, NULL) || setitimer(ITIMER_REAL, &every, NULL))
        wrong("alarms: cannot start");
}

static void build(void)
{
    list = new_item(-1, NULL);
    for (int i = 0; i < ACCOUNTS; i++) {
        accounts[i] = STM_NEW(struct account);
        accounts[i]->balance = EACH;
        accounts[i]->check = ~EACH;
    }
    cells = STM_NEW_FLEX(struct words, word, CELLS);
    cells->n = CELLS;
}

static int usage(void)
{
    fprintf(stderr, "usage: stress SECONDS SEED THREADS\n");
    return 2;
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return usage();
    seconds = atoi(argv[1]);
    first_seed = strtoul(argv[2], NULL, 0);
    nthreads = atoi(argv[3]);
    log_file = tmpfile();
    if (seconds < 1 || nthreads < 1 || nthreads > THREADS_MAX || !log_file)
        return usage();
    stm_defer_output(log_file);
    build();
    start_alarms();
    pthread_t id[THREADS_MAX];
    for (int i = 0; i < nthreads; i++) {
        tallies[i] = STM_NEW(struct tally);
        if (pthread_create(&id[i], NULL, work, tallies[i]))
            return 2;
    }
    long total = 0;
    time_t end = time(NULL) + seconds;
    while (time(NULL) < end) {
        STM_BLOCKING
        {
            usleep(10000);
        }
    }
    stop = 1;
    for (int i = 0; i < nthreads; i++) {
        void *done;
        STM_BLOCKING
        {
            pthread_join(id[i], &done);
        }
        if ((long)done != tallies[i]->operations)
            wrong("operations lost");
        total += (long)done;
    }
    check_all();
    if (getenv("STRESS_ALARM") && alarms < seconds * 10)
        wrong("alarms: too few came");
    printf("operations %ld bad %ld lines %ld finalized %ld alarms %ld\n", total, bad, lines, finalized,
           (long)alarms);
    return bad != 0;
}
