/* eventfile.c - the file of the conflict log (ungil_log.h): chunks, records, texts.
 *
 * Each thread fills a chunk of the file that it has mapped, so recording is writing to memory, and the
 * kernel keeps what was written if the process dies.  The file's blocks are allocated with the chunk: a full
 * disk is an error there, never a SIGBUS later.  A thread that ends leaves its chunk to the next one.  One
 * lock, taken once for 64 KB and at a thread's end.
 *
 * Texts go to the file when they are first met.  A small table for each thread, indexed by a hash, remembers
 * which were; when two collide the text is written again under another number, which does no harm but to the
 * file's size. */
#include "runtime.h"

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* a leaf: nothing else is taken under it */
static int fd = -1;
static uint64_t size; /* of the file */
static bool full;
static struct ungil_log_header *header;
static struct stmi_event_chunk pool[STMI_MAX_SEGMENTS]; /* left by threads that ended */
static int npool;

static stmi_ranges modules; /* text number: index + 1 */

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void give_up(const char *what, int err)
{
    full = true;
    stmi_warn("STM_LOG: %s: %s; no more events are recorded", what, strerror(err));
}

/* Lock held.  False: no room. */
static bool new_chunk(struct stmi_event_chunk *c)
{
    if (npool) {
        *c = pool[--npool];
        return true;
    }
    if (full)
        return false;
    if (size + UNGIL_LOG_CHUNK > stmi_opt.log_size) {
        full = true;
        return false;
    }
    int err = posix_fallocate(fd, (off_t)size, UNGIL_LOG_CHUNK);
    if (err) {
        give_up(stmi_files.log, err);
        return false;
    }
    char *p = mmap(NULL, UNGIL_LOG_CHUNK, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)size);
    if (p == MAP_FAILED) {
        give_up(stmi_files.log, errno);
        return false;
    }
    size += UNGIL_LOG_CHUNK;
    *c = (struct stmi_event_chunk){p, p, p + UNGIL_LOG_CHUNK};
    return true;
}

static void drop_chunk(struct stmi_event_chunk *c)
{
    if (c->start)
        munmap(c->start, UNGIL_LOG_CHUNK);
    *c = (struct stmi_event_chunk){0};
}

/* For the reader, who wants to know how fast the counter runs, also of a process that was killed. */
static void keep_time(void)
{
    if (pthread_mutex_trylock(&lock))
        return;
    header->ns1 = now_ns();
    header->ticks1 = stmi_cycles();
    pthread_mutex_unlock(&lock);
}

static bool room(struct stmi_events *e, size_t bytes)
{
    if ((size_t)(e->chunk.end - e->chunk.at) >= bytes)
        return true;
    int err = errno;
    pthread_mutex_lock(&lock);
    do
        drop_chunk(&e->chunk);
    while (new_chunk(&e->chunk) && (size_t)(e->chunk.end - e->chunk.at) < bytes);
    pthread_mutex_unlock(&lock);
    errno = err;
    return e->chunk.start;
}

/* A copy of the record goes to the file, with n bytes of text behind it; head's kind and thread are set. */
void stmi_event_write(struct stmi_events *e, void *record, size_t bytes, const char *text, size_t n)
{
    struct ungil_log_record *r = record;
    size_t words = (bytes + n + 7) / 8;
    bool interrupted = e->busy; /* this is a signal handler, in the middle of another record */
    e->busy = true;
    if (interrupted || !room(e, words * 8) || !e->chunk.at) {
        __atomic_fetch_add(&header->dropped, 1, __ATOMIC_RELAXED);
        e->busy = interrupted;
        return;
    }
    r->time = stmi_cycles();
    r->words = (uint16_t)words;
    char *to = e->chunk.at;
    memcpy(to + 8, (char *)record + 8, bytes - 8);
    if (n && text)
        memcpy(to + bytes, text, n);
    uint64_t first;
    memcpy(&first, record, 8);
    __atomic_store_n((uint64_t *)(void *)to, first, __ATOMIC_RELEASE);
    e->chunk.at += words * 8;
    if (++e->nrecords % 64 == 1)
        keep_time();
    e->busy = false;
}

/* ---- texts */

static uint64_t mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9e3779b97f4a7c15ul;
    return h ^ h >> 32;
}

uint64_t stmi_event_hash(uint64_t h, const char *text, size_t n)
{
    for (; n >= 8; text += 8, n -= 8) {
        uint64_t x;
        memcpy(&x, text, 8);
        h = mix(h, x);
    }
    uint64_t x = n;
    memcpy(&x, text, n);
    return mix(h, x + n);
}

/* The number under which the text with this hash is known in the file; 0: it is not (any more). */
uint32_t stmi_event_known(const struct stmi_events *e, uint64_t hash)
{
    const struct stmi_event_name *s = &e->names[hash % STMI_EVENT_NAMES];
    return s->hash == hash ? s->number : 0;
}

uint32_t stmi_event_name(struct stmi_events *e, uint64_t hash, struct ungil_log_NAME *name, const char *text,
                         size_t n)
{
    struct stmi_event_name *s = &e->names[hash % STMI_EVENT_NAMES];
    *s = (struct stmi_event_name){hash, ++e->nnames};
    name->head.kind = UNGIL_LOG_NAME;
    name->head.thread = e->thread;
    name->number = s->number;
    stmi_event_write(e, name, sizeof *name, text, n);
    return s->number;
}

