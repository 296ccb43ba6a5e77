/* Stands between a program and the C library and writes down, for every file and folder below
 * POWER_BELOW, what is written to it and when it is synced: one journal each in POWER_JOURNAL,
 * from which power.rs tells what a disk holds that lost what was not synced. With POWER_DEAF set,
 * no sync of a file is written down: a disk that lies. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* The head of an entry. Behind it: the bytes written; the size of a file that was synced (and `at`
 * is how far its journal went when that began); the names in a folder. */
struct entry {
  uint64_t kind, at, length;
};
enum { WRITTEN = 'w', CUT_TO = 't', AT_LEAST = 'g', SYNCED = 's', NAMES = 'n' };

#define REAL(result, name, ...)                                                  \
  static result (*real)(__VA_ARGS__);                                            \
  if (!real) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

/* An entry that is missing would be a lie about what was lost. */
static void broken(const char *what) {
  dprintf(2, "power.c: %s: %s\n", what, strerror(errno));
  abort();
}

static int path_of(int fd, char *path, size_t room) {
  const char *below = getenv("POWER_BELOW");
  char link[64];
  if (!below) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, room - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return strncmp(path, below, strlen(below)) == 0;
}

/* A number is used again after a file is gone; together with its birth it is not. */
static void identity(const struct statx *about, char *id, size_t room) {
  snprintf(id, room, "%llu-%lld.%09u", (unsigned long long)about->stx_ino,
           (long long)about->stx_btime.tv_sec, about->stx_btime.tv_nsec);
}

static int look(int fd, const char *name, struct statx *about) {
  int flags = AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH);
  return statx(fd, name, flags, STATX_BASIC_STATS | STATX_BTIME, about);
}

/* One call appends one entry, so that those of several processes do not mix. */
static void note(const struct statx *about, uint64_t kind, uint64_t at, const struct iovec *parts,
                 int count) {
  char id[96], path[PATH_MAX];
  struct iovec all[count + 1];
  struct entry head = {kind, at, 0};
  for (int n = 0; n < count; n++) {
    all[n + 1] = parts[n];
    head.length += parts[n].iov_len;
  }
  all[0] = (struct iovec){&head, sizeof head};
  identity(about, id, sizeof id);
  snprintf(path, sizeof path, "%s/%s", getenv("POWER_JOURNAL"), id);
  int fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) broken("the journal cannot be opened");
  ssize_t done = syscall(SYS_writev, fd, all, count + 1);
  if (done != (ssize_t)(sizeof head + head.length)) broken("the journal cannot be written");
  close(fd);
}

/* Whether a descriptor is a file of ours, and which. */
static int ours(int fd, struct statx *about) {
  char path[PATH_MAX];
  int kept = errno;
  int is = path_of(fd, path, sizeof path) && look(fd, "", about) == 0 && S_ISREG(about->stx_mode);
  errno = kept;
  return is;
}

static void noted(int fd, uint64_t kind, uint64_t at, const struct iovec *parts, int count) {
  struct statx about;
  int kept = errno;
  if (ours(fd, &about)) note(&about, kind, at, parts, count);
  errno = kept;
}

/* What a folder holds when it is synced: "f" or "d", identity, "/", name, end. */
static void names(const struct statx *about, const char *path) {
  char *all = NULL;
  size_t length = 0;
  FILE *to = open_memstream(&all, &length);
  DIR *folder = opendir(path);
  if (!to || !folder) broken("a folder cannot be read");
  for (struct dirent *entry; (entry = readdir(folder));) {
    struct statx inside;
    char id[96];
    const char *name = entry->d_name;
    if (!strcmp(name, ".") || !strcmp(name, "..")) continue;
    // Gone meanwhile.
    if (look(dirfd(folder), name, &inside) != 0) continue;
    if (!S_ISREG(inside.stx_mode) && !S_ISDIR(inside.stx_mode)) continue;
    identity(&inside, id, sizeof id);
    fprintf(to, "%c%s/%s%c", S_ISDIR(inside.stx_mode) ? 'd' : 'f', id, name, 0);
  }
  closedir(folder);
  fclose(to);
  struct iovec part = {all, length};
  note(about, NAMES, 0, &part, 1);
  free(all);
}

/* How much of a file's journal there is. */
static uint64_t noted_so_far(const struct statx *about) {
  char id[96], path[PATH_MAX];
  struct stat journal;
  identity(about, id, sizeof id);
  snprintf(path, sizeof path, "%s/%s", getenv("POWER_JOURNAL"), id);
  return stat(path, &journal) == 0 ? (uint64_t)journal.st_size : 0;
}

