#pragma once
#include <sys/types.h>

/// Starts a program that outlives the call, in a session of its own, in `folder`, with its signals as a new process has them.
///
/// It is started by a thread that never ends, so that `PR_SET_PDEATHSIG` in it means the end of this process.
///
/// - descriptors: what the program has as 0, 1, 2, …; nothing else of this process stays open in it. All are above `count`.
/// - returns 0, or an error number.
int martlet_spawn(
    pid_t *process, const char *folder, const int *descriptors, int count, char *const *arguments, char *const *environment);
