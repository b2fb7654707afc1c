// Three of the calls are GNU's own, which Swift does not see.
#define _GNU_SOURCE
#include "CSpawn.h"

#include <signal.h>
#include <spawn.h>

static int spawn_with(
    pid_t *process, const char *folder, const int *descriptors, int count, char *const *arguments, char *const *environment,
    posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes) {
    int error = 0;
    for (int place = 0; place < count && error == 0; place++)
        error = posix_spawn_file_actions_adddup2(actions, descriptors[place], place);
    if (error == 0) error = posix_spawn_file_actions_addclosefrom_np(actions, count);
    if (error == 0) error = posix_spawn_file_actions_addchdir_np(actions, folder);
    // What this process ignores or blocks is not the program's to ignore.
    sigset_t signals;
    sigfillset(&signals);
    if (error == 0) error = posix_spawnattr_setsigdefault(attributes, &signals);
    sigemptyset(&signals);
    if (error == 0) error = posix_spawnattr_setsigmask(attributes, &signals);
    if (error == 0)
        error = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    return error != 0 ? error : posix_spawnp(process, arguments[0], actions, attributes, arguments, environment);
}

int martlet_spawn(
    pid_t *process, const char *folder, const int *descriptors, int count, char *const *arguments, char *const *environment) {
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0) return error;
    posix_spawnattr_t attributes;
    error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        error = spawn_with(process, folder, descriptors, count, arguments, environment, &actions, &attributes);
        posix_spawnattr_destroy(&attributes);
    }
    posix_spawn_file_actions_destroy(&actions);
    return error;
}
