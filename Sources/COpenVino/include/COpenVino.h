#ifndef MARTLET_C_OPENVINO_H
#define MARTLET_C_OPENVINO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What Martlet uses of OpenVINO's C interface (libopenvino_c), opened with dlopen. The declarations are our own; structures and
// element types are those of OpenVINO 2026, exercised by InferenceTests against 2026.4.1.

/// Dimensions of one tensor at most.
#define MOV_RANK_MAX 16
/// The first release that numbers element types as here.
#define MOV_YEAR_MIN 2026

typedef struct MovLibrary MovLibrary;
typedef struct MovModel MovModel;
typedef struct MovRequest MovRequest;

/// Element types (ov_element_type_e).
enum MovElement {
    MOV_BOOLEAN = 1, MOV_BF16 = 2, MOV_F16 = 3, MOV_F32 = 4, MOV_F64 = 5, MOV_I8 = 7, MOV_I16 = 8, MOV_I32 = 9, MOV_I64 = 10,
    MOV_U8 = 16, MOV_U16 = 17, MOV_U32 = 18, MOV_U64 = 19,
};

/// More dimensions than MOV_RANK_MAX, or as many as the input has.
#define MOV_RANK_UNKNOWN (-1001)

/// An input or output. The name is the caller's to free with mov_free_text.
typedef struct {
    const char *name;
    int32_t element;
    size_t rank;
    /// -1 is a dimension of any size.
    int64_t dimensions[MOV_RANK_MAX];
} MovPort;

/// A computed output; its data live until the request runs again.
typedef struct {
    int32_t element;
    size_t rank;
    int64_t dimensions[MOV_RANK_MAX];
    const void *data;
    size_t bytes;
} MovOutput;

/// Opens the library, for the life of the process. False with a message if it is not there or not usable.
bool mov_open(const char *path, MovLibrary **library, char *version, size_t version_bytes, char *message, size_t message_bytes);

/// What the last failed call of this thread says; never null.
const char *mov_message(const MovLibrary *library, int32_t status);
void mov_free_text(const MovLibrary *library, const char *text);

/// Reads and compiles a model for the processor: 32-bit arithmetic, one stream, so many threads a run.
int32_t mov_load(const MovLibrary *library, const char *path, const char *threads, MovModel **model);
void mov_release_model(MovModel *model);
int32_t mov_port_count(const MovModel *model, bool is_output, size_t *count);
int32_t mov_port(const MovModel *model, bool is_output, size_t index, MovPort *port);

/// What one thread runs the model with at a time.
int32_t mov_create_request(const MovModel *model, MovRequest **request);
void mov_release_request(MovRequest *request);
/// The data must live until the run is over.
int32_t mov_set_input(
    MovRequest *request, size_t index, int32_t element, const int64_t *dimensions, size_t rank, const void *data);
/// Runs on this thread; cannot be cancelled.
int32_t mov_infer(MovRequest *request);
/// Begins a run on a thread of the library, and waits until it is over or cancelled: then nothing reads the inputs any more.
int32_t mov_start(MovRequest *request);
int32_t mov_wait(MovRequest *request);
/// From any thread, while the request lives; without effect where nothing has begun.
void mov_cancel(MovRequest *request);
int32_t mov_output(MovRequest *request, size_t index, MovOutput *output);

#endif
