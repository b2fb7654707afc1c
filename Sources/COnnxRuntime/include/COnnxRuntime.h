#ifndef MARTLET_C_ONNX_RUNTIME_H
#define MARTLET_C_ONNX_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Our own declaration of the part of ONNX Runtime's C interface that Martlet uses.
//
// ONNX Runtime gives one table of function pointers. Its ABI is append-only: an entry never moves and never changes
// its type once released, so a call is a place in the table and a signature. The places below were checked
// against the table of the 1.25 sources (OrtApi, version 24) and are exercised by InferenceTests against 1.31.1.

/// The version of the table that is asked for: the oldest that has every entry used here is 15; 20 is ONNX Runtime 1.20.
#define MORT_API_VERSION 20

typedef struct MortEnvironment MortEnvironment;
typedef struct MortStatus MortStatus;
typedef struct MortMemoryInfo MortMemoryInfo;
typedef struct MortSession MortSession;
typedef struct MortValue MortValue;
typedef struct MortTypeInfo MortTypeInfo;
typedef struct MortTensorInfo MortTensorInfo;
typedef struct MortSessionOptions MortSessionOptions;
typedef struct MortRunOptions MortRunOptions;
typedef struct MortAllocator MortAllocator;
typedef struct MortModelMetadata MortModelMetadata;
typedef struct MortSequenceInfo MortSequenceInfo;
typedef struct MortMapInfo MortMapInfo;

/// The table: entries are functions of different types, so each call below gives its own.
typedef const void *const *MortTable;

/// Places in the table.
enum MortEntry {
    MORT_GET_ERROR_CODE = 1,
    MORT_GET_ERROR_MESSAGE = 2,
    MORT_CREATE_ENV = 3,
    MORT_DISABLE_TELEMETRY_EVENTS = 6,
    MORT_CREATE_SESSION = 7,
    MORT_RUN = 9,
    MORT_CREATE_SESSION_OPTIONS = 10,
    MORT_SET_SESSION_LOG_SEVERITY_LEVEL = 22,
    MORT_SET_GRAPH_OPTIMIZATION_LEVEL = 23,
    MORT_SET_INTRA_OP_NUM_THREADS = 24,
    MORT_SET_INTER_OP_NUM_THREADS = 25,
    MORT_SESSION_GET_INPUT_COUNT = 30,
    MORT_SESSION_GET_OUTPUT_COUNT = 31,
    MORT_SESSION_GET_INPUT_TYPE_INFO = 33,
    MORT_SESSION_GET_OUTPUT_TYPE_INFO = 34,
    MORT_SESSION_GET_INPUT_NAME = 36,
    MORT_SESSION_GET_OUTPUT_NAME = 37,
    MORT_CREATE_RUN_OPTIONS = 39,
    MORT_RUN_OPTIONS_SET_TERMINATE = 46,
    MORT_CREATE_TENSOR = 48,
    MORT_CREATE_TENSOR_WITH_DATA = 49,
    MORT_GET_TENSOR_MUTABLE_DATA = 51,
    MORT_GET_STRING_TENSOR_DATA_LENGTH = 53,
    MORT_GET_STRING_TENSOR_CONTENT = 54,
    MORT_CAST_TYPE_INFO_TO_TENSOR_INFO = 55,
    MORT_GET_ONNX_TYPE_FROM_TYPE_INFO = 56,
    MORT_GET_TENSOR_ELEMENT_TYPE = 60,
    MORT_GET_DIMENSIONS_COUNT = 61,
    MORT_GET_DIMENSIONS = 62,
    MORT_GET_TENSOR_SHAPE_ELEMENT_COUNT = 64,
    MORT_GET_TENSOR_TYPE_AND_SHAPE = 65,
    MORT_GET_VALUE_TYPE = 67,
    MORT_CREATE_CPU_MEMORY_INFO = 69,
    MORT_ALLOCATOR_FREE = 76,
    MORT_GET_ALLOCATOR_WITH_DEFAULT_OPTIONS = 78,
    MORT_GET_VALUE = 80,
    MORT_GET_VALUE_COUNT = 81,
    MORT_RELEASE_ENV = 92,
    MORT_RELEASE_STATUS = 93,
    MORT_RELEASE_MEMORY_INFO = 94,
    MORT_RELEASE_SESSION = 95,
    MORT_RELEASE_VALUE = 96,
    MORT_RELEASE_RUN_OPTIONS = 97,
    MORT_RELEASE_TYPE_INFO = 98,
    MORT_RELEASE_TENSOR_INFO = 99,
    MORT_RELEASE_SESSION_OPTIONS = 100,
    MORT_CAST_TYPE_INFO_TO_MAP_INFO = 103,
    MORT_CAST_TYPE_INFO_TO_SEQUENCE_INFO = 104,
    MORT_GET_MAP_VALUE_TYPE = 106,
    MORT_GET_SEQUENCE_ELEMENT_TYPE = 107,
    MORT_SESSION_GET_MODEL_METADATA = 111,
    MORT_MODEL_METADATA_GET_PRODUCER_NAME = 112,
    MORT_MODEL_METADATA_LOOKUP = 116,
    MORT_RELEASE_MODEL_METADATA = 118,
    MORT_MODEL_METADATA_GET_KEYS = 123,
    MORT_GET_RESIZED_STRING_BUFFER = 252,
    MORT_GET_BUILD_INFO_STRING = 254,
};

