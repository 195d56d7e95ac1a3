/* conflicts.h - `ungil conflicts`. */
#ifndef UNGIL_TOOL_CONFLICTS_CONFLICTS_H
#define UNGIL_TOOL_CONFLICTS_CONFLICTS_H

/* The command: argv[0] is "conflicts".  Exit status. */
int conflicts_main(int argc, char **argv);

#endif
