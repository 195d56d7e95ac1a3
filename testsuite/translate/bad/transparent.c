#define _GNU_SOURCE
#include <sys/socket.h>
#include "ungil.h"
static struct sockaddr where;
int by_pointer(int fd) { return bind(fd, &where, sizeof where); }
int by_value(int fd, __CONST_SOCKADDR_ARG u) { return bind(fd, u, sizeof where); }
#include <sys/sem.h>
union semun { int val; unsigned short *array; };
int by_union(int s, union semun u) { return semctl(s, 0, SETVAL, 1) + semctl(s, 0, SETALL, u); }
#include <dirent.h>
struct STM_OBJECT entry { struct dirent d; };
int next(DIR *d, struct entry *e, struct dirent **to) { return readdir_r(d, &e->d, to); }