/* A sync takes a while; only when it is over, what was written before it began is safe. */
static void synced(int fd) {
  char path[PATH_MAX];
  struct statx about;
  int kept = errno;
  if (path_of(fd, path, sizeof path) && look(fd, "", &about) == 0) {
    if (S_ISDIR(about.stx_mode)) names(&about, path);
    else if (S_ISREG(about.stx_mode) && !getenv("POWER_DEAF")) {
      uint64_t before = noted_so_far(&about), size = about.stx_size;
      struct iovec part = {&size, sizeof size};
      struct timespec span = {0, 5000000};
      nanosleep(&span, NULL);
      note(&about, SYNCED, before, &part, 1);
    }
  }
  errno = kept;
}

int fsync(int fd) {
  REAL(int, "fsync", int);
  synced(fd);
  return real(fd);
}

int fdatasync(int fd) {
  REAL(int, "fdatasync", int);
  synced(fd);
  return real(fd);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  REAL(ssize_t, "pwritev", int, const struct iovec *, int, off_t);
  noted(fd, WRITTEN, at, parts, count);
  return real(fd, parts, count, at);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t at) {
  return pwritev(fd, parts, count, at);
}

ssize_t pwrite(int fd, const void *from, size_t length, off_t at) {
  REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
  struct iovec part = {(void *)from, length};
  noted(fd, WRITTEN, at, &part, 1);
  return real(fd, from, length, at);
}

ssize_t pwrite64(int fd, const void *from, size_t length, off_t at) {
  return pwrite(fd, from, length, at);
}

/* Where the next byte goes. */
static void noted_here(int fd, const struct iovec *parts, int count) {
  struct statx about;
  if (!ours(fd, &about)) return;
  int appends = fcntl(fd, F_GETFL) & O_APPEND;
  off_t at = appends ? (off_t)about.stx_size : lseek(fd, 0, SEEK_CUR);
  note(&about, WRITTEN, at, parts, count);
}

ssize_t write(int fd, const void *from, size_t length) {
  REAL(ssize_t, "write", int, const void *, size_t);
  struct iovec part = {(void *)from, length};
  noted_here(fd, &part, 1);
  return real(fd, from, length);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  REAL(ssize_t, "writev", int, const struct iovec *, int);
  noted_here(fd, parts, count);
  return real(fd, parts, count);
}

int ftruncate(int fd, off_t to) {
  REAL(int, "ftruncate", int, off_t);
  noted(fd, CUT_TO, to, NULL, 0);
  return real(fd, to);
}

int ftruncate64(int fd, off_t to) {
  return ftruncate(fd, to);
}

int truncate(const char *path, off_t to) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  int done = ftruncate(fd, to);
  close(fd);
  return done;
}

int truncate64(const char *path, off_t to) {
  return truncate(path, to);
}

int posix_fallocate(int fd, off_t at, off_t length) {
  REAL(int, "posix_fallocate", int, off_t, off_t);
  noted(fd, AT_LEAST, at + length, NULL, 0);
  return real(fd, at, length);
}

int posix_fallocate64(int fd, off_t at, off_t length) {
  return posix_fallocate(fd, at, length);
}

/* An opening that empties a file. */
static int opened(int fd, int flags) {
  if (fd >= 0 && (flags & O_TRUNC)) noted(fd, CUT_TO, 0, NULL, 0);
  return fd;
}

#define MODE                                                                     \
  mode_t mode = 0;                                                               \
  if (flags & (O_CREAT | __O_TMPFILE)) {                                         \
    va_list more;                                                                \
    va_start(more, flags);                                                       \
    mode = va_arg(more, mode_t);                                                 \
    va_end(more);                                                                \
  }

int open(const char *path, int flags, ...) {
  REAL(int, "open", const char *, int, ...);
  MODE
  return opened(real(path, flags, mode), flags);
}

int open64(const char *path, int flags, ...) {
  REAL(int, "open64", const char *, int, ...);
  MODE
  return opened(real(path, flags, mode), flags);
}

int openat(int folder, const char *path, int flags, ...) {
  REAL(int, "openat", int, const char *, int, ...);
  MODE
  return opened(real(folder, path, flags, mode), flags);
}

int openat64(int folder, const char *path, int flags, ...) {
  REAL(int, "openat64", int, const char *, int, ...);
  MODE
  return opened(real(folder, path, flags, mode), flags);
}
