#pragma once

#include <stdbool.h>

/// Buffers of so many bytes or more are mapped by themselves from now on; false where the C library has no such setting.
bool callocator_map_large_buffers(int bytes);

/// Gives free pages of the heap back to the system, where the C library keeps them.
void callocator_trim(void);
