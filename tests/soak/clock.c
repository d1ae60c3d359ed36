// A clock on the wall that can be moved while programs look at it, for LD_PRELOAD: TIDINGS_CLOCK names a file of eight
// bytes, the offset in seconds. It is mapped when a process starts, before any sandbox, so that all see one jump at once.
// What counts from the start of the machine (CLOCK_MONOTONIC), and so every timer, goes on as it does when a person or
// NTP sets the clock.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t none = 0;
static const volatile int64_t *offset = &none;

__attribute__((constructor)) static void map(void) {
    const char *path = getenv("TIDINGS_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(0, sizeof *offset, PROT_READ, MAP_SHARED, file, 0);
    if (mapped != MAP_FAILED) offset = mapped;
    close(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += *offset;
    return result;
}

int gettimeofday(struct timeval *now, void *zone) {
    (void)zone;
    struct timespec precise;
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *to) {
    struct timespec precise;
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
    if (to) *to = precise.tv_sec;
    return precise.tv_sec;
}

// Who waits until a time of day has worked it out from the moved clock, and the kernel knows only its own: a lock with a
// deadline of five seconds would last for days. The same functions take moments of the clock that counts from the
// start, and nothing here says which; that clock is decades from reading as much.
static struct timespec kernels(const struct timespec *until, clockid_t *clock) {
    struct timespec own = *until;
    *clock = own.tv_sec > 1000000000 ? CLOCK_REALTIME : CLOCK_MONOTONIC;
    if (*clock == CLOCK_REALTIME) own.tv_sec -= *offset;
    return own;
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until) {
    clockid_t clock;
    struct timespec own = kernels(until, &clock);
    return pthread_cond_clockwait(condition, mutex, clock, &own);
}

int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *until) {
    clockid_t clock;
    struct timespec own = kernels(until, &clock);
    return pthread_mutex_clocklock(mutex, clock, &own);
}

int sem_timedwait(sem_t *semaphore, const struct timespec *until) {
    clockid_t clock;
    struct timespec own = kernels(until, &clock);
    return sem_clockwait(semaphore, clock, &own);
}