/// Element types, as ONNX numbers them.
enum MortElement {
    MORT_ELEMENT_FLOAT = 1,
    MORT_ELEMENT_UINT8 = 2,
    MORT_ELEMENT_INT8 = 3,
    MORT_ELEMENT_UINT16 = 4,
    MORT_ELEMENT_INT16 = 5,
    MORT_ELEMENT_INT32 = 6,
    MORT_ELEMENT_INT64 = 7,
    MORT_ELEMENT_STRING = 8,
    MORT_ELEMENT_BOOL = 9,
    MORT_ELEMENT_FLOAT16 = 10,
    MORT_ELEMENT_DOUBLE = 11,
    MORT_ELEMENT_UINT32 = 12,
    MORT_ELEMENT_UINT64 = 13,
    MORT_ELEMENT_BFLOAT16 = 16,
};

/// Kinds of value, as ONNX numbers them.
enum MortKind { MORT_KIND_TENSOR = 1, MORT_KIND_SEQUENCE = 2, MORT_KIND_MAP = 3 };

/// Opens the shared library at `path` and asks for its table.
///
/// On success `*table` is the table and `*version` the library's own version text (both live as long as the process:
/// the library is never closed, since it keeps threads). On failure false, and `message` says why.
bool mort_open(const char *path, MortTable *table, const char **version, char *message, size_t message_bytes);

// One typed call for each entry. A null status is success; any other must be released.
#define MORT_CALL(RESULT, NAME, ENTRY, PARAMETERS, ARGUMENTS)                 \
    static inline RESULT NAME PARAMETERS {                                    \
        typedef RESULT(*Function) PARAMETERS_OF_##NAME;                       \
        return ((Function)t[ENTRY]) ARGUMENTS;                                \
    }

#define PARAMETERS_OF_mort_error_code (const MortStatus *)
MORT_CALL(int, mort_error_code, MORT_GET_ERROR_CODE, (MortTable t, const MortStatus *s), (s))

#define PARAMETERS_OF_mort_error_message (const MortStatus *)
MORT_CALL(const char *, mort_error_message, MORT_GET_ERROR_MESSAGE, (MortTable t, const MortStatus *s), (s))

#define PARAMETERS_OF_mort_create_env (int, const char *, MortEnvironment **)
MORT_CALL(
    MortStatus *, mort_create_env, MORT_CREATE_ENV,
    (MortTable t, int severity, const char *log_id, MortEnvironment **out), (severity, log_id, out))

