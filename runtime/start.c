/* start.c - before main and after exit.
 *
 * The runtime starts in a constructor that runs before the program's own, which may be translated
 * code.  They run in one inevitable transaction, since their frames come and go.  main (main.c) ends it. */
#include "runtime.h"

bool stmi_started;

/* For gdb/ungil-gdb.py, which cannot see macros. */
const struct stmi_gdb {
    int views;
    uptr r_disp, w_disp;
} stmi_gdb = {STMI_VIEWS, STM_R_DISP, STM_W_DISP};
const char STM_VARIANT = 1;

void stmi_start(void)
{
    if (stmi_started)
        return;
    stmi_started = true;
    stmi_options_read();
    stmi_times_init();
    stmi_types_init();
    stmi_statics_init();
    stmi_heap_init(stmi_opt.heap_size);
    stmi_large_init();
    stmi_world_init();
    stmi_segments_init();
#if STMI_VIEWS
    stmi_log_init();
#endif
    stmi_trap_init();
    stmi_exit_init();
    stmi_fork_init();
    stmi_events_init();
    struct stmi_thread *t = stmi_thread_new(NULL);
    stmi_acquire(t);
    stmi_begin_inevitable(t);
}

/* LeakSanitizer asks.  It would take what only the heap leads to for lost, and read the static objects, which
 * are not mapped where they seem to be. */
/* NOLINTBEGIN(bugprone-reserved-identifier): its name */
int __lsan_is_turned_off(void);
__attribute__((weak, visibility("default"))) int __lsan_is_turned_off(void)
/* NOLINTEND(bugprone-reserved-identifier) */
{
    return 1;
}

/* Programs have the priorities from 101 on; 100 is for what their files tell the runtime (emit/file.c). */
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wprio-ctor-dtor"
#endif
__attribute__((constructor(99))) static void before_main(void)
{
    stmi_start();
}

/* Destructors run after atexit's handlers. */
__attribute__((destructor(99))) static void after_exit(void)
{
    if (stmi_opt.stats)
        stmi_stats_print();
    stmi_events_exit();
}

/* main's frame bounds the transactional stack from now on. */
void stmi_enter_main(char *base)
{
    struct stmi_thread *t = stmi_me;
    if (t->seg)
        stmi_commit(t);
    else
        stmi_acquire(t);
    t->base = base;
    stm_self.stack_hi = (uptr)base;
    stmi_begin(t);
}
