/* Where transactions become inevitable, and why. */
#include <stdio.h>
#include <sched.h>
#include <unistd.h>
#include "ungil.h"

static volatile int where STM_RAW;

void send_to(int device) STM_IRREVERSIBLE;

void all(int device)
{
    unlink("x");
    send_to(device);
    sched_get_priority_max(device);
    __asm__ volatile("nop" : "+r"(device));
    where = device;
}
