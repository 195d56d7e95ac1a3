/* marks.c - what the functions mean that stand in translated code: those of ungil_verify.h, which stand for
 * what the product does inline, and the runtime's own (ungil_abi.def, ungil.h).
 *
 * Written from doc/runtime.md, not from what the translator believes.  A name that begins with stm_ and is
 * not here is one that this checker knows nothing of: program.c refuses it. */
#include "verify.h"

#include <string.h>

static const struct {
    unsigned effect;
    const char *names;
} marks[] = {
    {E_ENDS, "stm_atomic_enter stm_blocking_leave stm_safepoint_slow stm_thread_enter "
             "stm_thread_leave stm_v_blocking_leave stm_v_safepoint"},
    {E_ENDS | E_KEEPS, "stm_thread_exit"},
    {E_ENDS | E_OUTSIDE, "stm_blocking_enter"},
    {E_WRITES | E_KEEPS, "stm_call_on_abort stm_call_on_commit stm_nested_ stm_pin stm_private_stack "
                         "stm_thread_create"},
    {E_WRITES, "stm_realloc stm_reallocarray stm_renew stm_sigaction stm_vfprintf stm_vprintf stm_vsnprintf "
               "stm_vsprintf"},
    {E_BACK | E_KEEPS, "stm_bsearch stm_lfind"},
    {E_BACK | E_KEEPS | E_WRITES, "stm_lsearch"},
    {E_FRESH, "stm_calloc stm_malloc stm_new_any stm_strdup stm_strndup stm_v_new"},
    {E_FRESH | E_KEEPS, "stm_weak_new"},
    {E_KEEPS, "stm_cmsg_nxthdr stm_on_exit stm_putenv stm_set_destructor stm_set_finalizer stm_setbuf "
              "stm_setbuffer stm_setspecific stm_setvbuf stm_v_back"},
    {E_ENDS | E_INEVITABLE, "stm_exclusive_enter"},
    {E_RESOLVES, "stm_v_any stm_v_real"},
    {E_BARRIER | E_RESOLVES, "stm_v_any_rd"},
    {E_BARRIER | E_RANGE | E_RESOLVES, "stm_v_any_rd_range stm_v_rd_range"},
    {E_SPAN, "stm_v_any_rd_span stm_v_rd_span"},
    {E_BARRIER | E_WRITE | E_RANGE | E_RESOLVES,
     "stm_v_any_wr stm_v_any_wr_bytes stm_v_any_wr_range stm_v_wr_range"},
    {E_SPAN | E_WRITE, "stm_v_any_wr_span stm_v_wr_span"},
    {E_BROKEN, "stm_v_broken"},
    {E_INEVITABLE, "stm_v_inevitable"},
    {E_RESULT, "stm_v_raw_wr"},
    {E_BARRIER, "stm_v_rd"},
    {E_TX, "stm_v_tx"},
    {E_BARRIER | E_WRITE | E_RANGE, "stm_v_wr"},
    {E_BARRIER | E_WRITE | E_WHOLE, "stm_v_wr_whole"},
    {E_BARRIER | E_WHOLE | E_RESOLVES, "stm_x_rd"},
    {E_BARRIER | E_WRITE | E_WHOLE | E_RESOLVES, "stm_x_wr"},
    {0, "stm_at_quick_exit stm_atexit stm_atfork stm_atomic_leave stm_clearenv "
        "stm_malloc_usable_size "
        "stm_check_private stm_check_raw "
        "stm_check_stack stm_collect "
        "stm_defer_output "
        "stm_exit stm_fflush stm_fprintf stm_fputc stm_fputs stm_free stm_fwrite stm_has_destructors "
        "stm_hash stm_hold_enter "
        "stm_hold_leave "
        "stm_hint_commit_soon stm_id stm_is_alive stm_is_atomic stm_jump_land stm_jump_note "
        "stm_on_deep_recursion stm_on_gc stm_on_out_of_memory stm_outside stm_on_thread_start "
        "stm_position_hook "
        "stm_printf stm_putchar stm_puts stm_register_tag stm_segment_limit stm_segments "
        "stm_setcancelstate stm_setenv "
        "stm_setlocale "
        "stm_siglongjmp stm_signal stm_unpin "
        "stm_unsetenv "
        "stm_v_asked stm_v_atomic_leave stm_v_last stm_v_next stm_v_rounds stm_weak_get"},
};

const struct mark *mark_of(const char *name)
{
    static struct map by_name; /* interned name -> mark */
    if (strncmp(name, "stm_", 4))
        return NULL;
    if (!strncmp(name, "stm_nested_", 11)) /* all of these write where the caller's pointers lead */
        name = "stm_nested_";
    const bool start = !by_name.n;
    for (size_t k = 0; start && k < sizeof marks / sizeof *marks; k++) {
        char *save, *names = strdup(marks[k].names);
        for (char *s = strtok_r(names, " ", &save); s; s = strtok_r(NULL, " ", &save)) {
            struct mark *m = xzalloc(sizeof *m);
            *m = (struct mark){intern(s), marks[k].effect};
            *map_at(&by_name, KEY(m->name)) = KEY(m);
        }
    }
    return AT(struct mark, map_get(&by_name, KEY(intern(name))));
}
