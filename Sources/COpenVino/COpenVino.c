#include "COpenVino.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

// OpenVINO's structures, by value in its calls.
typedef struct { int64_t minimum, maximum; } Dimension;
typedef struct { Dimension rank; Dimension *dimensions; } PartialShape;
typedef struct { int64_t rank; int64_t *dimensions; } Shape;
typedef struct { const char *build, *description; } Version;

struct MovLibrary {
    int32_t (*version)(Version *);
    void (*version_free)(Version *);
    const char *(*last_message)(void);
    const char *(*error_info)(int32_t);
    void (*free)(const char *);
    int32_t (*core_create)(void **);
    int32_t (*read_model)(const void *, const char *, const char *, void **);
    int32_t (*compile_model)(const void *, const void *, const char *, size_t, void **, ...);
    void (*model_free)(void *);
    void (*compiled_free)(void *);
    int32_t (*inputs_size)(const void *, size_t *);
    int32_t (*outputs_size)(const void *, size_t *);
    int32_t (*input)(const void *, size_t, void **);
    int32_t (*output)(const void *, size_t, void **);
    void (*port_free)(void *);
    int32_t (*port_name)(const void *, char **);
    int32_t (*port_element)(const void *, int32_t *);
    int32_t (*port_shape)(const void *, PartialShape *);
    void (*partial_shape_free)(PartialShape *);
    int32_t (*create_request)(const void *, void **);
    void (*request_free)(void *);
    int32_t (*set_input)(void *, size_t, const void *);
    int32_t (*get_output)(const void *, size_t, void **);
    int32_t (*infer)(void *);
    int32_t (*start)(void *);
    int32_t (*wait)(void *);
    int32_t (*cancel)(void *);
    int32_t (*tensor_create)(int32_t, Shape, void *, void **);
    void (*tensor_free)(void *);
    int32_t (*tensor_shape)(const void *, Shape *);
    int32_t (*tensor_element)(const void *, int32_t *);
    int32_t (*tensor_bytes)(const void *, size_t *);
    int32_t (*tensor_data)(const void *, void **);
    int32_t (*shape_free)(Shape *);
    void *core;
};

struct MovModel {
    const MovLibrary *library;
    void *model, *compiled;
};

struct MovRequest {
    const MovLibrary *library;
    void *request;
};

static bool find(void *handle, const char *name, void **place, char *message, size_t message_bytes) {
    *place = dlsym(handle, name);
    if (!*place) snprintf(message, message_bytes, "it has no %s", name);
    return *place != NULL;
}

static bool find_all(void *handle, MovLibrary *library, char *message, size_t message_bytes) {
    const struct { const char *name; void *place; } wanted[] = {
        {"ov_get_openvino_version", &library->version},
        {"ov_version_free", &library->version_free},
        {"ov_get_last_err_msg", &library->last_message},
        {"ov_get_error_info", &library->error_info},
        {"ov_free", &library->free},
        {"ov_core_create", &library->core_create},
        {"ov_core_read_model", &library->read_model},
        {"ov_core_compile_model", &library->compile_model},
        {"ov_model_free", &library->model_free},
        {"ov_compiled_model_free", &library->compiled_free},
        {"ov_model_inputs_size", &library->inputs_size},
        {"ov_model_outputs_size", &library->outputs_size},
        {"ov_model_const_input_by_index", &library->input},
        {"ov_model_const_output_by_index", &library->output},
        {"ov_output_const_port_free", &library->port_free},
        {"ov_port_get_any_name", &library->port_name},
        {"ov_port_get_element_type", &library->port_element},
        {"ov_port_get_partial_shape", &library->port_shape},
        {"ov_partial_shape_free", &library->partial_shape_free},
        {"ov_compiled_model_create_infer_request", &library->create_request},
        {"ov_infer_request_free", &library->request_free},
        {"ov_infer_request_set_input_tensor_by_index", &library->set_input},
        {"ov_infer_request_get_output_tensor_by_index", &library->get_output},
        {"ov_infer_request_infer", &library->infer},
        {"ov_infer_request_start_async", &library->start},
        {"ov_infer_request_wait", &library->wait},
        {"ov_infer_request_cancel", &library->cancel},
        {"ov_tensor_create_from_host_ptr", &library->tensor_create},
        {"ov_tensor_free", &library->tensor_free},
        {"ov_tensor_get_shape", &library->tensor_shape},
        {"ov_tensor_get_element_type", &library->tensor_element},
        {"ov_tensor_get_byte_size", &library->tensor_bytes},
        {"ov_tensor_data", &library->tensor_data},
        {"ov_shape_free", &library->shape_free},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (!find(handle, wanted[i].name, wanted[i].place, message, message_bytes)) return false;
    }
    return true;
}

bool mov_open(
    const char *path, MovLibrary **library, char *version, size_t version_bytes, char *message, size_t message_bytes) {
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        const char *reason = dlerror();
        snprintf(message, message_bytes, "%s", reason ? reason : "dlopen failed");
        return false;
    }
    MovLibrary *found = calloc(1, sizeof *found);
    if (!found || !find_all(handle, found, message, message_bytes)) {
        free(found);
        return false;
    }
    Version text = {0};
    int32_t status = found->version(&text);
    if (status == 0) {
        snprintf(version, version_bytes, "%s", text.build);
        found->version_free(&text);
        if (atoi(version) < MOV_YEAR_MIN) {
            snprintf(message, message_bytes, "OpenVINO %s is too old: %d or later is needed", version, MOV_YEAR_MIN);
            free(found);
            return false;
        }
        status = found->core_create(&found->core);
    }
    if (status != 0) {
        snprintf(message, message_bytes, "%s", mov_message(found, status));
        free(found);
        return false;
    }
    *library = found;
    return true;
}

