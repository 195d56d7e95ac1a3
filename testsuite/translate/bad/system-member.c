#include <sys/epoll.h>
#include "ungil.h"
struct STM_OBJECT loop { int n; struct epoll_event events[8]; };
