internal import Domain
internal import NIOCore
internal import Serving
internal import Wire

/// What each method answers.
struct GRPCCalls: Sendable {
    let inference: InferenceParts
    let descriptors: DescriptorIndex

    var plane: DataPlane { inference.plane }
    private var limiter: RequestLimiter { inference.limiter }

    /// The answer to a call of one message.
    ///
    /// - Throws: whatever ends the call with a status other than well.
    func answer(_ method: GRPCMethod, _ message: ByteBuffer, _ caller: GRPCCaller) async throws -> [UInt8] {
        switch method {
        case .modelInfer: return try await infer(message, caller, ModelInferResponse.encode)
        case .serverLive:
            try message.withUnsafeReadableBytes { try OpenInferenceMessages.decodeEmpty($0) }
            return OpenInferenceMessages.encode(isSo: true)
        case .serverReady:
            try message.withUnsafeReadableBytes { try OpenInferenceMessages.decodeEmpty($0) }
            return OpenInferenceMessages.encode(isSo: isReady)
        case .serverMetadata:
            try caller.require(.viewer, to: "read the server's metadata", model: nil)
            try message.withUnsafeReadableBytes { try OpenInferenceMessages.decodeEmpty($0) }
            return OpenInferenceMessages.encodeServerMetadata(version: MartletVersion.text)
        case .modelMetadata:
            let target = try target(message, caller, to: "read a model's metadata")
            return OpenInferenceMessages.encode(try plane.metadata(model: target.model, version: target.version))
        case .modelReady:
            let target = try target(message, caller, to: "ask whether a model is ready")
            return OpenInferenceMessages.encode(isSo: try isReady(target))
        case .modelStreamInfer: return try await infer(message, caller, ModelInferResponse.encodeStreamed)
        case .modelConfig:
            let target = try target(message, caller, to: "read a model's configuration")
            return OpenInferenceMessages.encodeConfiguration(
                try plane.metadata(model: target.model, version: target.version))
        case .repositoryIndex:
            try caller.require(.viewer, to: "list models", model: nil)
            let isReadyOnly = try message.withUnsafeReadableBytes {
                try OpenInferenceMessages.decodeRepositoryIndex($0)
            }
            let entries = try await inference.repository.index()
            return OpenInferenceMessages.encode(entries.filter { !isReadyOnly || $0.isReady })
        case .modelStatistics:
            let asked = try message.withUnsafeReadableBytes { try OpenInferenceMessages.decodeTarget($0) }
            // Without a name, of all models.
            let model = asked.model.isEmpty ? nil : asked.model
            try caller.require(.viewer, to: "read statistics", model: model)
            return OpenInferenceMessages.encode(try plane.statistics(model: model, version: asked.version))
        case .repositoryModelLoad:
            let asked = try message.withUnsafeReadableBytes { try OpenInferenceMessages.decodeRepositoryModel($0) }
            try caller.require(.operator, to: "load a model", model: asked.model)
            try await inference.repository.load(asked.model, asked.overrides)
            return []
        case .repositoryModelUnload:
            let asked = try message.withUnsafeReadableBytes { try OpenInferenceMessages.decodeRepositoryModel($0) }
            try caller.require(.operator, to: "unload a model", model: asked.model)
            try await inference.repository.unload(asked.model)
            return []
        case .healthCheck:
            let service = try message.withUnsafeReadableBytes { try HealthMessages.decode($0) }
            guard let status = health(of: service) else {
                throw MartletError.notFound("There is no service \(service.prefix(200)).")
            }
            return HealthMessages.encode(status)
        case .healthWatch:
            let service = try message.withUnsafeReadableBytes { try HealthMessages.decode($0) }
            return HealthMessages.encode(health(of: service) ?? .serviceUnknown)
        case .reflection, .reflectionAlpha:
            return try message.withUnsafeReadableBytes { try ReflectionMessages.answer($0, from: descriptors) }
        }
    }

    /// - Returns: nil for a service that is not there; the server itself has no name.
    func health(of service: String) -> HealthMessages.Status? {
        guard service.isEmpty || descriptors.services.contains(service) else { return nil }
        return isReady ? .serving : .notServing
    }

    var isReady: Bool { inference.isReady }

    /// Begins `ModelInfer`, and ends it where the model is known to run briefly: on the thread that has read the message.
    func begin(_ message: ByteBuffer, _ caller: GRPCCaller) throws -> DataPlane.Begun {
        try limiter.admit(caller.principal)
        let call = try message.withUnsafeReadableBytes { try ModelInferRequest.decode($0) }
        try caller.require(.viewer, to: "call inference", model: call.model)
        return try plane.begin(model: call.model, version: call.version, request: call.request)
    }

    private func infer(
        _ message: ByteBuffer, _ caller: GRPCCaller, _ encode: (InferenceResponse) -> [UInt8]
    ) async throws -> [UInt8] {
        switch try begin(message, caller) {
        case .answered(let response): return encode(response)
        case .waiting(let routed): return encode(try await plane.infer(routed))
        }
    }

    private func target(
        _ message: ByteBuffer, _ caller: GRPCCaller, to action: String
    ) throws -> OpenInferenceMessages.Target {
        let target = try message.withUnsafeReadableBytes { try OpenInferenceMessages.decodeTarget($0) }
        try caller.require(.viewer, to: action, model: target.model)
        return target
    }

    /// A version that is known and cannot be served is not ready; one that is not known is an error.
    private func isReady(_ target: OpenInferenceMessages.Target) throws -> Bool {
        do {
            _ = try plane.metadata(model: target.model, version: target.version)
            return true
        } catch {
            guard error.code == .unavailable else { throw error }
            return false
        }
    }
}
