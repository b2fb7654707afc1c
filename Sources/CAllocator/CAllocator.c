#include "CAllocator.h"

#if defined(__GLIBC__) || __has_include(<gnu/libc-version.h>)
#include <malloc.h>

bool callocator_map_large_buffers(int bytes) { return mallopt(M_MMAP_THRESHOLD, bytes) == 1; }

void callocator_trim(void) { malloc_trim(0); }
#else
bool callocator_map_large_buffers(int bytes) {
    (void)bytes;
    return false;
}

void callocator_trim(void) {}
#endif
