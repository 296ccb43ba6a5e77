/* Stands between a program and the C library and answers for names: NAMES_FILE holds a line with a
 * name and the address it leads to, or "-" when it leads nowhere. Every question for it lengthens
 * <NAMES_FILE>.asked. The public address NAMES_PUBLIC is this machine. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REAL(result, name, ...)                                                  \
  static result (*real)(__VA_ARGS__);                                            \
  if (!real) real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static void asked(const char *file) {
  char path[4096];
  snprintf(path, sizeof path, "%s.asked", file);
  int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0 || write(fd, "?", 1) != 1) abort();
  close(fd);
}

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
  REAL(int, "getaddrinfo", const char *, const char *, const struct addrinfo *, struct addrinfo **);
  const char *file = getenv("NAMES_FILE");
  char name[256] = "", address[64] = "";
  FILE *from = file ? fopen(file, "re") : NULL;
  if (from && fscanf(from, "%255s %63s", name, address) != 2) name[0] = 0;
  if (from) fclose(from);
  if (!host || strcmp(host, name) != 0) return real(host, service, hints, found);
  asked(file);
  if (strcmp(address, "-") == 0) return EAI_AGAIN;
  return real(address, service, hints, found);
}

int connect(int fd, const struct sockaddr *to, socklen_t length) {
  REAL(int, "connect", int, const struct sockaddr *, socklen_t);
  const char *ours = getenv("NAMES_PUBLIC");
  struct sockaddr_in here;
  if (ours && to->sa_family == AF_INET && length >= sizeof here) {
    memcpy(&here, to, sizeof here);
    if (here.sin_addr.s_addr == inet_addr(ours)) {
      here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      return real(fd, (struct sockaddr *)&here, sizeof here);
    }
  }
  return real(fd, to, length);
}
