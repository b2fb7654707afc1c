internal import Domain
internal import Logging
internal import NIOCore
internal import NIOHTTP2
internal import NIOPosix
internal import NIOSSL
internal import ServiceLifecycle
internal import Synchronization

/// Listens for gRPC on a port of its own. It is bound before the HTTP server starts, so that a port that is taken stops the start.
final class GRPCServer: Service {
    private let channel: any Channel
    private let connections: GRPCConnectionTable
    private let logger: Logger

    /// The port that is listened on.
    var port: Int { channel.localAddress?.port ?? 0 }

    private init(channel: any Channel, connections: GRPCConnectionTable, logger: Logger) {
        self.channel = channel
        self.connections = connections
        self.logger = logger
    }

    /// - Parameters:
    ///   - certificates: nil serves HTTP/2 in the clear.
    ///   - connectionsMax: further ones are closed at once.
    /// - Throws: what binding the port throws.
    static func bind(
        host: String, port: Int, certificates: TLSCertificates?, connectionsMax: Int, service: GRPCService
    ) async throws -> GRPCServer {
        let connections = GRPCConnectionTable(most: connectionsMax)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                guard connections.add(channel) else { return channel.close() }
                return channel.eventLoop.makeCompletedFuture {
                    try addHandlers(to: channel, certificates, service: service)
                }
            }
            .bind(host: host, port: port).get()
        return GRPCServer(channel: channel, connections: connections, logger: service.logger)
    }

    private static func addHandlers(
        to channel: any Channel, _ certificates: TLSCertificates?, service: GRPCService
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        if let certificates { try pipeline.addHandler(NIOSSLServerHandler(context: certificates.current.grpc)) }
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: GRPCLimits.streamsMax),
            HTTP2Setting(parameter: .initialWindowSize, value: GRPCLimits.streamWindowBytes),
            HTTP2Setting(parameter: .maxFrameSize, value: GRPCLimits.frameBytesMax),
            HTTP2Setting(parameter: .maxHeaderListSize, value: Bootstrap.headBytesMax),
        ]
        // gRPC's messages tell their own length.
        connection.contentLengthValidation = .disabled
        // What still comes of calls that were refused before their end is no fault of the client.
        connection.maximumRecentlyResetStreams = GRPCLimits.streamsMax
        connection.controlFrameRateLimit.maximumCount = GRPCLimits.controlFramesMax
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.streamResetFrameRateLimit.maximumCount = GRPCLimits.resetsMax
        try pipeline.addHandler(
            NIOHTTP2Handler(mode: .server, connectionConfiguration: connection, streamConfiguration: stream))
        try pipeline.addHandler(
            GRPCConnection(service: service, eventLoop: channel.eventLoop, peer: channel.remoteAddress?.ipAddress))
    }

    /// Serves until the server stops; then answers what has been asked, and closes.
    func run() async throws {
        try? await gracefulShutdown()
        do { try await channel.close() } catch {
            logger.debug("the port of gRPC was closed already", metadata: ["error": "\(error)"])
        }
        await connections.drain()
    }
}

/// The open connections of gRPC.
final class GRPCConnectionTable: Sendable {
    private struct State {
        var open: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
        var whenEmpty: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())
    private let most: Int

    init(most: Int) {
        self.most = most
    }

    /// - Returns: false if there is no room for it.
    func add(_ channel: any Channel) -> Bool {
        let id = ObjectIdentifier(channel)
        let isAdded = state.withLock { state in
            guard state.open.count < most, !state.isDraining else { return false }
            state.open[id] = channel
            return true
        }
        if isAdded { channel.closeFuture.whenComplete { _ in self.remove(id) } }
        return isAdded
    }

    private func remove(_ id: ObjectIdentifier) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.open[id] = nil
            guard state.open.isEmpty else { return nil }
            defer { state.whenEmpty = nil }
            return state.whenEmpty
        }
        waiter?.resume()
    }

    /// Has every connection end its calls, and waits until all are closed; when the wait is cancelled, closes them.
    func drain() async {
        let open = state.withLock { state in
            state.isDraining = true
            return Array(state.open.values)
        }
        for channel in open { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isEmpty = state.withLock { state in
                    if !state.open.isEmpty { state.whenEmpty = continuation }
                    return state.open.isEmpty
                }
                if isEmpty { continuation.resume() }
            }
        } onCancel: {
            for channel in state.withLock({ Array($0.open.values) }) { channel.close(promise: nil) }
        }
    }
}
