/* LD_PRELOAD: a disk whose every sync takes SLOW_SYNC_MS longer, and that does one sync at a time, as an SD card. */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t disk = PTHREAD_MUTEX_INITIALIZER;

static int slowly(long call, int fd) {
    const char *ms = getenv("SLOW_SYNC_MS");
    struct timespec pause = {0, (ms ? atol(ms) : 0) * 1000000L};
    pthread_mutex_lock(&disk);
    nanosleep(&pause, NULL);
    int done = syscall(call, fd);
    pthread_mutex_unlock(&disk);
    return done;
}

int fsync(int fd) { return slowly(SYS_fsync, fd); }
int fdatasync(int fd) { return slowly(SYS_fdatasync, fd); }
