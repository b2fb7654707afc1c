/// Writes the binary form of Protocol Buffers (proto3). As there, a value that is its type's default is left out, except in what
/// is repeated.
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    init(reserving count: Int = 64) {
        bytes.reserveCapacity(count)
    }

    mutating func string(_ field: Int, _ text: String) {
        guard !text.isEmpty else { return }
        repeatedString(field, text)
    }

    mutating func repeatedString(_ field: Int, _ text: String) {
        key(field, 2)
        varint(UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func repeatedBytes(_ field: Int, _ value: some Collection<UInt8>) {
        repeatedBytes(field, count: value.count) { $0.append(contentsOf: value) }
    }

    /// - Parameter append: appends exactly `count` bytes.
    mutating func repeatedBytes(_ field: Int, count: Int, _ append: (inout [UInt8]) -> Void) {
        key(field, 2)
        varint(UInt64(count))
        append(&bytes)
    }

    mutating func bool(_ field: Int, _ value: Bool) {
        if value { integer(field, 1) }
    }

    mutating func integer(_ field: Int, _ value: UInt64) {
        guard value != 0 else { return }
        key(field, 0)
        varint(value)
    }

    /// Packed, as proto3 has repeated numbers.
    mutating func integers(_ field: Int, _ values: [Int]) {
        guard !values.isEmpty else { return }
        message(field) { writer in
            for value in values { writer.varint(UInt64(bitPattern: Int64(value))) }
        }
    }

    /// A message within this one, even if it is empty.
    mutating func message(_ field: Int, _ write: (inout ProtobufWriter) -> Void) {
        key(field, 2)
        let start = bytes.count
        // Nearly all are short: then the length takes the one byte that is kept for it.
        bytes.append(0)
        write(&self)
        let count = bytes.count - start - 1
        guard count >= 0x80 else {
            bytes[start] = UInt8(count)
            return
        }
        var length = ProtobufWriter(reserving: 10)
        length.varint(UInt64(count))
        bytes.replaceSubrange(start...start, with: length.bytes)
    }

    private mutating func key(_ field: Int, _ encoding: UInt64) { varint(UInt64(field) << 3 | encoding) }

    private mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }
}
