// Three of the calls are GNU's own, which Swift does not see.
#define _GNU_SOURCE
#include "CSpawn.h"

#include <pthread.h>
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

static int spawn_here(
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

// A child that is to end with its parent gets its signal when the thread ends that started it. So one thread starts them all, and never ends.
struct request {
    pid_t *process;
    const char *folder;
    const int *descriptors;
    int count;
    char *const *arguments;
    char *const *environment;
    int error;
    int is_done;
};
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct request *pending;
static int has_thread;

static void *serve(void *unused) {
    (void)unused;
    pthread_mutex_lock(&lock);
    for (;;) {
        while (pending == NULL) pthread_cond_wait(&changed, &lock);
        struct request *request = pending;
        pending = NULL;
        request->error = spawn_here(
            request->process, request->folder, request->descriptors, request->count, request->arguments,
            request->environment);
        request->is_done = 1;
        pthread_cond_broadcast(&changed);
    }
}

static int start_thread(void) {
    pthread_t thread;
    int error = has_thread ? 0 : pthread_create(&thread, NULL, serve, NULL);
    if (error == 0 && !has_thread) {
        pthread_detach(thread);
        has_thread = 1;
    }
    return error;
}

int martlet_spawn(
    pid_t *process, const char *folder, const int *descriptors, int count, char *const *arguments, char *const *environment) {
    struct request request = {process, folder, descriptors, count, arguments, environment, 0, 0};
    pthread_mutex_lock(&turn);
    int error = start_thread();
    if (error == 0) {
        pthread_mutex_lock(&lock);
        pending = &request;
        pthread_cond_broadcast(&changed);
        while (!request.is_done) pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
        error = request.error;
    }
    pthread_mutex_unlock(&turn);
    return error;
}
