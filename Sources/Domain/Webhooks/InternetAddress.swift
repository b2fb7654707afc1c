/// An IPv4 or IPv6 address, and who can be behind it: what decides whether the server may call it on somebody's behalf.
public struct InternetAddress: Sendable, Hashable {
    public enum Reach: Sendable, Hashable {
        /// Anybody's.
        case `public`
        /// This machine, or the networks of one organisation.
        case `private`
        /// Nobody's to be called: link-local, where clouds keep the credentials of machines, multicast, unspecified.
        case forbidden
    }

    /// 4 or 16 of them.
    public let bytes: [UInt8]

    /// - Returns: nil for another number of bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// Addresses that carry an IPv4 address are judged by it: mapped (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056).
    public var reach: Reach {
        if bytes.count == 4 { return Self.reach(v4: bytes) }
        if let embedded { return Self.reach(v4: embedded) }
        if bytes.dropLast().allSatisfy({ $0 == 0 }) { return bytes[15] == 1 ? .private : .forbidden }
        switch (bytes[0], bytes[1]) {
        case (0xFF, _): return .forbidden
        case (0xFE, 0x80...0xBF): return .forbidden
        // fec0::/10, once site-local.
        case (0xFE, 0xC0...): return .private
        case (0xFC...0xFD, _):
            // fd00:ec2::254, where one cloud keeps what is to be kept.
            return Array(bytes.prefix(4)) == [0xFD, 0x00, 0x0E, 0xC2] ? .forbidden : .private
        default: return .public
        }
    }

    private var embedded: [UInt8]? {
        let mapped = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        let nat64: [UInt8] = [0x00, 0x64, 0xFF, 0x9B] + [UInt8](repeating: 0, count: 8)
        if Array(bytes.prefix(12)) == mapped || Array(bytes.prefix(12)) == nat64 { return Array(bytes.suffix(4)) }
        if bytes[0] == 0x20, bytes[1] == 0x02 { return Array(bytes[2..<6]) }
        return nil
    }

    private static func reach(v4 bytes: [UInt8]) -> Reach {
        switch (bytes[0], bytes[1]) {
        case (0, _), (169, 254), (224..., _): return .forbidden
        // 100.100.100.200 is another cloud's link-local service within the shared space of RFC 6598.
        case (100, 64...127): return bytes == [100, 100, 100, 200] ? .forbidden : .private
        case (10, _), (127, _), (172, 16...31), (192, 168), (198, 18...19): return .private
        // Protocol assignments and documentation.
        case (192, 0): return bytes[2] == 0 || bytes[2] == 2 ? .forbidden : .public
        default: return .public
        }
    }
}
