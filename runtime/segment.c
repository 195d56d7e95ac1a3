/* segment.c - address space: the heap file, its views, and the markers (doc/memory-map.md).
 *
 * One memory file holds the heap and, after it, the pages of the program's static objects.  A reference is
 * an address where nothing can be accessed; segment i's copy-on-write view of it is mapped base_i higher, so
 * that one prefix, %gs, makes a reference an address, and its markers are at a fixed displacement from
 * base_i.  Views are outside the range of references: whether a number is a reference can be told by one
 * compare.
 *
 * Everything is mapped at start and never remapped: a few lines of /proc/self/maps for each segment.  The
 * kernel copies a page when a view first writes to it; the page map says for which pages that has happened.
 */
#include "runtime.h"

#include <asm/prctl.h>
#include <errno.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

struct stmi_seg *stmi_segs;
int stmi_nseg;
ptrdiff_t stmi_shared_disp, stmi_statics_disp;

static void make_segments(int n)
{
    stmi_nseg = n;
    if (posix_memalign((void **)&stmi_segs, 128, ((size_t)n + 1) * sizeof *stmi_segs))
        stmi_no_memory("segments");
    memset(stmi_segs, 0, ((size_t)n + 1) * sizeof *stmi_segs);
    for (int i = 1; i <= n; i++) {
        stmi_segs[i].id = i;
        stmi_segs[i].stale = STMI_VIEWS;
        stmi_segs[i].young_at = stmi_opt.nursery;
    }
}

#if STMI_VIEWS

static int heap_fd = -1;
static uptr statics_lo, statics_hi; /* page-rounded hull */
static size_t heap_pages;
static int fixed = MAP_FIXED_NOREPLACE;

/* ---- the thread's segment base */

#ifdef UNGIL_SEGMENT
static bool have_wrgsbase;

void stmi_set_base(uptr base)
{
    if (have_wrgsbase)
        __asm__ volatile("wrgsbase %0" : : "r"(base));
    else if (syscall(SYS_arch_prctl, ARCH_SET_GS, base))
        stmi_die("arch_prctl(ARCH_SET_GS): %s", strerror(errno));
}
#else
void stmi_set_base(uptr base)
{
    (void)base;
}
#endif

/* ---- mapping */

static void map_at(uptr at, size_t n, int prot, int flags, int fd, off_t off, const char *what)
{
    void *p = mmap((void *)at, n, prot, flags | fixed, fd, off);
    if (p == (void *)at)
        return;
    if (p != MAP_FAILED) { /* kernels before 4.17 take the address for a hint */
        munmap(p, n);
        errno = EEXIST;
    }
    stmi_die("cannot map %s at %#lx (%zu MB): %s", what, at, n >> 20, strerror(errno));
}

static void map_private(uptr at, size_t n, off_t off, const char *what)
{
    map_at(at, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, heap_fd, off, what);
}

static void map_markers(const struct stmi_seg *s, uptr lo, uptr hi, const char *what)
{
    for (int k = 0; k < 2; k++) {
        uptr disp = s->base + (k ? STM_W_DISP : STM_R_DISP);
        uptr from = (lo / 8 + disp) & ~(STMI_PAGE - 1),
             to = (hi / 8 + disp + STMI_PAGE - 1) & ~(STMI_PAGE - 1);
        map_at(from, to - from, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0,
               what);
    }
}

static uptr page_down(uptr a)
{
    return a & ~(STMI_PAGE - 1);
}
static uptr page_up(uptr a)
{
    return (a + STMI_PAGE - 1) & ~(STMI_PAGE - 1);
}

