public import Domain

/// The exact binary form in which the prediction log keeps tensors.
///
/// Version byte 1; then for each tensor: name, datatype (both as length and UTF-8), rank, dimensions, the length of the bytes, the
/// number of offsets, offsets, bytes. All numbers are 64-bit little-endian.
public enum TensorRecord {
    static let version: UInt8 = 1

    public static func encode(_ tensors: [NamedTensor]) -> [UInt8] {
        var bytes: [UInt8] = [version]
        append(tensors.count, to: &bytes)
        for named in tensors {
            append(text: named.name, to: &bytes)
            append(text: named.tensor.datatype.rawValue, to: &bytes)
            append(named.tensor.shape.count, to: &bytes)
            for dimension in named.tensor.shape { append(dimension, to: &bytes) }
            append(named.tensor.bytes.count, to: &bytes)
            append(named.tensor.offsets.count, to: &bytes)
            for offset in named.tensor.offsets { append(offset, to: &bytes) }
            bytes.append(contentsOf: named.tensor.bytes)
        }
        return bytes
    }

    /// - Throws: `internal` if the bytes are no such record.
    public static func decode(_ bytes: [UInt8]) throws(MartletError) -> [NamedTensor] {
        var rest = bytes[...]
        guard rest.popFirst() == version else { throw broken }
        return try (0..<takeCount(&rest)).map { _ throws(MartletError) in try takeTensor(&rest) }
    }

    private static let broken = MartletError(.internal, "The recorded tensors cannot be read.")

    private static func takeTensor(_ rest: inout ArraySlice<UInt8>) throws(MartletError) -> NamedTensor {
        let name = try takeText(&rest)
        guard let datatype = Datatype(rawValue: try takeText(&rest)) else { throw broken }
        let rank = try takeCount(&rest)
        var shape: [Int] = []
        for _ in 0..<rank { shape.append(try take(&rest)) }
        let count = try takeCount(&rest)
        let offsetCount = try takeCount(&rest)
        var offsets: [Int] = []
        for _ in 0..<offsetCount { offsets.append(try take(&rest)) }
        guard rest.count >= count else { throw broken }
        let content = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        guard datatype == .bytes else {
            return NamedTensor(name: name, tensor: try Tensor(datatype: datatype, shape: shape, bytes: content))
        }
        return NamedTensor(name: name, tensor: try Tensor(shape: shape, bytes: content, offsets: offsets))
    }

    private static func append(_ value: Int, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: Int64(value).littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func append(text: String, to bytes: inout [UInt8]) {
        append(text.utf8.count, to: &bytes)
        bytes.append(contentsOf: text.utf8)
    }

    private static func take(_ rest: inout ArraySlice<UInt8>) throws(MartletError) -> Int {
        guard rest.count >= 8 else { throw broken }
        let value = rest.prefix(8).withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }
        rest = rest.dropFirst(8)
        return Int(Int64(littleEndian: value))
    }

    /// A number of things that follow, each of at least a byte.
    private static func takeCount(_ rest: inout ArraySlice<UInt8>) throws(MartletError) -> Int {
        let count = try take(&rest)
        guard count >= 0, count <= rest.count else { throw broken }
        return count
    }

    private static func takeText(_ rest: inout ArraySlice<UInt8>) throws(MartletError) -> String {
        let count = try takeCount(&rest)
        let text = String(decoding: rest.prefix(count), as: UTF8.self)
        rest = rest.dropFirst(count)
        return text
    }
}
