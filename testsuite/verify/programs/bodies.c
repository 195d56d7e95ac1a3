/* Bodies that may run, or another one in their place; functions that the linker knows by another name. */
#include "common.h"
CLAIMS("object node\nexternal fscanf\ninev fscanf\nexternal lseek\ninev lseek\nexternal sscanf\n")

int scan(void *, const char *, ...) __asm__("__isoc99_fscanf");
int scan_text(const char *, const char *, ...) __asm__("__isoc23_sscanf");
long seek(int, long, int) __asm__("lseek64");

__attribute__((weak)) long weak(struct node *p)
{
    return AT(p)->value; /* FOUND: read start */
}
long calls(struct node *p)
{
    return weak(p);
}
void renamed(struct node *p)
{
    scan(0, "%*d");                             /* FOUND: inevitable start */
    seek(0, 0, 0);                              /* FOUND: inevitable start */
    scan_text("1", "%ld", stm_x_rd(&p->value)); /* FOUND: write start */
}
/* A stand-in for what is not translated, if nothing translated has its name. */
char *either(char *);
__attribute__((weak)) char *stm_thunk_either(char *p)
{
    stm_inevitable("either");
    return stm_x_back(either(stm_x_wr(p)));
}
__attribute__((weak)) char *stm_thunk_another(char *p)
{
    return either(stm_x_wr(p)); /* FOUND: given */
}
