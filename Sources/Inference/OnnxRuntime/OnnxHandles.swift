internal import COnnxRuntime

/// Owns a session.
struct OnnxSession: ~Copyable {
    let table: OnnxTable
    let pointer: OpaquePointer

    deinit { mort_release_session(table.functions, pointer) }
}

/// Owns the options of one run.
struct OnnxRunOptions: ~Copyable {
    let table: OnnxTable
    let pointer: OpaquePointer

    deinit { mort_release_run_options(table.functions, pointer) }
}

/// Owns session options.
struct OnnxSessionOptions: ~Copyable {
    let table: OnnxTable
    let pointer: OpaquePointer

    deinit { mort_release_session_options(table.functions, pointer) }
}

/// Owns a value.
struct OnnxValue: ~Copyable {
    let table: OnnxTable
    let pointer: OpaquePointer

    deinit { mort_release_value(table.functions, pointer) }
}

/// Owns a value's description of element type and shape.
struct OnnxTensorInfo: ~Copyable {
    let table: OnnxTable
    let pointer: OpaquePointer

    deinit { mort_release_tensor_info(table.functions, pointer) }
}

/// Owns an input's or output's description.
struct OnnxTypeInfo: ~Copyable {
    let table: OnnxTable
    let pointer: OpaquePointer

    deinit { mort_release_type_info(table.functions, pointer) }
}

/// Owns what a model says of itself.
struct OnnxModelMetadata: ~Copyable {
    let table: OnnxTable
    let pointer: OpaquePointer

    deinit { mort_release_model_metadata(table.functions, pointer) }
}

/// Names as C strings, made once for all runs of a model.
struct OnnxNames: ~Copyable {
    let pointers: UnsafeMutableBufferPointer<UnsafePointer<CChar>?>

    init(_ names: [String]) {
        pointers = .allocate(capacity: names.count)
        for (index, name) in names.enumerated() {
            let utf8 = Array(name.utf8CString)
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: utf8.count)
            copy.initialize(from: utf8, count: utf8.count)
            pointers.initializeElement(at: index, to: UnsafePointer(copy))
        }
    }

    deinit {
        for pointer in pointers { pointer?.deallocate() }
        pointers.deallocate()
    }
}
