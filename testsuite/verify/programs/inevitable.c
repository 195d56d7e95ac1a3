/* What cannot be undone is done by inevitable transactions only. */
#include "common.h"
CLAIMS("external system\nexternal strlen\ninev system\n")

int system(const char *command);
unsigned long strlen(const char *s);

static void turn(void)
{
    stm_inevitable("turn");
}
static void turn_if(int c)
{
    if (c)
        stm_inevitable("turn_if");
}
static void in_callers(void)
{
    system("a");
}
static void in_some(void)
{
    system("b"); /* FOUND: inevitable start */
}

/* An instruction that gets an address. */
void controls(struct node *p, unsigned bits)
{
    __builtin_ia32_ldmxcsr(bits ^ __builtin_ia32_stmxcsr());
    __builtin_ia32_clflush(p); /* FOUND: inevitable start */
}

void right(int c)
{
    (void)strlen("never asked");
    if (c)
        turn();
    else
        stm_inevitable("right");
    system("c");
    for (int i = 0; i < c; i++)
        system("d");
    in_callers();
}
void asked(int c)
{
    stm_v_asked(); /* FOUND: asked start */
    turn_if(c);
    stm_v_asked(); /* FOUND: asked start */
    turn();
    stm_v_asked();
    stm_safepoint();
    stm_v_asked(); /* FOUND: asked end */
}
void none(void)
{
    system("e"); /* FOUND: inevitable start */
    in_some();
}
void one_arm(int c)
{
    turn_if(c);
    system("f"); /* FOUND: inevitable start */
}
void ended(void)
{
    stm_inevitable("ended");
    in_some();
    stm_safepoint();
    system("g"); /* FOUND: inevitable end */
}
void outside(void)
{
    int block __attribute__((__cleanup__(stm_blocking_leave))) = stm_blocking_enter();
    system("h");
}
void behind(void)
{
    {
        int block __attribute__((__cleanup__(stm_blocking_leave))) = stm_blocking_enter();
    }
    system("i"); /* FOUND: inevitable */
}