#define PARAMETERS_OF_mort_disable_telemetry (const MortEnvironment *)
MORT_CALL(
    MortStatus *, mort_disable_telemetry, MORT_DISABLE_TELEMETRY_EVENTS, (MortTable t, const MortEnvironment *e), (e))

#define PARAMETERS_OF_mort_create_session \
    (const MortEnvironment *, const char *, const MortSessionOptions *, MortSession **)
MORT_CALL(
    MortStatus *, mort_create_session, MORT_CREATE_SESSION,
    (MortTable t, const MortEnvironment *e, const char *path, const MortSessionOptions *o, MortSession **out),
    (e, path, o, out))

#define PARAMETERS_OF_mort_run                                                                      \
    (MortSession *, const MortRunOptions *, const char *const *, const MortValue *const *, size_t,  \
     const char *const *, size_t, MortValue **)
MORT_CALL(
    MortStatus *, mort_run, MORT_RUN,
    (MortTable t, MortSession *s, const MortRunOptions *o, const char *const *input_names,
     const MortValue *const *inputs, size_t input_count, const char *const *output_names, size_t output_count,
     MortValue **outputs),
    (s, o, input_names, inputs, input_count, output_names, output_count, outputs))

#define PARAMETERS_OF_mort_create_run_options (MortRunOptions **)
MORT_CALL(
    MortStatus *, mort_create_run_options, MORT_CREATE_RUN_OPTIONS, (MortTable t, MortRunOptions **out), (out))

// May be called by another thread than the one that runs: the run then ends before its next node, with an error.
#define PARAMETERS_OF_mort_set_terminate (MortRunOptions *)
MORT_CALL(MortStatus *, mort_set_terminate, MORT_RUN_OPTIONS_SET_TERMINATE, (MortTable t, MortRunOptions *o), (o))

#define PARAMETERS_OF_mort_create_session_options (MortSessionOptions **)
MORT_CALL(
    MortStatus *, mort_create_session_options, MORT_CREATE_SESSION_OPTIONS, (MortTable t, MortSessionOptions **out),
    (out))

#define PARAMETERS_OF_mort_set_log_severity (MortSessionOptions *, int)
MORT_CALL(
    MortStatus *, mort_set_log_severity, MORT_SET_SESSION_LOG_SEVERITY_LEVEL,
    (MortTable t, MortSessionOptions *o, int level), (o, level))

#define PARAMETERS_OF_mort_set_graph_optimization (MortSessionOptions *, int)
MORT_CALL(
    MortStatus *, mort_set_graph_optimization, MORT_SET_GRAPH_OPTIMIZATION_LEVEL,
    (MortTable t, MortSessionOptions *o, int level), (o, level))

#define PARAMETERS_OF_mort_set_intra_threads (MortSessionOptions *, int)
MORT_CALL(
    MortStatus *, mort_set_intra_threads, MORT_SET_INTRA_OP_NUM_THREADS,
    (MortTable t, MortSessionOptions *o, int count), (o, count))

#define PARAMETERS_OF_mort_set_inter_threads (MortSessionOptions *, int)
MORT_CALL(
    MortStatus *, mort_set_inter_threads, MORT_SET_INTER_OP_NUM_THREADS,
    (MortTable t, MortSessionOptions *o, int count), (o, count))

#define PARAMETERS_OF_mort_input_count (const MortSession *, size_t *)
MORT_CALL(
    MortStatus *, mort_input_count, MORT_SESSION_GET_INPUT_COUNT, (MortTable t, const MortSession *s, size_t *out),
    (s, out))

#define PARAMETERS_OF_mort_output_count (const MortSession *, size_t *)
MORT_CALL(
    MortStatus *, mort_output_count, MORT_SESSION_GET_OUTPUT_COUNT, (MortTable t, const MortSession *s, size_t *out),
    (s, out))

