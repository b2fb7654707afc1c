#include "COnnxRuntime.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

// The one exported function of the library gives this base; it never changes.
typedef struct {
    MortTable (*get_table)(uint32_t version);
    const char *(*get_version)(void);
} MortBase;

bool mort_open(const char *path, MortTable *table, const char **version, char *message, size_t message_bytes) {
    // Else it makes a file of telemetry in the home folder, and sends it, before it can be told not to.
    setenv("ORT_DISABLE_TELEMETRY", "1", 1);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        const char *reason = dlerror();
        snprintf(message, message_bytes, "%s", reason ? reason : "dlopen failed");
        return false;
    }
    const MortBase *(*get_base)(void) = (const MortBase *(*)(void))dlsym(library, "OrtGetApiBase");
    if (!get_base) {
        snprintf(message, message_bytes, "%s is not ONNX Runtime: it has no OrtGetApiBase", path);
        dlclose(library);
        return false;
    }
    const MortBase *base = get_base();
    *version = base->get_version();
    *table = base->get_table(MORT_API_VERSION);
    if (!*table) {
        snprintf(
            message, message_bytes, "ONNX Runtime %s at %s is too old: version 1.%d or later is needed", *version, path,
            MORT_API_VERSION);
        return false;
    }
    return true;
}
