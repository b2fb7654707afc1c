internal import Foundation
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#endif

/// A TCP relay on loopback to a Unix socket, which can cut its connections at a chosen moment.
public final class CuttingProxy: Sendable {
    /// When connections are cut.
    public enum Cut: Sendable, Equatable {
        case never
        /// Before the bytes from the client that hold this text are passed on.
        case before(String)
        /// After they were passed on; the answer is lost.
        case after(String)
    }

    private struct State {
        var cut = Cut.never
        var sockets: Set<Int32> = []
        var isClosed = false
    }

    public let port: Int
    private let listener: Int32
    private let target: String
    private let state = Mutex(State())

    /// - Throws: if no socket can be made.
    public init(to target: String) throws {
        self.target = target
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
        }
        guard bound == 0, listen(listener, 64) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
        var length = size
        _ = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        let thread = Thread { [weak self] in
            while true {
                guard let listener = self?.listener else { return }
                let client = accept(listener, nil, nil)
                guard client >= 0, let self else { return }
                self.serve(client)
            }
        }
        thread.start()
    }

    deinit { close() }

    public func set(_ cut: Cut) { state.withLock { $0.cut = cut } }

    /// Cuts all connections now.
    public func cutNow() {
        for socket in state.withLock({ $0.sockets }) { shutdown(socket, Int32(SHUT_RDWR)) }
    }

    /// Refuses connections from now on, and cuts those there are.
    public func close() {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
        cutNow()
    }

    private func serve(_ client: Int32) {
        let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(target.utf8) + [0]) }
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else {
            Glibc.close(client)
            Glibc.close(server)
            return
        }
        state.withLock { $0.sockets.formUnion([client, server]) }
        let box = Ends(client: client, server: server)
        Thread { [self] in
            relay(from: client, to: server, watching: true)
            box.finish { forget($0) }
        }.start()
        Thread { [self] in
            relay(from: server, to: client, watching: false)
            box.finish { forget($0) }
        }.start()
    }

    private func forget(_ sockets: [Int32]) {
        state.withLock { $0.sockets.subtract(sockets) }
        for socket in sockets { Glibc.close(socket) }
    }

    private func relay(from source: Int32, to target: Int32, watching: Bool) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        loop: while true {
            let count = recv(source, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            let bytes = buffer[..<count]
            let cut = watching ? state.withLock { $0.cut } : .never
            switch cut {
            case .before(let text) where Self.holds(bytes, text): break loop
            case .after(let text) where Self.holds(bytes, text):
                Self.sendAll(bytes, to: target)
                break loop
            default:
                guard Self.sendAll(bytes, to: target) else { break loop }
            }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    private static func holds(_ bytes: ArraySlice<UInt8>, _ text: String) -> Bool {
        Data(bytes).range(of: Data(text.utf8)) != nil
    }

    @discardableResult
    private static func sendAll(_ bytes: ArraySlice<UInt8>, to target: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Closes both sockets when both directions have ended.
    private final class Ends: Sendable {
        private let sockets: [Int32]
        private let count = Mutex(0)

        init(client: Int32, server: Int32) { sockets = [client, server] }

        func finish(_ close: ([Int32]) -> Void) {
            let isLast = count.withLock { count in
                count += 1
                return count == 2
            }
            if isLast { close(sockets) }
        }
    }
}