static int add_module(struct dl_phdr_info *info, size_t bytes, void *arg)
{
    (void)bytes;
    struct stmi_events *e = arg;
    bool known = false;
    struct stmi_range m = {info->dlpi_addr, info->dlpi_addr};
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD &&
            info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz > m.hi)
            m.hi = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < modules.n; i++)
        known |= modules.at[i].lo == m.lo && modules.at[i].hi == m.hi;
    if (!known)
        stmi_push(&modules, m);
    uint32_t number = (uint32_t)modules.n;
    pthread_mutex_unlock(&lock);
    if (known)
        return 0;
    const char *path = *info->dlpi_name ? info->dlpi_name : header->program;
    struct ungil_log_NAME r = {.head = {.kind = UNGIL_LOG_NAME}, .number = number, .what = UNGIL_LOG_MODULE};
    stmi_event_write(e, &r, sizeof r, path, strlen(path) + 1);
    return 0;
}

/* Which module the address is in: its number, and the offset there; 0: none that is known. */
uint32_t stmi_event_module(struct stmi_events *e, uptr pc, uint64_t *offset)
{
    uint32_t found = 0;
    for (int round = 0; round < 2 && !found; round++) {
        pthread_mutex_lock(&lock);
        for (size_t i = 0; i < modules.n && !found; i++)
            if (pc - modules.at[i].lo < modules.at[i].hi - modules.at[i].lo) {
                found = (uint32_t)i + 1;
                *offset = pc - modules.at[i].lo;
            }
        pthread_mutex_unlock(&lock);
        if (!found && !round)
            dl_iterate_phdr(add_module, e); /* loaded since */
    }
    return found;
}

/* ---- begin and end */

static void run_text(struct stmi_events *e, enum ungil_log_name what, int number, const char *name,
                     const char *meaning)
{
    char text[256];
    int n = snprintf(text, sizeof text, "%s%c%s", name, 0, meaning);
    struct ungil_log_NAME r = {.head = {.kind = UNGIL_LOG_NAME}, .number = (uint32_t)number, .what = what};
    stmi_event_write(e, &r, sizeof r, text, (size_t)n + 1);
}

static void run_texts(struct stmi_events *e)
{
#define X(name, text) run_text(e, UNGIL_LOG_REASON, STMI_ABORT_##name, #name, text);
    STMI_ABORTS(X)
#undef X
#define X(name, text) run_text(e, UNGIL_LOG_STATE, STMI_TIME_##name, #name, text);
    STMI_TIMES(X)
#undef X
}

static int refuse(const char *name, const char *why)
{
    stmi_warn("STM_LOG: %s: %s; no events are recorded", name, why);
    return -1;
}

static int create(const char *name)
{
    struct stat st;
    int f = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (f < 0)
        return refuse(name, strerror(errno));
    const char *why = fstat(f, &st)          ? strerror(errno)
                      : !S_ISREG(st.st_mode) ? "not a regular file"
                      : ftruncate(f, 0)      ? strerror(errno)
                                             : NULL;
    int err = why ? 0 : posix_fallocate(f, 0, UNGIL_LOG_HEADER);
    if (!why && !err) {
        header = mmap(NULL, UNGIL_LOG_HEADER, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
        if (header != MAP_FAILED)
            return f;
        err = errno;
    }
    close(f);
    return refuse(name, why ? why : strerror(err));
}

/* The file is made; e gets the first chunk.  False, after a message: no events. */
bool stmi_event_open(struct stmi_events *e, const char *name, uint32_t parent)
{
    fd = create(name);
    if (fd < 0)
        return false;
    size = UNGIL_LOG_HEADER;
    full = false;
    npool = 0;
    modules.n = 0;
    *header = (struct ungil_log_header){.version = UNGIL_LOG_VERSION,
                                        .chunk = UNGIL_LOG_CHUNK,
                                        .pid = (uint32_t)getpid(),
                                        .parent = parent,
                                        .ns0 = now_ns(),
                                        .ticks0 = stmi_cycles(),
                                        .segments = (uint32_t)stmi_nseg};
    ssize_t n = readlink("/proc/self/exe", header->program, sizeof header->program - 1);
    header->program[n > 0 ? n : 0] = 0;
    memcpy(header->magic, UNGIL_LOG_MAGIC, 8);
    run_texts(e);
    return true;
}

/* In a forked child: e's chunk and the file are the parent's. */
void stmi_event_leave_file(struct stmi_events *e)
{
    pthread_mutex_init(&lock, NULL);
    while (npool)
        drop_chunk(&pool[--npool]);
    if (e)
        drop_chunk(&e->chunk);
    munmap(header, UNGIL_LOG_HEADER);
    close(fd);
    fd = -1;
}

/* e's thread is gone: another may fill its chunk. */
void stmi_event_free(struct stmi_events *e)
{
    pthread_mutex_lock(&lock);
    if (e->chunk.start && e->chunk.end - e->chunk.at > 1024 && npool < STMI_MAX_SEGMENTS)
        pool[npool++] = e->chunk;
    else
        drop_chunk(&e->chunk);
    pthread_mutex_unlock(&lock);
    free(e->names);
    *e = (struct stmi_events){0};
}

void stmi_event_close(void)
{
    pthread_mutex_lock(&lock);
    header->ns1 = now_ns();
    header->ticks1 = stmi_cycles();
    header->ended = 1;
    pthread_mutex_unlock(&lock);
}
