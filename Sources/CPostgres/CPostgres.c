#include "CPostgres.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

MpqTable mpq_open(const char *path, bool *loaded, char *message, size_t message_bytes) {
    MpqTable table;
    memset(&table, 0, sizeof(table));
    *loaded = false;
    // Never closed: connections live as long as the process.
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *reason = dlerror();
        snprintf(message, message_bytes, "%s", reason ? reason : "dlopen failed");
        return table;
    }
#define X(type, name, arguments)                                                                                      \
    {                                                                                                                 \
        void *symbol = dlsym(library, #name);                                                                         \
        if (!symbol) {                                                                                                \
            snprintf(message, message_bytes, "%s has no function " #name ": PostgreSQL 14 or later is needed", path); \
            return table;                                                                                             \
        }                                                                                                             \
        memcpy(&table.name, &symbol, sizeof(symbol));                                                                 \
    }
    MPQ_FUNCTIONS(X)
#undef X
    *loaded = true;
    return table;
}
