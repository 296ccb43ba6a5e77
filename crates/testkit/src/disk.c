/* Stands between a program and the C library and makes a disk full, slow or broken, as the file
 * named by DISK_MOOD says at that moment: "full", "slow <ms>", "fail", or nothing. It is about
 * files below the folder DISK_BELOW only. Every time it strikes it lengthens <DISK_MOOD>.struck. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static int mood(char *words, size_t room) {
  const char *file = getenv("DISK_MOOD");
  int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return 0;
  ssize_t had = syscall(SYS_read, fd, words, room - 1);
  close(fd);
  words[had > 0 ? had : 0] = 0;
  return had > 0;
}

static int ours(int fd) {
  const char *below = getenv("DISK_BELOW");
  char link[64], path[4096];
  if (!below) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return strncmp(path, below, strlen(below)) == 0;
}

static void struck(void) {
  char path[4096];
  snprintf(path, sizeof path, "%s.struck", getenv("DISK_MOOD"));
  int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) return;
  syscall(SYS_write, fd, "!", 1);
  close(fd);
}

/* A full disk refuses what makes a file longer; what is there can be written over. */
static int full(int fd, off_t at, size_t length) {
  char words[64];
  struct stat file;
  if (!mood(words, sizeof words) || strncmp(words, "full", 4) != 0 || !ours(fd)) return 0;
  if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) return 0;
  if (at + (off_t)length <= file.st_size) return 0;
  struck();
  return 1;
}

#define REAL(result, name, ...)                                                  \
  static result (*real)(__VA_ARGS__);                                            \
  if (!real) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

#define REFUSE do { errno = ENOSPC; return -1; } while (0)

ssize_t pwrite(int fd, const void *from, size_t length, off_t at) {
  REAL(ssize_t, "pwrite", int, const void *, size_t, off_t);
  if (full(fd, at, length)) REFUSE;
  return real(fd, from, length, at);
}

ssize_t pwrite64(int fd, const void *from, size_t length, off_t at) {
  return pwrite(fd, from, length, at);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) {
  REAL(ssize_t, "pwritev", int, const struct iovec *, int, off_t);
  size_t length = 0;
  for (int n = 0; n < count; n++) length += parts[n].iov_len;
  if (full(fd, at, length)) REFUSE;
  return real(fd, parts, count, at);
}

ssize_t write(int fd, const void *from, size_t length) {
  REAL(ssize_t, "write", int, const void *, size_t);
  off_t at = lseek(fd, 0, SEEK_CUR);
  if (at >= 0 && full(fd, at, length)) REFUSE;
  return real(fd, from, length);
}

int posix_fallocate(int fd, off_t at, off_t length) {
  REAL(int, "posix_fallocate", int, off_t, off_t);
  if (full(fd, at, (size_t)length)) return ENOSPC;
  return real(fd, at, length);
}

static int sync_fails(int fd) {
  char words[64];
  if (!mood(words, sizeof words) || !ours(fd)) return 0;
  if (strncmp(words, "slow ", 5) == 0) {
    long ms = atol(words + 5);
    struct timespec span = {ms / 1000, (ms % 1000) * 1000000};
    struck();
    nanosleep(&span, NULL);
  }
  if (strncmp(words, "fail", 4) != 0) return 0;
  struck();
  errno = EIO;
  return 1;
}

int fdatasync(int fd) {
  REAL(int, "fdatasync", int);
  return sync_fails(fd) ? -1 : real(fd);
}

int fsync(int fd) {
  REAL(int, "fsync", int);
  return sync_fails(fd) ? -1 : real(fd);
}
