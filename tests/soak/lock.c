// Holds the write lock of an SQLite database in WAL mode, as another connection does that has begun to write: lock FILE MS.
// By SQLite's format of the WAL index that is a lock on byte 120 of FILE-shm (https://sqlite.org/walformat.html).
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int count, char **words) {
    char path[4096];
    if (count != 3 || snprintf(path, sizeof path, "%s-shm", words[1]) >= (int)sizeof path) return 2;
    int file = open(path, O_RDWR | O_CLOEXEC);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 120, .l_len = 1};
    // It waits for who writes now.
    while (file >= 0 && fcntl(file, F_SETLKW, &lock) != 0)
        if (errno != EINTR) return perror(path), 1;
    if (file < 0) return perror(path), 1;
    puts("locked");
    fflush(stdout);
    usleep((useconds_t)atoi(words[2]) * 1000);
    return 0;
}
