/// The calls that are answered by gRPC.
enum GRPCMethod: String, Sendable, CaseIterable {
    // The Open Inference Protocol v2.
    case serverLive = "/inference.GRPCInferenceService/ServerLive"
    case serverReady = "/inference.GRPCInferenceService/ServerReady"
    case modelReady = "/inference.GRPCInferenceService/ModelReady"
    case serverMetadata = "/inference.GRPCInferenceService/ServerMetadata"
    case modelMetadata = "/inference.GRPCInferenceService/ModelMetadata"
    case modelInfer = "/inference.GRPCInferenceService/ModelInfer"

    // Triton's extensions of it.
    case modelStreamInfer = "/inference.GRPCInferenceService/ModelStreamInfer"
    case modelConfig = "/inference.GRPCInferenceService/ModelConfig"
    case repositoryIndex = "/inference.GRPCInferenceService/RepositoryIndex"
    case modelStatistics = "/inference.GRPCInferenceService/ModelStatistics"
    case repositoryModelLoad = "/inference.GRPCInferenceService/RepositoryModelLoad"
    case repositoryModelUnload = "/inference.GRPCInferenceService/RepositoryModelUnload"

    // gRPC's own services.
    case healthCheck = "/grpc.health.v1.Health/Check"
    case healthWatch = "/grpc.health.v1.Health/Watch"
    case reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
    case reflectionAlpha = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"

    /// Whether a client may send any number of messages, each of which has an answer.
    var isClientStreaming: Bool {
        switch self {
        case .modelStreamInfer, .reflection, .reflectionAlpha: true
        default: false
        }
    }

    /// Whether a call may go on for as long as its client likes, with nothing to say.
    var isEndless: Bool { isClientStreaming || self == .healthWatch }

    /// Whether it needs no key: health, for load balancers, as over HTTP, and what is the same for every server.
    var isOpen: Bool {
        switch self {
        case .serverLive, .serverReady, .healthCheck, .healthWatch, .reflection, .reflectionAlpha: true
        default: false
        }
    }

    var messageBytesMax: Int { isOpen ? GRPCLimits.openMessageBytesMax : GRPCLimits.messageBytesMax }

    private static let byPath = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    init?(path: String) {
        // Nearly all calls are these.
        if path == Self.modelInfer.rawValue {
            self = .modelInfer
            return
        }
        guard let method = Self.byPath[path] else { return nil }
        self = method
    }
}
