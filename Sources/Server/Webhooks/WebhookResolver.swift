internal import Domain
internal import Foundation
internal import NIOPosix

/// Finds the address to call, and refuses those that nobody may have the server call.
struct WebhookResolver: Sendable {
    /// Whether this machine and private networks may be called.
    let reachesPrivate: Bool

    /// The address of a host as text. What was looked at is what is called: the name is not looked up again.
    ///
    /// - Throws: `permissionDenied` if any of the host's addresses is one not to be called, `unavailable` if it has none.
    func address(of host: String) async throws -> String {
        let addresses = try await Self.resolve(host)
        guard let first = addresses.first else {
            throw MartletError(.unavailable, "Cannot resolve the webhook's hostname '\(host)'.")
        }
        for (address, text) in addresses {
            switch address.reach {
            case .public: continue
            case .private where reachesPrivate: continue
            case .private:
                throw MartletError(
                    .permissionDenied,
                    "The webhook's address must not be this machine's or a private network's: '\(host)' is \(text). Allow it with --webhook-private-addresses."
                )
            case .forbidden:
                throw MartletError(
                    .permissionDenied, "Nothing may be sent to the webhook's address: '\(host)' is \(text).")
            }
        }
        return first.text
    }

    private static func resolve(_ host: String) async throws -> [(address: InternetAddress, text: String)] {
        // The system's resolver blocks, so it has a thread of its own.
        try await NIOThreadPool.singleton.runIfActive { addresses(of: host) }
    }

    private static func addresses(of host: String) -> [(address: InternetAddress, text: String)] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [(address: InternetAddress, text: String)] = []
        var next = list
        while let info = next?.pointee {
            if let bytes = bytes(of: info), let address = InternetAddress(bytes: bytes) {
                found.append((address, text(of: bytes)))
            }
            next = info.ai_next
        }
        return found
    }

    private static func bytes(of info: addrinfo) -> [UInt8]? {
        guard let pointer = info.ai_addr else { return nil }
        switch info.ai_family {
        case AF_INET:
            return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { address in
                withUnsafeBytes(of: address.pointee.sin_addr) { Array($0) }
            }
        case AF_INET6:
            return pointer.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                withUnsafeBytes(of: address.pointee.sin6_addr) { Array($0) }
            }
        default: return nil
        }
    }

    private static func text(of bytes: [UInt8]) -> String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        return stride(from: 0, to: 16, by: 2).map {
            String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16)
        }.joined(separator: ":")
    }
}