/* Calls fn for each maximal run of pages that hold statics. */
static void each_statics_run(void (*fn)(uptr lo, uptr hi, const struct stmi_seg *s), const struct stmi_seg *s)
{
    uptr lo = 0, hi = 0;
    for (size_t i = 0; i < stmi_nstatics; i++) {
        uptr a = page_down((uptr)stmi_statics[i]->addr),
             b = page_up((uptr)stmi_statics[i]->addr + stmi_statics[i]->size);
        if (a > hi) {
            if (hi)
                fn(lo, hi, s);
            lo = a;
        }
        if (b > hi || a == lo)
            hi = b > hi ? b : hi;
    }
    if (hi)
        fn(lo, hi, s);
}

static void copy_statics_run(uptr lo, uptr hi, const struct stmi_seg *s)
{
    (void)s;
    stmi_copy((void *)(lo + (uptr)stmi_statics_disp), (void *)lo, hi - lo);
}

static void map_statics_run(uptr lo, uptr hi, const struct stmi_seg *s)
{
    map_private(lo + s->base, hi - lo, (off_t)(stmi_opt.heap_size + (lo - statics_lo)), "static objects");
}

static void map_segment(const struct stmi_seg *s)
{
    map_private(STM_HEAP_BASE + s->base, stmi_opt.heap_size, 0, "a segment's view of the heap");
    map_markers(s, STM_HEAP_BASE, STM_HEAP_BASE + stmi_opt.heap_size, "a segment's markers");
    map_markers(s, 0, STMI_NULL_SPAN, "markers of null");
    if (!stmi_nstatics)
        return;
    each_statics_run(map_statics_run, s);
    uptr lo = statics_lo > STMI_NULL_SPAN ? statics_lo : STMI_NULL_SPAN;
    /* whole pages of markers, lest they share one with null's */
    map_markers(s, lo & ~(STMI_PAGE * 8 - 1), (statics_hi + STMI_PAGE * 8 - 1) & ~(STMI_PAGE * 8 - 1),
                "markers of static objects");
}

/* The originals: an access that is not instrumented shall not see them. */
extern char __start_ungil_data[] __attribute__((weak, visibility("hidden")));
extern char __stop_ungil_data[] __attribute__((weak, visibility("hidden")));
extern char __start_ungil_const[] __attribute__((weak, visibility("hidden")));
extern char __stop_ungil_const[] __attribute__((weak, visibility("hidden")));

static void hide(const char *lo, const char *hi)
{
    uptr a = page_up((uptr)lo), b = page_down((uptr)hi);
    if (lo && a < b && mprotect((void *)a, b - a, PROT_NONE))
        stmi_die("cannot protect static objects: %s", strerror(errno));
}

static void map_statics(void)
{
    stmi_statics_disp = 0;
    if (!stmi_nstatics)
        return;
    statics_lo = page_down(stm_statics_lo);
    statics_hi = page_up(stm_statics_lo + stm_statics_len);
    if (statics_hi - statics_lo > 4ul << 30)
        stmi_die("static objects are more than 4 GB apart");
    void *p = mmap(NULL, statics_hi - statics_lo, PROT_READ | PROT_WRITE, MAP_SHARED, heap_fd,
                   (off_t)stmi_opt.heap_size);
    if (p == MAP_FAILED)
        stmi_die("cannot map the shared view of static objects: %s", strerror(errno));
    stmi_statics_disp = (ptrdiff_t)((uptr)p - statics_lo);
    each_statics_run(copy_statics_run, NULL);
}

/* ---- page maps */

size_t stmi_page_index(uptr r)
{
    return r - STM_HEAP_BASE < stmi_opt.heap_size ? (r - STM_HEAP_BASE) / STMI_PAGE
                                                  : heap_pages + (r - statics_lo) / STMI_PAGE;
}

uptr stmi_page_ref(size_t page)
{
    return page < heap_pages ? STM_HEAP_BASE + page * STMI_PAGE
                             : statics_lo + (page - heap_pages) * STMI_PAGE;
}

bool stmi_static_page(uptr r)
{
    return r - statics_lo < statics_hi - statics_lo;
}

