internal import CAssets
internal import Domain
internal import NIOCore
internal import Wire

extension Bootstrap {
    /// Listens for gRPC where this process answers predictions; nil if it is turned off.
    ///
    /// - Throws: `unavailable` or `permissionDenied`, naming the setting, if the port cannot be had.
    func makeGRPCServer(
        _ inference: InferenceParts, knowing: FrontDoor.Knowing, _ certificates: TLSCertificates?
    ) async throws -> GRPCServer? {
        guard let port = configuration.grpcPort, configuration.role.isInference else { return nil }
        let service = GRPCService(
            calls: GRPCCalls(inference: inference, descriptors: try Self.grpcDescriptors()),
            door: GRPCDoor(knowing: knowing, isBehindProxy: configuration.isBehindProxy),
            budget: inference.bodyBudget, idle: .seconds(Int64(configuration.idleSeconds)), logger: logger)
        do {
            return try await GRPCServer.bind(
                host: configuration.host, port: port, certificates: certificates,
                connectionsMax: configuration.connectionsMax,
                service: service)
        } catch {
            throw StartFailure.listening(error, host: configuration.host, port: port, setting: "grpc-port")
        }
    }

    private static func grpcDescriptors() throws -> DescriptorIndex {
        let file = martlet_asset_grpc_descriptors()
        return try DescriptorIndex(UnsafeRawBufferPointer(start: file.bytes, count: file.count))
    }

    /// nil serves in the clear.
    func makeCertificates() throws -> TLSCertificates? {
        guard let certificate = configuration.tlsCertificate, let key = configuration.tlsKey else { return nil }
        return try TLSCertificates(
            certificate: certificate, key: key, clientAuthority: configuration.tlsClientAuthority, logger: logger)
    }
}
