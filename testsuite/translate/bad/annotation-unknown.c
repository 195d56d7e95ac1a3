int f(int x) __attribute__((annotate("stm_frobnicate")));
struct __attribute__((annotate("stm_objct"))) s { int a; };
typedef struct s t __attribute__((annotate("stm_objekt")));
int other __attribute__((annotate("not_ours")));
