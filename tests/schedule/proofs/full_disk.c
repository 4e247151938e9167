/*
 * A disk that is full from its n-th write on, for tests: preloaded into a process, it counts what the process
 * and those that it forks write below one folder, and refuses with ENOSPC what lies between two numbers. Or it
 * ends the process at once, instead of a write.
 *
 * FULL_ROOT names the folder, FULL_STATE a file of four 64-bit numbers that all share: how many writes there
 * were, the first that fails (0: none does), the first after it that works again, and the one at which the
 * process is killed (0: none). A write is: write, pwrite, writev, ftruncate, fallocate, fsync, fdatasync,
 * mkdir, rename, and the opening of a file that is not there.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int64_t *state;
static char root[PATH_MAX];
static size_t length;

__attribute__((constructor)) static void begin(void) {
    const char *folder = getenv("FULL_ROOT"), *file = getenv("FULL_STATE");
    if (!folder || !file) return;
    long fd = syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
    if (fd < 0) return;
    void *shared = mmap(NULL, 4 * sizeof(int64_t), PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
    syscall(SYS_close, fd);
    if (shared == MAP_FAILED) return;
    strncpy(root, folder, sizeof root - 1);
    length = strlen(root);
    state = shared;
}

static int below(const char *path) { return strncmp(path, root, length) == 0; }

static int counted(void) {
    int64_t number = __atomic_add_fetch(state, 1, __ATOMIC_SEQ_CST);
    int64_t from = __atomic_load_n(state + 1, __ATOMIC_SEQ_CST), to = __atomic_load_n(state + 2, __ATOMIC_SEQ_CST);
    if (number == __atomic_load_n(state + 3, __ATOMIC_SEQ_CST)) kill(getpid(), SIGKILL);
    if (from && number >= from && number < to) {
        errno = ENOSPC;
        return 1;
    }
    return 0;
}

static int full_fd(int fd) {
    char link[64], path[PATH_MAX];
    if (!state) return 0;
    int before = errno;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    errno = before;
    if (size <= 0) return 0;
    path[size] = 0;
    return below(path) && counted();
}

static int full_path(const char *path) {
    char whole[PATH_MAX * 2];
    if (!state || !path) return 0;
    if (path[0] != '/') {
        char here[PATH_MAX];
        if (!getcwd(here, sizeof here)) return 0;
        snprintf(whole, sizeof whole, "%s/%s", here, path);
        path = whole;
    }
    return below(path) && counted();
}

static int creates(const char *path, int flags) {
    if (!state || !(flags & O_CREAT)) return 0;
    int before = errno;
    int there = syscall(SYS_faccessat, AT_FDCWD, path, F_OK, 0) == 0;
    errno = before;
    return !there;
}

#define NEXT(name) static __typeof__(&name) next; if (!next) next = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define MODE(flags) mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, mode_t); va_end(more); }

ssize_t write(int fd, const void *data, size_t size) { NEXT(write); return full_fd(fd) ? -1 : next(fd, data, size); }
ssize_t writev(int fd, const struct iovec *data, int count) { NEXT(writev); return full_fd(fd) ? -1 : next(fd, data, count); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { NEXT(pwrite); return full_fd(fd) ? -1 : next(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { NEXT(pwrite64); return full_fd(fd) ? -1 : next(fd, data, size, at); }
int ftruncate(int fd, off_t size) { NEXT(ftruncate); return full_fd(fd) ? -1 : next(fd, size); }
int ftruncate64(int fd, off64_t size) { NEXT(ftruncate64); return full_fd(fd) ? -1 : next(fd, size); }
int fallocate(int fd, int how, off_t at, off_t size) { NEXT(fallocate); return full_fd(fd) ? -1 : next(fd, how, at, size); }
int fsync(int fd) { NEXT(fsync); return full_fd(fd) ? -1 : next(fd); }
int fdatasync(int fd) { NEXT(fdatasync); return full_fd(fd) ? -1 : next(fd); }
int mkdir(const char *path, mode_t mode) { NEXT(mkdir); return full_path(path) ? -1 : next(path, mode); }
int rename(const char *from, const char *to) { NEXT(rename); return full_path(to) ? -1 : next(from, to); }
ssize_t sendfile(int out, int in, off_t *at, size_t size) { static ssize_t (*next)(int, int, off_t *, size_t); if (!next) next = dlsym(RTLD_NEXT, "sendfile"); return full_fd(out) ? -1 : next(out, in, at, size); }
ssize_t copy_file_range(int in, off64_t *a, int out, off64_t *b, size_t size, unsigned flags) { NEXT(copy_file_range); return full_fd(out) ? -1 : next(in, a, out, b, size, flags); }

int open(const char *path, int flags, ...) {
    NEXT(open);
    MODE(flags)
    return creates(path, flags) && full_path(path) ? -1 : next(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    NEXT(open64);
    MODE(flags)
    return creates(path, flags) && full_path(path) ? -1 : next(path, flags, mode);
}
