// A disk whose flushes fail, for a program that knows nothing of it, by LD_PRELOAD: while the file is there that
// FAILING_FLUSH names, every flush of a write-ahead log reports an error. What was to be flushed stays in the file, as
// it does where the kernel gives up on a page.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int must_fail(int file) {
  const char* const sign = getenv("FAILING_FLUSH");
  if (sign == NULL || access(sign, F_OK) != 0) return 0;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
  const ssize_t size = readlink(link, path, sizeof(path));
  return size > 4 && memcmp(path + size - 4, ".log", 4) == 0;
}

int fdatasync(int file) {
  if (must_fail(file)) {
    errno = EIO;
    return -1;
  }
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(file);
}

int fsync(int file) {
  if (must_fail(file)) {
    errno = EIO;
    return -1;
  }
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file);
}