/* The page numbers that ever were in use: small objects, large ones, statics. */
void stmi_page_ranges(struct stmi_range r[3])
{
    uptr small = stmi_heap.small_high, large = stmi_heap.large_low > small ? stmi_heap.large_low : small;
    r[0] = (struct stmi_range){0, (small - STM_HEAP_BASE) / STMI_PAGE};
    r[1] = (struct stmi_range){(large - STM_HEAP_BASE) / STMI_PAGE, heap_pages};
    r[2] = (struct stmi_range){heap_pages, heap_pages + (statics_hi - statics_lo) / STMI_PAGE};
}

void *stmi_shared(uptr r)
{
    return (void *)(r +
                    (uptr)(r - STM_HEAP_BASE < stmi_opt.heap_size ? stmi_shared_disp : stmi_statics_disp));
}

void stmi_privatise(struct stmi_seg *s, uptr r, size_t n)
{
    for (size_t p = stmi_page_index(r), end = stmi_page_index(r + n - 1); p <= end; p++)
        if (s->priv[p] != STMI_PAGE_DIRTY) {
            s->npriv += s->priv[p] == STMI_PAGE_SHARED;
            s->priv[p] = STMI_PAGE_DIRTY;
        }
}

static void drop_pages(struct stmi_seg *s, size_t from, size_t to)
{
    if (from < to && madvise(stmi_view(s, stmi_page_ref(from)), (to - from) * STMI_PAGE, MADV_DONTNEED))
        stmi_die("madvise: %s", strerror(errno));
}

/* Private pages become shared again; those marked KEEP stay, and count as dirty. */
void stmi_drop_private(struct stmi_seg *s)
{
    stmi_assert(stmi_holds(&stmi_world.lock));
    struct stmi_range in[3];
    stmi_page_ranges(in);
    for (int k = 0; k < 3; k++) {
        size_t from = in[k].lo;
        for (size_t p = in[k].lo; p < in[k].hi; p++) {
            if (s->priv[p] == STMI_PAGE_DIRTY || s->priv[p] == STMI_PAGE_CLEAN) {
                s->priv[p] = STMI_PAGE_SHARED;
                s->npriv--;
                continue;
            }
            drop_pages(s, from, p);
            from = p + 1;
            if (s->priv[p] == STMI_PAGE_KEEP)
                s->priv[p] = STMI_PAGE_DIRTY;
        }
        drop_pages(s, from, in[k].hi);
    }
}

static void drop_markers(uptr from, uptr to)
{
    uptr a = page_up(from), b = page_down(to);
    if (a < b && madvise((void *)a, b - a, MADV_DONTNEED))
        stmi_die("madvise: %s", strerror(errno));
}

/* World stopped, nothing in whole pages [lo, lo+n) of the heap is in use: their memory goes back to the
 * system, with that of their markers.  True: they are zero in every view from now on. */
bool stmi_pages_back(uptr lo, size_t n)
{
    size_t first = stmi_page_index(lo), end = first + n / STMI_PAGE;
    for (int i = 1; i <= stmi_nseg; i++) {
        struct stmi_seg *s = &stmi_segs[i];
        size_t had = s->npriv;
        for (size_t p = first; p < end; p++)
            if (s->priv[p] != STMI_PAGE_SHARED) {
                s->priv[p] = STMI_PAGE_SHARED;
                s->npriv--;
            }
        if (s->npriv != had)
            drop_pages(s, first, end);
        drop_markers((uptr)stmi_r_marker(s, lo), (uptr)stmi_r_marker(s, lo + n));
        drop_markers((uptr)stmi_w_marker(s, lo), (uptr)stmi_w_marker(s, lo + n));
    }
    return !madvise(stmi_shared(lo), n, MADV_REMOVE); /* a hole in the memory file */
}

/* ---- markers */