#define PARAMETERS_OF_mort_input_type (const MortSession *, size_t, MortTypeInfo **)
MORT_CALL(
    MortStatus *, mort_input_type, MORT_SESSION_GET_INPUT_TYPE_INFO,
    (MortTable t, const MortSession *s, size_t index, MortTypeInfo **out), (s, index, out))

#define PARAMETERS_OF_mort_output_type (const MortSession *, size_t, MortTypeInfo **)
MORT_CALL(
    MortStatus *, mort_output_type, MORT_SESSION_GET_OUTPUT_TYPE_INFO,
    (MortTable t, const MortSession *s, size_t index, MortTypeInfo **out), (s, index, out))

#define PARAMETERS_OF_mort_input_name (const MortSession *, size_t, MortAllocator *, char **)
MORT_CALL(
    MortStatus *, mort_input_name, MORT_SESSION_GET_INPUT_NAME,
    (MortTable t, const MortSession *s, size_t index, MortAllocator *a, char **out), (s, index, a, out))

#define PARAMETERS_OF_mort_output_name (const MortSession *, size_t, MortAllocator *, char **)
MORT_CALL(
    MortStatus *, mort_output_name, MORT_SESSION_GET_OUTPUT_NAME,
    (MortTable t, const MortSession *s, size_t index, MortAllocator *a, char **out), (s, index, a, out))

#define PARAMETERS_OF_mort_create_tensor (MortAllocator *, const int64_t *, size_t, int, MortValue **)
MORT_CALL(
    MortStatus *, mort_create_tensor, MORT_CREATE_TENSOR,
    (MortTable t, MortAllocator *a, const int64_t *shape, size_t rank, int element, MortValue **out),
    (a, shape, rank, element, out))

#define PARAMETERS_OF_mort_create_tensor_with_data \
    (const MortMemoryInfo *, void *, size_t, const int64_t *, size_t, int, MortValue **)
MORT_CALL(
    MortStatus *, mort_create_tensor_with_data, MORT_CREATE_TENSOR_WITH_DATA,
    (MortTable t, const MortMemoryInfo *m, void *data, size_t bytes, const int64_t *shape, size_t rank, int element,
     MortValue **out),
    (m, data, bytes, shape, rank, element, out))

#define PARAMETERS_OF_mort_tensor_data (MortValue *, void **)
MORT_CALL(
    MortStatus *, mort_tensor_data, MORT_GET_TENSOR_MUTABLE_DATA, (MortTable t, MortValue *v, void **out), (v, out))

#define PARAMETERS_OF_mort_string_bytes (const MortValue *, size_t *)
MORT_CALL(
    MortStatus *, mort_string_bytes, MORT_GET_STRING_TENSOR_DATA_LENGTH,
    (MortTable t, const MortValue *v, size_t *out), (v, out))

#define PARAMETERS_OF_mort_string_content (const MortValue *, void *, size_t, size_t *, size_t)
MORT_CALL(
    MortStatus *, mort_string_content, MORT_GET_STRING_TENSOR_CONTENT,
    (MortTable t, const MortValue *v, void *into, size_t bytes, size_t *offsets, size_t count),
    (v, into, bytes, offsets, count))

#define PARAMETERS_OF_mort_type_tensor_info (const MortTypeInfo *, const MortTensorInfo **)
MORT_CALL(
    MortStatus *, mort_type_tensor_info, MORT_CAST_TYPE_INFO_TO_TENSOR_INFO,
    (MortTable t, const MortTypeInfo *i, const MortTensorInfo **out), (i, out))

#define PARAMETERS_OF_mort_type_kind (const MortTypeInfo *, int *)
MORT_CALL(
    MortStatus *, mort_type_kind, MORT_GET_ONNX_TYPE_FROM_TYPE_INFO,
    (MortTable t, const MortTypeInfo *i, int *out), (i, out))

