internal import CAssets
internal import Domain
internal import NIOCore
internal import NIOSSL
internal import Wire

extension Bootstrap {
    /// Listens for gRPC where this process answers predictions; nil if it is turned off.
    ///
    /// - Throws: `unavailable` or `permissionDenied`, naming the setting, if the port cannot be had.
    func makeGRPCServer(_ inference: InferenceParts, knowing: FrontDoor.Knowing) async throws -> GRPCServer? {
        guard let port = configuration.grpcPort, configuration.role.isInference else { return nil }
        let service = GRPCService(
            calls: GRPCCalls(inference: inference, descriptors: try Self.grpcDescriptors()),
            door: GRPCDoor(knowing: knowing, isBehindProxy: configuration.isBehindProxy),
            budget: inference.bodyBudget, idle: .seconds(Int64(configuration.idleSeconds)), logger: logger)
        var tls: NIOSSLContext?
        if var settings = try makeTLS() {
            settings.applicationProtocols = ["h2"]
            tls = try Self.checkingKey(configuration) { try NIOSSLContext(configuration: settings) }
        }
        do {
            return try await GRPCServer.bind(
                host: configuration.host, port: port, tls: tls, connectionsMax: configuration.connectionsMax,
                service: service)
        } catch {
            throw StartFailure.listening(error, host: configuration.host, port: port, setting: "grpc-port")
        }
    }

    private static func grpcDescriptors() throws -> DescriptorIndex {
        let file = martlet_asset_grpc_descriptors()
        return try DescriptorIndex(UnsafeRawBufferPointer(start: file.bytes, count: file.count))
    }

    /// The certificate and its key; nil serves in the clear.
    func makeTLS() throws -> TLSConfiguration? {
        guard let certificate = configuration.tlsCertificate, let key = configuration.tlsKey else { return nil }
        let chain = try StartFailure.naming("tls-certificate", certificate, "PEM certificates") {
            try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
        }
        let privateKey = try StartFailure.naming("tls-key", key, "a PEM private key") {
            try NIOSSLPrivateKey(file: key, format: .pem)
        }
        return TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(privateKey))
    }

    /// Says what it means that certificate and key make no context.
    static func checkingKey<Value>(_ configuration: ServerConfiguration, _ make: () throws -> Value) throws -> Value {
        do { return try make() } catch {
            throw MartletError(
                .invalidArgument,
                "TLS cannot be set up: does the key \(configuration.tlsKey ?? "") belong to the certificate \(configuration.tlsCertificate ?? "")?",
                field: "tls-key", cause: error)
        }
    }
}