const char *mov_message(const MovLibrary *library, int32_t status) {
    if (status == MOV_RANK_UNKNOWN) return "a tensor of unknown or too many dimensions";
    const char *message = library->last_message();
    return message && *message ? message : library->error_info(status);
}

void mov_free_text(const MovLibrary *library, const char *text) { library->free(text); }

int32_t mov_load(const MovLibrary *library, const char *path, const char *threads, MovModel **model) {
    MovModel *made = calloc(1, sizeof *made);
    if (!made) return -15;
    made->library = library;
    int32_t status = library->read_model(library->core, path, NULL, &made->model);
    if (status == 0) {
        // Some processors would compute in 16 bits by themselves, and answers would depend on the machine.
        status = library->compile_model(
            library->core, made->model, "CPU", 8, &made->compiled, "INFERENCE_PRECISION_HINT", "f32", "NUM_STREAMS", "1",
            "INFERENCE_NUM_THREADS", threads, "EXECUTION_MODE_HINT", "ACCURACY");
    }
    if (status == 0) {
        *model = made;
    } else {
        mov_release_model(made);
    }
    return status;
}

void mov_release_model(MovModel *model) {
    if (model->compiled) model->library->compiled_free(model->compiled);
    if (model->model) model->library->model_free(model->model);
    free(model);
}

int32_t mov_port_count(const MovModel *model, bool is_output, size_t *count) {
    return (is_output ? model->library->outputs_size : model->library->inputs_size)(model->model, count);
}

static int32_t read_port(const MovLibrary *library, const void *found, MovPort *port) {
    PartialShape shape = {0};
    int32_t status = library->port_element(found, &port->element);
    if (status == 0) status = library->port_shape(found, &shape);
    if (status != 0) return status;
    if (shape.rank.minimum != shape.rank.maximum || shape.rank.maximum < 0 || shape.rank.maximum > MOV_RANK_MAX) {
        status = MOV_RANK_UNKNOWN;
    } else {
        port->rank = (size_t)shape.rank.maximum;
        for (size_t i = 0; i < port->rank; i++) {
            Dimension one = shape.dimensions[i];
            port->dimensions[i] = one.minimum == one.maximum ? one.maximum : -1;
        }
    }
    library->partial_shape_free(&shape);
    char *name = NULL;
    if (status == 0) status = library->port_name(found, &name);
    port->name = name;
    return status;
}

int32_t mov_port(const MovModel *model, bool is_output, size_t index, MovPort *port) {
    const MovLibrary *library = model->library;
    void *found = NULL;
    int32_t status = (is_output ? library->output : library->input)(model->model, index, &found);
    if (status != 0) return status;
    status = read_port(library, found, port);
    library->port_free(found);
    return status;
}

int32_t mov_create_request(const MovModel *model, MovRequest **request) {
    MovRequest *made = calloc(1, sizeof *made);
    if (!made) return -15;
    made->library = model->library;
    int32_t status = model->library->create_request(model->compiled, &made->request);
    if (status == 0) {
        *request = made;
    } else {
        free(made);
    }
    return status;
}

void mov_release_request(MovRequest *request) {
    request->library->request_free(request->request);
    free(request);
}

int32_t mov_set_input(
    MovRequest *request, size_t index, int32_t element, const int64_t *dimensions, size_t rank, const void *data) {
    const MovLibrary *library = request->library;
    // Both are only read by what follows.
    Shape shape = {(int64_t)rank, (int64_t *)dimensions};
    void *tensor = NULL;
    int32_t status = library->tensor_create(element, shape, (void *)data, &tensor);
    if (status != 0) return status;
    status = library->set_input(request->request, index, tensor);
    library->tensor_free(tensor);
    return status;
}

int32_t mov_infer(MovRequest *request) { return request->library->infer(request->request); }

int32_t mov_start(MovRequest *request) { return request->library->start(request->request); }

int32_t mov_wait(MovRequest *request) { return request->library->wait(request->request); }

void mov_cancel(MovRequest *request) { request->library->cancel(request->request); }

int32_t mov_output(MovRequest *request, size_t index, MovOutput *output) {
    const MovLibrary *library = request->library;
    void *tensor = NULL;
    Shape shape = {0};
    int32_t status = library->get_output(request->request, index, &tensor);
    if (status != 0) return status;
    status = library->tensor_element(tensor, &output->element);
    if (status == 0) status = library->tensor_bytes(tensor, &output->bytes);
    void *data = NULL;
    if (status == 0 && output->bytes > 0) status = library->tensor_data(tensor, &data);
    output->data = data;
    if (status == 0) status = library->tensor_shape(tensor, &shape);
    if (status == 0) {
        if (shape.rank > MOV_RANK_MAX) {
            status = MOV_RANK_UNKNOWN;
        } else {
            output->rank = (size_t)shape.rank;
            for (size_t i = 0; i < output->rank; i++) output->dimensions[i] = shape.dimensions[i];
        }
        library->shape_free(&shape);
    }
    // The request holds the memory itself.
    library->tensor_free(tensor);
    return status;
}