#define PARAMETERS_OF_mort_element_type (const MortTensorInfo *, int *)
MORT_CALL(
    MortStatus *, mort_element_type, MORT_GET_TENSOR_ELEMENT_TYPE, (MortTable t, const MortTensorInfo *i, int *out),
    (i, out))

#define PARAMETERS_OF_mort_rank (const MortTensorInfo *, size_t *)
MORT_CALL(
    MortStatus *, mort_rank, MORT_GET_DIMENSIONS_COUNT, (MortTable t, const MortTensorInfo *i, size_t *out), (i, out))

#define PARAMETERS_OF_mort_dimensions (const MortTensorInfo *, int64_t *, size_t)
MORT_CALL(
    MortStatus *, mort_dimensions, MORT_GET_DIMENSIONS,
    (MortTable t, const MortTensorInfo *i, int64_t *into, size_t count), (i, into, count))

#define PARAMETERS_OF_mort_element_count (const MortTensorInfo *, size_t *)
MORT_CALL(
    MortStatus *, mort_element_count, MORT_GET_TENSOR_SHAPE_ELEMENT_COUNT,
    (MortTable t, const MortTensorInfo *i, size_t *out), (i, out))

#define PARAMETERS_OF_mort_value_tensor_info (const MortValue *, MortTensorInfo **)
MORT_CALL(
    MortStatus *, mort_value_tensor_info, MORT_GET_TENSOR_TYPE_AND_SHAPE,
    (MortTable t, const MortValue *v, MortTensorInfo **out), (v, out))

#define PARAMETERS_OF_mort_value_kind (const MortValue *, int *)
MORT_CALL(MortStatus *, mort_value_kind, MORT_GET_VALUE_TYPE, (MortTable t, const MortValue *v, int *out), (v, out))

// Of a sequence the element, of a map the keys (0) or the values (1). A value of its own, to be released.
#define PARAMETERS_OF_mort_value_part (const MortValue *, int, MortAllocator *, MortValue **)
MORT_CALL(
    MortStatus *, mort_value_part, MORT_GET_VALUE,
    (MortTable t, const MortValue *v, int index, MortAllocator *a, MortValue **out), (v, index, a, out))

#define PARAMETERS_OF_mort_value_part_count (const MortValue *, size_t *)
MORT_CALL(
    MortStatus *, mort_value_part_count, MORT_GET_VALUE_COUNT, (MortTable t, const MortValue *v, size_t *out), (v, out))

// These two give parts of the type itself, which are not released.
#define PARAMETERS_OF_mort_type_map_info (const MortTypeInfo *, const MortMapInfo **)
MORT_CALL(
    MortStatus *, mort_type_map_info, MORT_CAST_TYPE_INFO_TO_MAP_INFO,
    (MortTable t, const MortTypeInfo *i, const MortMapInfo **out), (i, out))

#define PARAMETERS_OF_mort_type_sequence_info (const MortTypeInfo *, const MortSequenceInfo **)
MORT_CALL(
    MortStatus *, mort_type_sequence_info, MORT_CAST_TYPE_INFO_TO_SEQUENCE_INFO,
    (MortTable t, const MortTypeInfo *i, const MortSequenceInfo **out), (i, out))

#define PARAMETERS_OF_mort_map_value_type (const MortMapInfo *, MortTypeInfo **)
MORT_CALL(
    MortStatus *, mort_map_value_type, MORT_GET_MAP_VALUE_TYPE, (MortTable t, const MortMapInfo *i, MortTypeInfo **out),
    (i, out))

#define PARAMETERS_OF_mort_sequence_element_type (const MortSequenceInfo *, MortTypeInfo **)
MORT_CALL(
    MortStatus *, mort_sequence_element_type, MORT_GET_SEQUENCE_ELEMENT_TYPE,
    (MortTable t, const MortSequenceInfo *i, MortTypeInfo **out), (i, out))

