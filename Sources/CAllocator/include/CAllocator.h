#pragma once

#include <stdbool.h>

/// Buffers of so many bytes or more are mapped by themselves from now on; false where the C library has no such setting.
bool callocator_map_large_buffers(int bytes);

/// So many free bytes at the end of a heap are kept for what comes next; false where the C library has no such setting.
bool callocator_keep_free_heap(int bytes);

/// Gives free pages of the heap back to the system, where the C library keeps them.
void callocator_trim(void);

/// Lets go of the pages of code, of this program and of its libraries, that this process has mapped: what runs on comes back from the
/// system's cache of files, what only the start needed does not.
void callocator_forget_code(void);
