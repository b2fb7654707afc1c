internal import COpenVino
internal import Domain
internal import Synchronization

/// A model compiled by OpenVINO.
final class OpenVinoModel: ExecutableModel {
    /// Requests that wait for their next run; more are made anew.
    static let idleMax = 16

    let metadata: ModelMetadata
    let isWorkBoundByShapes: Bool
    private let library: OpenVinoLibrary
    // Sendable by the library's contract: a compiled model may make requests on all threads.
    nonisolated(unsafe) private let model: OpaquePointer
    private let idle = Mutex<[OpenVinoRequest]>([])

    init(library: OpenVinoLibrary, path: String, threads: Int) throws(MartletError) {
        var loaded: OpaquePointer?
        try library.check(mov_load(library.pointer, path, "\(threads)", &loaded), .failedPrecondition)
        guard let loaded else { throw MartletError(.internal, "OpenVINO gave no model.") }
        do throws(MartletError) {
            metadata = ModelMetadata(
                inputs: try Self.ports(of: loaded, library, isOutput: false),
                outputs: try Self.ports(of: loaded, library, isOutput: true), custom: [:])
            let places = OnnxGraph.places(path: path)
            let outputs = metadata.outputs.filter { $0.datatype != .int64 || !places.contains($0.name) }
            // Its processor plugin computes them in half of their width, and says nothing where a number does not fit.
            let wide: Set<Datatype> = [.int64, .uint64, .fp64]
            if let spec = (metadata.inputs + outputs).first(where: { wide.contains($0.datatype) }) {
                throw MartletError.precondition(
                    "OpenVINO does not compute \(spec.datatype.rawValue), which \"\(spec.name)\" is, in its full width."
                )
            }
        } catch {
            mov_release_model(loaded)
            throw error
        }
        model = loaded
        self.library = library
        isWorkBoundByShapes = OnnxGraph.isWorkBoundByShapes(path: path)
    }

    deinit {
        idle.withLock { $0.removeAll() }
        mov_release_model(model)
    }

    private static func ports(
        of model: OpaquePointer, _ library: OpenVinoLibrary, isOutput: Bool
    ) throws(MartletError) -> [TensorSpec] {
        var count = 0
        try library.check(mov_port_count(model, isOutput, &count), .failedPrecondition)
        var specs: [TensorSpec] = []
        for index in 0..<count {
            var port = MovPort()
            try library.check(mov_port(model, isOutput, index, &port), .failedPrecondition)
            defer { mov_free_text(library.pointer, port.name) }
            guard let datatype = Datatype(openVinoElement: port.element) else {
                throw MartletError.precondition("OpenVINO's element type \(port.element) cannot be served.")
            }
            specs.append(
                TensorSpec(
                    name: String(cString: port.name), datatype: datatype, shape: shape(port.dimensions, port.rank)))
        }
        return specs
    }

    func run(_ inputs: [Tensor], outputs: [Int], stop: RunStop) throws(MartletError) -> [Tensor] {
        precondition(inputs.count == metadata.inputs.count, "The caller gives one tensor an input.")
        let request = try takeRequest()
        try bind(inputs, from: 0, to: request) { () throws(MartletError) in try compute(request, stop) }
        var tensors: [Tensor] = []
        for place in outputs { tensors.append(try output(place, of: request)) }
        // One whose run failed is not used again.
        idle.withLock { if $0.count < Self.idleMax { $0.append(request) } }
        return tensors
    }

    private func takeRequest() throws(MartletError) -> OpenVinoRequest {
        if let request = idle.withLock({ $0.popLast() }) { return request }
        return try OpenVinoRequest(model, library)
    }

