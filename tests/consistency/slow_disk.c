// A slow disk for a program that knows nothing of it, by LD_PRELOAD: each flush of a file waits first, for a random
// time between none and as many milliseconds as the file says that SLOW_DISK_CONTROL names. It is read anew each time.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void wait_as_told(void) {
  const char* const path = getenv("SLOW_DISK_CONTROL");
  if (path == NULL) return;
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  char text[16] = {0};
  const ssize_t size = read(file, text, sizeof(text) - 1);
  close(file);
  const long max_ms = size > 0 ? atol(text) : 0;
  if (max_ms <= 0) return;
  const long wait_ms = random() % (max_ms + 1);
  const struct timespec wait = {wait_ms / 1000, wait_ms % 1000 * 1000000};
  nanosleep(&wait, NULL);
}

int fdatasync(int file) {
  wait_as_told();
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(file);
}

int fsync(int file) {
  wait_as_told();
  return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file);
}
