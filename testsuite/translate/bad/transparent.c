#define _GNU_SOURCE
#include <sys/socket.h>
#include "ungil.h"
static struct sockaddr where;
int by_pointer(int fd) { return bind(fd, &where, sizeof where); }
int by_value(int fd, __CONST_SOCKADDR_ARG u) { return bind(fd, u, sizeof where); }
