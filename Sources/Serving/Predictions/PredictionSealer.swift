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
    static let prefix: StaticString = "p1."
    static let sealBytes = 16
    /// Six integers of at most ten bytes, eight bytes, the seal: nothing longer is one of ours.
    static let bytesMax = 6 * 10 + 8 + sealBytes

    private let code: KeyedCode
    private let next: Atomic<UInt64>

    /// - Parameter key: 32 random bytes.
    public init(key: [UInt8]) {
        code = KeyedCode(key: key)
        next = Atomic(UInt64.random(in: .min ... .max))
    }

    public func seal(_ origin: PredictionOrigin) -> PredictionID {
        withUnsafeTemporaryAllocation(byteCount: Self.bytesMax, alignment: 1) { bytes in
            var count = 0
            for field in Self.fields(origin) { Self.append(UInt64(bitPattern: field), to: bytes, &count) }
            let unique = next.wrappingAdd(1, ordering: .relaxed).newValue
            bytes.storeBytes(of: unique.littleEndian, toByteOffset: count, as: UInt64.self)
            count += MemoryLayout<UInt64>.size
            let seal = code.code(of: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            seal.withUnsafeBytes { seal in
                UnsafeMutableRawBufferPointer(rebasing: bytes[count...]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: seal[..<Self.sealBytes]))
            }
            count += Self.sealBytes
            return PredictionID(
                rawValue: Self.base64URL(UnsafeRawBufferPointer(rebasing: bytes[..<count]), after: Self.prefix))
        }
    }

    public func open(_ id: PredictionID) throws(MartletError) -> PredictionOrigin {
        guard id.rawValue.hasPrefix("\(Self.prefix)"), id.rawValue.utf8.count <= 2 * Self.bytesMax,
            let bytes = Self.bytes(base64URL: id.rawValue.dropFirst(Self.prefix.utf8CodeUnitCount)),
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
        let expected = bytes.withUnsafeBytes { bytes in
            code.code(of: UnsafeRawBufferPointer(rebasing: bytes.dropLast(Self.sealBytes)))
        }
        return zip(expected, bytes.suffix(Self.sealBytes)).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private static func fields(_ origin: PredictionOrigin) -> [Int64] {
        [
            origin.endpointID, Int64(origin.version), Int64(origin.policyVersion), origin.rolloutID,
            Int64(origin.rolloutStep), origin.time.milliseconds,
        ]
    }

    /// LEB128: seven bits a byte, the lowest first.
    private static func append(_ value: UInt64, to bytes: UnsafeMutableRawBufferPointer, _ count: inout Int) {
        var value = value
        while value >= 0x80 {
            bytes[count] = UInt8(truncatingIfNeeded: value) | 0x80
            count += 1
            value >>= 7
        }
        bytes[count] = UInt8(value)
        count += 1
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
    private static func base64URL(_ bytes: UnsafeRawBufferPointer, after prefix: StaticString = "") -> String {
        let start = prefix.utf8CodeUnitCount
        let count = (bytes.count * 4 + 2) / 3
        return String(unsafeUninitializedCapacity: start + count) { text in
            prefix.withUTF8Buffer { prefix in for (place, byte) in prefix.enumerated() { text[place] = byte } }
            for place in 0..<count {
                // The six bits that begin at bit 6 × place, of two bytes of which the second may be past the end.
                let (byte, bit) = ((place * 6) >> 3, (place * 6) & 7)
                let pair = UInt16(bytes[byte]) << 8 | (byte + 1 < bytes.count ? UInt16(bytes[byte + 1]) : 0)
                text[start + place] = digits[Int(pair >> (10 - UInt16(bit))) & 63]
            }
            return start + count
        }
    }

    private static func bytes(base64URL text: Substring) -> [UInt8]? {
        guard text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "=") })
        else { return nil }
        var plain = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        while plain.utf8.count % 4 != 0 { plain += "=" }
        guard let data = Data(base64Encoded: plain) else { return nil }
        let bytes = Array(data)
        return bytes.withUnsafeBytes { base64URL($0) } == String(text) ? bytes : nil
    }
}

/// HMAC-SHA256 (RFC 2104) with the key's two blocks taken in once, since that is half of the work on so short a text.
private struct KeyedCode: Sendable {
    private static let blockBytes = 64
    private let inner: SHA256
    private let outer: SHA256

    /// - Parameter key: no longer than a block.
    init(key: [UInt8]) {
        precondition(key.count <= Self.blockBytes, "A longer key would have to be hashed first.")
        let block = key + [UInt8](repeating: 0, count: Self.blockBytes - key.count)
        inner = Self.hash(block.map { $0 ^ 0x36 })
        outer = Self.hash(block.map { $0 ^ 0x5C })
    }

    private static func hash(_ block: [UInt8]) -> SHA256 {
        var hash = SHA256()
        hash.update(data: block)
        return hash
    }

    func code(of bytes: UnsafeRawBufferPointer) -> SHA256.Digest {
        var first = inner
        first.update(bufferPointer: bytes)
        var second = outer
        first.finalize().withUnsafeBytes { second.update(bufferPointer: $0) }
        return second.finalize()
    }
}
