internal import COnnxRuntime
internal import Domain

/// A model in a session of ONNX Runtime.
final class OnnxModel: ExecutableModel {
    let metadata: ModelMetadata
    let isWorkBoundByShapes: Bool
    private let environment: OnnxEnvironment
    // Sendable by the library's contract: Run may be called by many threads at once; names are never changed.
    nonisolated(unsafe) private let session: OnnxSession
    // As above.
    nonisolated(unsafe) private let inputNames: OnnxNames
    // As above.
    nonisolated(unsafe) private let outputNames: OnnxNames

    init(environment: OnnxEnvironment, path: String, threads: Int) throws(MartletError) {
        let session = try Self.makeSession(environment, path: path, threads: threads)
        metadata = try OnnxModelReader(environment: environment).metadata(of: session)
        isWorkBoundByShapes = OnnxGraph.isWorkBoundByShapes(path: path)
        inputNames = OnnxNames(metadata.inputs.map(\.name))
        outputNames = OnnxNames(metadata.outputs.map(\.name))
        self.session = session
        self.environment = environment
    }

    private static func makeSession(
        _ environment: OnnxEnvironment, path: String, threads: Int
    ) throws(MartletError) -> OnnxSession {
        let table = environment.table
        var made: OpaquePointer?
        try table.check(mort_create_session_options(table.functions, &made))
        guard let made else { throw MartletError(.internal, "ONNX Runtime gave no session options.") }
        let options = OnnxSessionOptions(table: table, pointer: made)
        // 99 is every optimisation.
        try table.check(mort_set_graph_optimization(table.functions, options.pointer, 99))
        try table.check(mort_set_intra_threads(table.functions, options.pointer, Int32(threads)))
        try table.check(mort_set_inter_threads(table.functions, options.pointer, 1))
        try table.check(mort_set_log_severity(table.functions, options.pointer, 3))
        var session: OpaquePointer?
        try table.check(
            mort_create_session(table.functions, environment.environment, path, options.pointer, &session))
        guard let session else { throw MartletError(.internal, "ONNX Runtime gave no session.") }
        return OnnxSession(table: table, pointer: session)
    }

    func run(_ inputs: [Tensor], outputs: [Int], stop: RunStop) throws(MartletError) -> [Tensor] {
        precondition(inputs.count == metadata.inputs.count, "The caller gives one tensor an input.")
        let functions = environment.table.functions
        let inputValues = UnsafeMutableBufferPointer<OpaquePointer?>.allocate(capacity: inputs.count)
        inputValues.initialize(repeating: nil)
        let outputValues = UnsafeMutableBufferPointer<OpaquePointer?>.allocate(capacity: outputs.count)
        outputValues.initialize(repeating: nil)
        defer {
            for value in inputValues { if let value { mort_release_value(functions, value) } }
            for value in outputValues { if let value { mort_release_value(functions, value) } }
            inputValues.deallocate()
            outputValues.deallocate()
        }
        try bind(inputs, from: 0, into: inputValues) { () throws(MartletError) in
            try compute(inputValues, outputs: outputs, into: outputValues, stop)
        }
        let reader = OnnxValueReader(environment: environment)
        var tensors: [Tensor] = []
        tensors.reserveCapacity(outputs.count)
        for (place, value) in zip(outputs, outputValues) {
            tensors.append(try reader.tensor(value, name: metadata.outputs[place].name))
        }
        return tensors
    }

    private func compute(
        _ inputs: UnsafeMutableBufferPointer<OpaquePointer?>, outputs: [Int],
        into values: UnsafeMutableBufferPointer<OpaquePointer?>, _ stop: RunStop
    ) throws(MartletError) {
        let table = environment.table
        let names = UnsafeMutableBufferPointer<UnsafePointer<CChar>?>.allocate(capacity: outputs.count)
        defer { names.deallocate() }
        for (index, place) in outputs.enumerated() {
            names.initializeElement(at: index, to: outputNames.pointers[place])
        }
        func compute(_ options: OpaquePointer?) throws(MartletError) {
            let status = mort_run(
                table.functions, session.pointer, options, inputNames.pointers.baseAddress, inputs.baseAddress,
                inputs.count, names.baseAddress, outputs.count, values.baseAddress)
            try table.checkRun(status, stop)
        }
        guard stop.isUsable else { return try compute(nil) }
        var made: OpaquePointer?
        try table.check(mort_create_run_options(table.functions, &made))
        guard let made else { throw MartletError(.internal, "ONNX Runtime gave no options of a run.") }
        let options = OnnxRunOptions(table: table, pointer: made)
        // Sendable by the library's contract: a run may be told to end by any thread while its options live, and `during` ends first.
        nonisolated(unsafe) let running = made
        try stop.during(tell: { mort_release_status(table.functions, mort_set_terminate(table.functions, running)) }) {
            () throws(MartletError) in
            try compute(options.pointer)
        }
    }

    /// Wraps the tensors' own memory, one inside the other, so that every pointer is good until `body` returns.
    private func bind(
        _ inputs: [Tensor], from index: Int, into values: UnsafeMutableBufferPointer<OpaquePointer?>,
        _ body: () throws(MartletError) -> Void
    ) throws(MartletError) {
        guard index < inputs.count else { return try body() }
        let tensor = inputs[index]
        if tensor.datatype == .bytes {
            values[index] = try makeStrings(tensor)
            return try bind(inputs, from: index + 1, into: values, body)
        }
        let result = tensor.bytes.withUnsafeBytes { raw in
            Result { () throws(MartletError) in
                values[index] = try makeValue(tensor, raw)
                try bind(inputs, from: index + 1, into: values, body)
            }
        }
        try result.get()
    }

    private func makeValue(_ tensor: Tensor, _ raw: UnsafeRawBufferPointer) throws(MartletError) -> OpaquePointer? {
        let table = environment.table
        let shape = tensor.shape.map(Int64.init)
        var value: OpaquePointer?
        // Inputs are only read, so a mutable pointer to immutable memory is safe here; an empty array has none to give.
        let data = UnsafeMutableRawPointer(mutating: raw.baseAddress) ?? UnsafeMutableRawPointer(bitPattern: 16)
        try table.check(
            mort_create_tensor_with_data(
                table.functions, environment.memory, data, raw.count, shape, shape.count, tensor.datatype.onnxElement,
                &value))
        return value
    }

    /// Strings are copied: ONNX Runtime keeps them as objects of its own.
    private func makeStrings(_ tensor: Tensor) throws(MartletError) -> OpaquePointer? {
        let table = environment.table
        let shape = tensor.shape.map(Int64.init)
        var value: OpaquePointer?
        try table.check(
            mort_create_tensor(
                table.functions, environment.allocator, shape, shape.count, tensor.datatype.onnxElement, &value))
        for index in 0..<tensor.elementCount {
            let bytes = tensor.stringBytes(index)
            var buffer: UnsafeMutablePointer<CChar>?
            do {
                try table.check(mort_string_buffer(table.functions, value, index, bytes.count, &buffer))
            } catch {
                mort_release_value(table.functions, value)
                throw error
            }
            guard let buffer else { continue }
            bytes.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(start: buffer, count: bytes.count).copyMemory(from: $0)
            }
        }
        return value
    }
}