#define PARAMETERS_OF_mort_cpu_memory (int, int, MortMemoryInfo **)
MORT_CALL(
    MortStatus *, mort_cpu_memory, MORT_CREATE_CPU_MEMORY_INFO,
    (MortTable t, int allocator, int memory, MortMemoryInfo **out), (allocator, memory, out))

#define PARAMETERS_OF_mort_allocator_free (MortAllocator *, void *)
MORT_CALL(
    MortStatus *, mort_allocator_free, MORT_ALLOCATOR_FREE, (MortTable t, MortAllocator *a, void *p), (a, p))

#define PARAMETERS_OF_mort_default_allocator (MortAllocator **)
MORT_CALL(
    MortStatus *, mort_default_allocator, MORT_GET_ALLOCATOR_WITH_DEFAULT_OPTIONS, (MortTable t, MortAllocator **out),
    (out))

#define PARAMETERS_OF_mort_model_metadata (const MortSession *, MortModelMetadata **)
MORT_CALL(
    MortStatus *, mort_model_metadata, MORT_SESSION_GET_MODEL_METADATA,
    (MortTable t, const MortSession *s, MortModelMetadata **out), (s, out))

#define PARAMETERS_OF_mort_metadata_keys (const MortModelMetadata *, MortAllocator *, char ***, int64_t *)
MORT_CALL(
    MortStatus *, mort_metadata_keys, MORT_MODEL_METADATA_GET_KEYS,
    (MortTable t, const MortModelMetadata *m, MortAllocator *a, char ***out, int64_t *count), (m, a, out, count))

#define PARAMETERS_OF_mort_metadata_lookup (const MortModelMetadata *, MortAllocator *, const char *, char **)
MORT_CALL(
    MortStatus *, mort_metadata_lookup, MORT_MODEL_METADATA_LOOKUP,
    (MortTable t, const MortModelMetadata *m, MortAllocator *a, const char *key, char **out), (m, a, key, out))

#define PARAMETERS_OF_mort_string_buffer (MortValue *, size_t, size_t, char **)
MORT_CALL(
    MortStatus *, mort_string_buffer, MORT_GET_RESIZED_STRING_BUFFER,
    (MortTable t, MortValue *v, size_t index, size_t bytes, char **out), (v, index, bytes, out))

#define PARAMETERS_OF_mort_build_info (void)
MORT_CALL(const char *, mort_build_info, MORT_GET_BUILD_INFO_STRING, (MortTable t), ())

#define MORT_RELEASE(NAME, ENTRY, TYPE)                   \
    static inline void NAME(MortTable t, TYPE *value) {   \
        typedef void (*Function)(TYPE *);                 \
        ((Function)t[ENTRY])(value);                      \
    }

MORT_RELEASE(mort_release_env, MORT_RELEASE_ENV, MortEnvironment)
MORT_RELEASE(mort_release_status, MORT_RELEASE_STATUS, MortStatus)
MORT_RELEASE(mort_release_memory, MORT_RELEASE_MEMORY_INFO, MortMemoryInfo)
MORT_RELEASE(mort_release_session, MORT_RELEASE_SESSION, MortSession)
MORT_RELEASE(mort_release_value, MORT_RELEASE_VALUE, MortValue)
MORT_RELEASE(mort_release_type_info, MORT_RELEASE_TYPE_INFO, MortTypeInfo)
MORT_RELEASE(mort_release_tensor_info, MORT_RELEASE_TENSOR_INFO, MortTensorInfo)
MORT_RELEASE(mort_release_run_options, MORT_RELEASE_RUN_OPTIONS, MortRunOptions)
MORT_RELEASE(mort_release_session_options, MORT_RELEASE_SESSION_OPTIONS, MortSessionOptions)
MORT_RELEASE(mort_release_model_metadata, MORT_RELEASE_MODEL_METADATA, MortModelMetadata)

#endif
