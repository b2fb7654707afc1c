internal import Crypto
public import Domain
internal import FoundationEssentials
internal import Synchronization

/// Makes and reads prediction ids: what they say, sealed with HMAC-SHA256 truncated to 16 bytes (RFC 2104, section 5).
///
/// An id is `p1.` and the base64url of: six variable-length integers (endpoint, version, policy version, rollout, step, time in
/// milliseconds), eight bytes that make it unique (a random start for each process, counted up), and the seal over all of these.
public final class PredictionSealer: PredictionIDSealing {
    /// Says which form follows, so that it can change.
    static let prefix = "p1."
    static let sealBytes = 16
    /// Six integers of at most ten bytes, eight bytes, the seal: nothing longer is one of ours.
    static let bytesMax = 6 * 10 + 8 + sealBytes

    private let key: SymmetricKey
    private let next: Atomic<UInt64>

    /// - Parameter key: 32 random bytes.
    public init(key: [UInt8]) {
        self.key = SymmetricKey(data: key)
        next = Atomic(UInt64.random(in: .min ... .max))
    }

    public func seal(_ origin: PredictionOrigin) -> PredictionID {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(48)
        for field in Self.fields(origin) { Self.append(UInt64(bitPattern: field), to: &bytes) }
        let unique = next.wrappingAdd(1, ordering: .relaxed).newValue
        withUnsafeBytes(of: unique.littleEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: HMAC<SHA256>.authenticationCode(for: bytes, using: key).prefix(Self.sealBytes))
        return PredictionID(rawValue: Self.prefix + Self.base64URL(bytes))
    }

    public func open(_ id: PredictionID) throws(MartletError) -> PredictionOrigin {
        guard id.rawValue.hasPrefix(Self.prefix), id.rawValue.utf8.count <= 2 * Self.bytesMax,
            let bytes = Self.bytes(base64URL: id.rawValue.dropFirst(Self.prefix.count)),
            bytes.count > Self.sealBytes + 8,
            isSealed(bytes)
        else { throw Self.foreign }
        var rest = bytes.dropLast(Self.sealBytes + 8)
        var fields: [Int64] = []
        for _ in 0..<6 {
            guard let field = Self.takeInteger(&rest) else { throw Self.foreign }
            fields.append(Int64(bitPattern: field))
        }
        guard rest.isEmpty else { throw Self.foreign }
        return PredictionOrigin(
            endpointID: fields[0], version: Int(fields[1]), policyVersion: Int(fields[2]), rolloutID: fields[3],
            rolloutStep: Int(fields[4]), time: Timestamp(milliseconds: fields[5]))
    }

    private static let foreign = MartletError.invalid(
        "This is not a prediction id of this server.", field: "prediction_id")

    /// Compares all bytes, whatever the first difference, so that time tells nothing.
    private func isSealed(_ bytes: [UInt8]) -> Bool {
        let body = Array(bytes.dropLast(Self.sealBytes))
        let expected = HMAC<SHA256>.authenticationCode(for: body, using: key).prefix(Self.sealBytes)
        return zip(expected, bytes.suffix(Self.sealBytes)).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func fields(_ origin: PredictionOrigin) -> [Int64] {
        [
            origin.endpointID, Int64(origin.version), Int64(origin.policyVersion), origin.rolloutID,
            Int64(origin.rolloutStep), origin.time.milliseconds,
        ]
    }

    /// LEB128: seven bits a byte, the lowest first.
    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    private static func takeInteger(_ bytes: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = bytes.popFirst() else { return nil }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }

    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// RFC 4648 section 5, without padding. Written out, since every prediction needs it.
    private static func base64URL(_ bytes: [UInt8]) -> String {
        let count = (bytes.count * 4 + 2) / 3
        return String(unsafeUninitializedCapacity: count) { text in
            for place in 0..<count {
                // The six bits that begin at bit 6 × place, of two bytes of which the second may be past the end.
                let (byte, bit) = (place * 6 / 8, place * 6 % 8)
                let pair = UInt16(bytes[byte]) << 8 | (byte + 1 < bytes.count ? UInt16(bytes[byte + 1]) : 0)
                text[place] = digits[Int(pair >> (10 - UInt16(bit))) & 63]
            }
            return count
        }
    }

    private static func bytes(base64URL text: Substring) -> [UInt8]? {
        guard text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=") })
        else { return nil }
        var plain = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        while plain.utf8.count % 4 != 0 { plain += "=" }
        guard let data = Data(base64Encoded: plain), base64URL(Array(data)) == String(text) else { return nil }
        return Array(data)
    }
}