    /// On a thread of the library's where the run may be stopped: on the caller's own it could not be.
    private func compute(_ request: OpenVinoRequest, _ stop: RunStop) throws(MartletError) {
        guard stop.isUsable else { return try library.check(mov_infer(request.pointer), .invalidArgument) }
        guard !stop.isStopped else { throw Self.stopped }
        try stop.during(tell: { mov_cancel(request.pointer) }) { () throws(MartletError) in
            try library.check(mov_start(request.pointer), .invalidArgument)
            // Told before there was a run, the library has not listened.
            if stop.isStopped { mov_cancel(request.pointer) }
            let status = mov_wait(request.pointer)
            // The library has no status of its own for what was cancelled.
            guard status == 0 || !stop.isStopped else { throw Self.stopped }
            try library.check(status, .invalidArgument)
        }
    }

    private static let stopped = MartletError(.deadlineExceeded, "The run was stopped before it was over.")

    /// Gives the tensors' own memory, one inside the other, so that every pointer is good until `body` returns.
    private func bind(
        _ inputs: [Tensor], from index: Int, to request: OpenVinoRequest, _ body: () throws(MartletError) -> Void
    ) throws(MartletError) {
        guard index < inputs.count else { return try body() }
        let tensor = inputs[index]
        let shape = tensor.shape.map(Int64.init)
        let result = tensor.bytes.withUnsafeBytes { raw in
            Result { () throws(MartletError) in
                // An empty array has no memory to give.
                let data = raw.baseAddress ?? UnsafeRawPointer(bitPattern: 16)
                try library.check(
                    mov_set_input(
                        request.pointer, index, tensor.datatype.openVinoElement, shape, shape.count, data),
                    .invalidArgument)
                try bind(inputs, from: index + 1, to: request, body)
            }
        }
        try result.get()
    }

    /// Shapes are those of the answer, never the model's declaration.
    private func output(_ index: Int, of request: OpenVinoRequest) throws(MartletError) -> Tensor {
        var output = MovOutput()
        try library.check(mov_output(request.pointer, index, &output))
        guard let datatype = Datatype(openVinoElement: output.element) else {
            throw MartletError(.internal, "OpenVINO answered the element type \(output.element).")
        }
        let bytes = [UInt8](UnsafeRawBufferPointer(start: output.data, count: output.data == nil ? 0 : output.bytes))
        return try Tensor(datatype: datatype, shape: Self.shape(output.dimensions, output.rank), bytes: bytes)
    }

    /// The first `rank` of a C array.
    private static func shape<Dimensions>(_ dimensions: Dimensions, _ rank: Int) -> [Int] {
        withUnsafeBytes(of: dimensions) { $0.bindMemory(to: Int64.self).prefix(rank).map { Int($0) } }
    }
}

/// What one thread runs a model with at a time.
final class OpenVinoRequest: Sendable {
    // Sendable: one thread has it at a time, and only cancelling, which the library allows, comes from others.
    nonisolated(unsafe) let pointer: OpaquePointer

    init(_ model: OpaquePointer, _ library: OpenVinoLibrary) throws(MartletError) {
        var made: OpaquePointer?
        try library.check(mov_create_request(model, &made))
        guard let made else { throw MartletError(.internal, "OpenVINO gave no request.") }
        pointer = made
    }

    deinit { mov_release_request(pointer) }
}

extension Datatype {
    private static let openVinoElements: [(Datatype, Int32)] = [
        (.bool, MOV_BOOLEAN), (.bf16, MOV_BF16), (.fp16, MOV_F16), (.fp32, MOV_F32), (.fp64, MOV_F64), (.int8, MOV_I8),
        (.int16, MOV_I16), (.int32, MOV_I32), (.int64, MOV_I64), (.uint8, MOV_U8), (.uint16, MOV_U16),
        (.uint32, MOV_U32), (.uint64, MOV_U64),
    ].map { ($0, Int32($1.rawValue)) }

    /// nil for strings and types that the protocol does not have.
    init?(openVinoElement element: Int32) {
        guard let found = Self.openVinoElements.first(where: { $0.1 == element }) else { return nil }
        self = found.0
    }

    /// 0, which no tensor can have, for strings: no model that takes them is loaded.
    var openVinoElement: Int32 { Self.openVinoElements.first { $0.0 == self }?.1 ?? 0 }
}