static void clear_range(struct stmi_seg *s, uptr lo, uptr hi)
{
    if (lo >= hi)
        return;
    for (int k = 0; k < 2; k++) {
        char *from = (char *)(k ? stmi_w_marker(s, lo) : stmi_r_marker(s, lo));
        char *to = (char *)(k ? stmi_w_marker(s, hi) : stmi_r_marker(s, hi));
        if (to - from <= 2 << 20) {
            memset(from, 0, (size_t)(to - from));
            continue;
        }
        char *a = (char *)page_up((uptr)from), *b = (char *)page_down((uptr)to);
        memset(from, 0, (size_t)(a - from));
        memset(b, 0, (size_t)(to - b));
        if (madvise(a, (size_t)(b - a), MADV_DONTNEED))
            stmi_die("madvise: %s", strerror(errno));
    }
}

/* [lo, hi) is another's from now on, in the middle of a transaction of s that had allocated there: what lies
 * there after this is nothing that it has written.  By the holder of s, or with the world stopped. */
void stmi_forget_written(struct stmi_seg *s, uptr lo, uptr hi)
{
    memset(stmi_w_marker(s, lo), 0, (size_t)(stmi_w_marker(s, hi + 15) - stmi_w_marker(s, lo)) * 2);
}

/* Before a version is used a second time.  Space of large objects that went back to the system lies below
 * large_low, but its markers went with it in whole pages only. */
void stmi_clear_markers(struct stmi_seg *s)
{
    const uptr page = STMI_PAGE * 8; /* so much of the heap has its markers in one */
    clear_range(s, STM_HEAP_BASE, stmi_heap.small_high);
    clear_range(s, stmi_heap.large_low & ~(page - 1), stmi_heap.hi);
    clear_range(s, statics_lo, statics_hi);
    clear_range(s, 0, STMI_NULL_SPAN);
}

/* ---- fork, in the child */

static bool is_zero(const void *page)
{
    const uint64_t *p = page, *end = p + STMI_PAGE / 8;
    while (p < end && !*p)
        p++;
    return p == end;
}

static void copy_page(size_t page, const void *from)
{
    off_t off = (off_t)(page * STMI_PAGE); /* statics follow the heap in the file as in the page map */
    if (!is_zero(from) && pwrite(heap_fd, from, STMI_PAGE, off) != (ssize_t)STMI_PAGE)
        stmi_die("out of memory: fork cannot copy the heap: %s", strerror(errno));
}

/* What `from` sees (null: the shared view), with what its transaction did, becomes the shared view of a new
 * file. */
void stmi_segments_fork(struct stmi_seg *from)
{
    struct stmi_range in[3];
    heap_fd = memfd_create("ungil-heap", MFD_CLOEXEC);
    if (heap_fd < 0 || ftruncate(heap_fd, (off_t)(stmi_opt.heap_size + (statics_hi - statics_lo))))
        stmi_die("fork: cannot make the heap's memory file: %s", strerror(errno));
    stmi_page_ranges(in);
    for (int k = 0; k < 2; k++)
        for (size_t p = in[k].lo; p < in[k].hi; p++)
            copy_page(p, from ? stmi_view(from, stmi_page_ref(p)) : stmi_shared(stmi_page_ref(p)));
    for (size_t i = 0; i < stmi_nstatics; i++) { /* pages between them are not mapped */
        uptr a = page_down((uptr)stmi_statics[i]->addr),
             b = page_up((uptr)stmi_statics[i]->addr + stmi_statics[i]->size);
        for (; a < b; a += STMI_PAGE)
            copy_page(stmi_page_index(a), from ? stmi_view(from, a) : stmi_shared(a));
    }
    fixed = MAP_FIXED;
    map_at(STM_HEAP_BASE + (uptr)stmi_shared_disp, stmi_opt.heap_size, PROT_READ | PROT_WRITE,
           MAP_SHARED | MAP_NORESERVE, heap_fd, 0, "the shared view");
    if (stmi_nstatics)
        map_at(statics_lo + (uptr)stmi_statics_disp, statics_hi - statics_lo, PROT_READ | PROT_WRITE,
               MAP_SHARED, heap_fd, (off_t)stmi_opt.heap_size, "the shared view of static objects");
    for (int i = 1; i <= stmi_nseg; i++) {
        struct stmi_seg *s = &stmi_segs[i];
        map_private(STM_HEAP_BASE + s->base, stmi_opt.heap_size, 0, "a segment's view of the heap");
        each_statics_run(map_statics_run, s);
        for (int k = 0; k < 3; k++)
            memset(s->priv + in[k].lo, 0, in[k].hi - in[k].lo);
        s->npriv = 0;
    }
    fixed = MAP_FIXED_NOREPLACE;
    close(heap_fd);
    heap_fd = -1;
    if (from)
        stmi_in_flight_apart(from);
}

