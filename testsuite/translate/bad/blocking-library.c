#include "ungil.h"
#include <stdlib.h>
#include <unistd.h>
struct STM_OBJECT box { char text[8]; };
static char text[8];
int receive(int fd, struct box *b, char *unknown, STM_RAW char *raw)
{
    char own[8], *heap = malloc(8);
    text[0] = 1;
    STM_BLOCKING {
        read(fd, own, 8);
        read(fd, raw, 8);
        read(fd, unknown, 8);
        read(fd, text, 8);
        read(fd, heap, 8);
        write(fd, b->text, 8);
        close(fd);
    }
    return own[0];
}
