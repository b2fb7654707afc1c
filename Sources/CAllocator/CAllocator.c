#define _GNU_SOURCE
#include "CAllocator.h"

#if defined(__GLIBC__) || __has_include(<gnu/libc-version.h>)
#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

bool callocator_map_large_buffers(int bytes) { return mallopt(M_MMAP_THRESHOLD, bytes) == 1; }

bool callocator_keep_free_heap(int bytes) { return mallopt(M_TRIM_THRESHOLD, bytes) == 1; }

void callocator_trim(void) { malloc_trim(0); }

static int forget(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size;
    (void)unused;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int index = 0; index < object->dlpi_phnum; index++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[index];
        // What is writable may have been changed, and would come back as it is in the file.
        if (part->p_type != PT_LOAD || (part->p_flags & (PF_X | PF_W)) != PF_X) continue;
        uintptr_t start = (object->dlpi_addr + part->p_vaddr) & ~(page - 1);
        uintptr_t end = (object->dlpi_addr + part->p_vaddr + part->p_filesz) & ~(page - 1);
        // It is advice: where it is not taken, nothing changes.
        if (end > start) (void)madvise((void *)start, end - start, MADV_DONTNEED);
    }
    return 0;
}

void callocator_forget_code(void) { dl_iterate_phdr(forget, NULL); }
#else
bool callocator_map_large_buffers(int bytes) {
    (void)bytes;
    return false;
}

bool callocator_keep_free_heap(int bytes) {
    (void)bytes;
    return false;
}

void callocator_trim(void) {}

void callocator_forget_code(void) {}
#endif
