/* marks.c - what the functions mean that stand in translated code: those of ungil_verify.h, which stand for
 * what the product does inline, and the runtime's own (ungil_abi.def, ungil.h).
 *
 * Written from doc/runtime.md, not from what the translator believes.  A name that begins with stm_ and is
 * not here is one that this checker knows nothing of: main.c refuses it. */
#include "verify.h"

#include <string.h>

static const struct mark marks[] = {
    /* in the order of strcmp */
    {"stm_atomic_enter", E_ENDS},
    {"stm_atomic_leave", 0},
    {"stm_blocking_enter", E_ENDS | E_OUTSIDE},
    {"stm_blocking_leave", E_ENDS},
    {"stm_call_on_abort", E_WRITES},
    {"stm_call_on_commit", E_WRITES},
    {"stm_calloc", E_FRESH},
    {"stm_check_private", 0},
    {"stm_check_raw", 0},
    {"stm_check_stack", 0},
    {"stm_collect", 0},
    {"stm_defer_output", 0},
    {"stm_exclusive_enter", E_ENDS | E_INEVITABLE},
    {"stm_exit", 0},
    {"stm_fflush", 0},
    {"stm_fprintf", 0},
    {"stm_fputc", 0},
    {"stm_fputs", 0},
    {"stm_free", 0},
    {"stm_fwrite", 0},
    {"stm_hash", 0},
    {"stm_hint_commit_soon", 0},
    {"stm_id", 0},
    {"stm_is_alive", 0},
    {"stm_is_atomic", 0},
    {"stm_jump_land", 0}, /* setjmp itself ends all that is known */
    {"stm_jump_note", 0},
    {"stm_malloc", E_FRESH},
    {"stm_nested_execv", E_WRITES},
    {"stm_nested_execve", E_WRITES},
    {"stm_nested_execvp", E_WRITES},
    {"stm_nested_execvpe", E_WRITES},
    {"stm_nested_fexecve", E_WRITES},
    {"stm_nested_getopt", E_WRITES},
    {"stm_nested_getopt_long", E_WRITES},
    {"stm_nested_getopt_long_only", E_WRITES},
    {"stm_nested_iconv", E_WRITES},
    {"stm_nested_mbsrtowcs", E_WRITES},
    {"stm_nested_preadv", E_WRITES},
    {"stm_nested_pwritev", E_WRITES},
    {"stm_nested_readv", E_WRITES},
    {"stm_nested_recvmsg", E_WRITES},
    {"stm_nested_sendmsg", E_WRITES},
    {"stm_nested_spawn", E_WRITES},
    {"stm_nested_spawnp", E_WRITES},
    {"stm_nested_wcsrtombs", E_WRITES},
    {"stm_nested_writev", E_WRITES},
    {"stm_new_any", E_FRESH},
    {"stm_on_deep_recursion", 0},
    {"stm_on_gc", 0},
    {"stm_on_out_of_memory", 0},
    {"stm_on_thread_start", 0},
    {"stm_pin", E_WRITES},
    {"stm_position_hook", 0},
    {"stm_printf", 0},
    {"stm_private_stack", E_WRITES},
    {"stm_putchar", 0},
    {"stm_puts", 0},
    {"stm_realloc", E_WRITES},
    {"stm_register_tag", 0},
    {"stm_renew", E_WRITES},
    {"stm_safepoint_slow", E_ENDS},
    {"stm_segment_limit", 0},
    {"stm_segments", 0},
    {"stm_set_destructor", 0},
    {"stm_set_finalizer", 0},
    {"stm_setspecific", 0},
    {"stm_sigaction", E_WRITES},
    {"stm_signal", 0},
    {"stm_strdup", E_FRESH},
    {"stm_strndup", E_FRESH},
    {"stm_thread_create", 0},
    {"stm_thread_enter", E_ENDS},
    {"stm_thread_exit", E_ENDS},
    {"stm_thread_leave", E_ENDS},
    {"stm_unpin", 0},
    {"stm_v_any", E_RESOLVES},
    {"stm_v_any_rd", E_BARRIER | E_RESOLVES},
    {"stm_v_any_rd_range", E_BARRIER | E_RANGE | E_RESOLVES},
    {"stm_v_any_rd_span", E_SPAN},
    {"stm_v_any_wr", E_BARRIER | E_WRITE | E_RANGE | E_RESOLVES},
    {"stm_v_any_wr_range", E_BARRIER | E_WRITE | E_RANGE | E_RESOLVES},
    {"stm_v_any_wr_span", E_SPAN | E_WRITE},
    {"stm_v_atomic_leave", 0},
    {"stm_v_back", E_BACK},
    {"stm_v_blocking_leave", E_ENDS},
    {"stm_v_broken", E_BROKEN},
    {"stm_v_inevitable", E_INEVITABLE},
    {"stm_v_last", 0},
    {"stm_v_new", E_FRESH},
    {"stm_v_next", 0},
    {"stm_v_raw_wr", E_RESULT},
    {"stm_v_rd", E_BARRIER},
    {"stm_v_rd_range", E_BARRIER | E_RANGE | E_RESOLVES},
    {"stm_v_rd_span", E_SPAN},
    {"stm_v_real", E_RESOLVES},
    {"stm_v_rounds", 0},
    {"stm_v_safepoint", E_ENDS},
    {"stm_v_tx", E_TX},
    {"stm_v_wr", E_BARRIER | E_WRITE | E_RANGE},
    {"stm_v_wr_range", E_BARRIER | E_WRITE | E_RANGE | E_RESOLVES},
    {"stm_v_wr_span", E_SPAN | E_WRITE},
    {"stm_v_wr_whole", E_BARRIER | E_WRITE | E_WHOLE},
    {"stm_vfprintf", 0},
    {"stm_vprintf", 0},
    {"stm_vsnprintf", E_WRITES},
    {"stm_vsprintf", E_WRITES},
    {"stm_weak_get", 0},
    {"stm_weak_new", E_FRESH},
    {"stm_x_rd", E_BARRIER | E_WHOLE | E_RESOLVES},
    {"stm_x_wr", E_BARRIER | E_WRITE | E_WHOLE | E_RESOLVES},
};

const struct mark *mark_of(const char *name)
{
    unsigned lo = 0, hi = sizeof marks / sizeof *marks;
    if (strncmp(name, "stm_", 4))
        return NULL;
    while (lo < hi) {
        unsigned mid = (lo + hi) / 2;
        int c = strcmp(name, marks[mid].name);
        if (!c)
            return &marks[mid];
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return NULL;
}
