internal import COnnxRuntime
internal import Domain

/// The library's table of functions, with the way to make errors of its statuses.
struct OnnxTable: @unchecked Sendable {
    // Sendable: the table is constant and lives as long as the process.
    let functions: MortTable

    /// Releases a failed status and throws what it said.
    ///
    /// - Throws: `invalidArgument` if ONNX Runtime says so; else `internal`.
    func check(_ status: OpaquePointer?) throws(MartletError) {
        guard let status else { return }
        let code = mort_error_code(functions, status)
        let message = mort_error_message(functions, status).map { String(cString: $0) } ?? "no message"
        mort_release_status(functions, status)
        // 2 is the code of invalid arguments: shapes and types that the model does not take.
        throw MartletError(code == 2 ? .invalidArgument : .internal, "ONNX Runtime: \(message)")
    }

    /// Releases the failed status of a run and throws what it means to whoever asked.
    ///
    /// - Throws: `deadlineExceeded` if the run was stopped; `internal` where the runtime itself failed; else `invalidArgument`,
    ///   since the same model computes other values. What ONNX Runtime said, with the places in its own sources, is the cause.
    func checkRun(_ status: OpaquePointer?, _ stop: RunStop) throws(MartletError) {
        guard let status else { return }
        let code = mort_error_code(functions, status)
        let text = mort_error_message(functions, status).map { String(cString: $0) } ?? "no message"
        mort_release_status(functions, status)
        if stop.isStopped { throw MartletError(.deadlineExceeded, "The model was stopped before it had an answer.") }
        let failure = OnnxRunFailure(code: Int(code), text: text)
        guard failure.isOfValues else {
            throw MartletError(.internal, "ONNX Runtime could not run the model.", cause: failure)
        }
        throw MartletError(.invalidArgument, "The model refuses these values: \(failure.summary)", cause: failure)
    }
}

extension Datatype {
    /// The element type as ONNX numbers it.
    var onnxElement: Int32 {
        let element =
            switch self {
            case .bool: MORT_ELEMENT_BOOL
            case .uint8: MORT_ELEMENT_UINT8
            case .uint16: MORT_ELEMENT_UINT16
            case .uint32: MORT_ELEMENT_UINT32
            case .uint64: MORT_ELEMENT_UINT64
            case .int8: MORT_ELEMENT_INT8
            case .int16: MORT_ELEMENT_INT16
            case .int32: MORT_ELEMENT_INT32
            case .int64: MORT_ELEMENT_INT64
            case .fp16: MORT_ELEMENT_FLOAT16
            case .bf16: MORT_ELEMENT_BFLOAT16
            case .fp32: MORT_ELEMENT_FLOAT
            case .fp64: MORT_ELEMENT_DOUBLE
            case .bytes: MORT_ELEMENT_STRING
            }
        return Int32(element.rawValue)
    }

    /// nil for the element types that the protocol cannot name (complex, 4 and 8 bit floats).
    init?(onnxElement: Int32) {
        guard let found = Self.allCases.first(where: { $0.onnxElement == onnxElement }) else { return nil }
        self = found
    }
}
