/* lock.h - where a program has its lock in the plain build, translated code has safepoints. */
#ifndef E2E_LOCK_H
#define E2E_LOCK_H

#include <pthread.h>
#include "ungil.h"

#ifndef UNGIL_TRANSLATE
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
#define ENTER() pthread_mutex_lock(&lock)
#define LEAVE() pthread_mutex_unlock(&lock)
#else
#define ENTER() STM_SAFEPOINT()
#define LEAVE() STM_SAFEPOINT()
#endif

#endif
