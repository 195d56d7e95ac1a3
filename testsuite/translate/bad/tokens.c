#include <wchar.h>
void fine(void) { wchar_t b[] = L"a b", *save; wcstok(b, L" ", &save); }
wchar_t *bad(wchar_t *s, wchar_t **save) { return wcstok(s, L" ", save); }