/* ---- start */

void stmi_segments_init(void)
{
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    int n = stmi_opt.segments          ? (int)stmi_opt.segments
            : cpus < 1                 ? 1
            : cpus > STMI_MAX_SEGMENTS ? STMI_MAX_SEGMENTS
                                       : (int)cpus;
    make_segments(n);
#ifdef UNGIL_SEGMENT
    have_wrgsbase = getauxval(AT_HWCAP2) & 2;
#endif
    heap_pages = stmi_opt.heap_size / STMI_PAGE;
    size_t statics =
        stmi_nstatics ? page_up(stm_statics_lo + stm_statics_len) - page_down(stm_statics_lo) : 0;
    struct rlimit limit; /* beyond it ftruncate does not fail, but kills (SIGXFSZ) */
    if (!getrlimit(RLIMIT_FSIZE, &limit) && limit.rlim_cur < stmi_opt.heap_size + statics)
        stmi_die("the limit of file sizes (ulimit -f), %lu MB, is below STM_HEAP_SIZE, %lu MB",
                 (unsigned long)limit.rlim_cur >> 20, stmi_opt.heap_size >> 20);
    heap_fd = memfd_create("ungil-heap", MFD_CLOEXEC);
    if (heap_fd < 0 || ftruncate(heap_fd, (off_t)(stmi_opt.heap_size + statics)))
        stmi_die("cannot make the heap's memory file: %s", strerror(errno));
    map_at(STM_HEAP_BASE, STM_HEAP_MAX, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0,
           "the range of references");
    void *p = mmap(NULL, stmi_opt.heap_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, heap_fd, 0);
    if (p == MAP_FAILED)
        stmi_die("cannot map the shared view: %s", strerror(errno));
    stmi_shared_disp = (ptrdiff_t)((uptr)p - STM_HEAP_BASE);
    map_statics();
    uptr stride = stmi_opt.heap_size > 64ul << 30 ? stmi_opt.heap_size : 64ul << 30;
    for (int i = 1; i <= n; i++) {
        stmi_segs[i].base = STM_HEAP_MAX + (uptr)(i - 1) * stride;
        stmi_segs[i].priv = stmi_reserve(heap_pages + statics / STMI_PAGE + 8, "a page map");
        map_segment(&stmi_segs[i]);
    }
    hide(__start_ungil_data, __stop_ungil_data);
    hide(__start_ungil_const, __stop_ungil_const);
    close(heap_fd);
    heap_fd = -1;
}

#else /* ------------------------------------------------------------------ gil */

void stmi_set_base(uptr base)
{
    (void)base;
}

bool stmi_pages_back(uptr lo, size_t n)
{
    return !madvise((void *)lo, n, MADV_DONTNEED);
}

void stmi_segments_init(void)
{
    make_segments(1);
    void *p = mmap((void *)STM_HEAP_BASE, stmi_opt.heap_size, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (p != (void *)STM_HEAP_BASE)
        stmi_die("cannot map the heap at %#lx: %s", STM_HEAP_BASE, strerror(errno));
}

#endif
