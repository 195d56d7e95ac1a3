#include <string.h>
void fine(void) { char b[] = "a b", *save; strtok_r(b, " ", &save); char *s = b; strsep(&s, " "); }
char *bad(char *s, char **save) { return strtok_r(s, " ", save); }
