#ifndef MARTLET_C_ZLIB_H
#define MARTLET_C_ZLIB_H

#include <zlib.h>

// Two of zlib's functions are macros, which Swift cannot call.

static inline int mz_inflate_init(z_stream *stream, int window_bits) { return inflateInit2(stream, window_bits); }

static inline int mz_deflate_init(z_stream *stream, int level, int window_bits, int memory_level) {
    return deflateInit2(stream, level, Z_DEFLATED, window_bits, memory_level, Z_DEFAULT_STRATEGY);
}

#endif
