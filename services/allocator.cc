// What the allocator is told: jemalloc reads it by this name before main. Not compiled where another allocator is used.

// Pages that nobody uses are given back after a second instead of ten: at a hundred MiB a second of short-lived buffers
// the default holds as much again as the caches may.
extern "C" {
extern const char* const malloc_conf;
const char* const malloc_conf = "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";
}
