internal import Domain

/// Reads the binary form of Protocol Buffers (proto3), field by field.
///
/// Nothing is allocated for a length that is only claimed: a length past the end of the message is an error. Groups, which proto3
/// does not have, are refused, so that nothing nests but what the caller reads.
struct ProtobufReader {
    /// How a field is encoded; the numbers are the format's.
    enum Encoding: UInt8 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case fixed32 = 5
    }

    struct Field {
        let number: Int
        let encoding: Encoding
    }

    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { place == bytes.count }

    /// The next field's number and encoding; nil at the end of the message.
    mutating func next() throws(MartletError) -> Field? {
        guard !isAtEnd else { return nil }
        let key = try varint()
        let number = key >> 3
        guard (1...536_870_911).contains(number) else { throw malformed("has a field with the number \(number)") }
        guard let encoding = Encoding(rawValue: UInt8(key & 7)) else {
            throw malformed("has a field \(number) of the wire type \(key & 7)")
        }
        return Field(number: Int(number), encoding: encoding)
    }

    // MARK: values of fields

    mutating func integer(_ field: Field) throws(MartletError) -> UInt64 {
        try expect(.varint, field)
        return try varint()
    }

    mutating func bool(_ field: Field) throws(MartletError) -> Bool { try integer(field) != 0 }

    /// The bytes of a string, of a message or of packed numbers. They are those of this reader's message.
    mutating func bytes(_ field: Field) throws(MartletError) -> UnsafeRawBufferPointer {
        try expect(.lengthDelimited, field)
        let count = try varint()
        guard count <= UInt64(bytes.count - place) else {
            throw malformed("claims \(count) bytes for the field \(field.number) and ends after \(bytes.count - place)")
        }
        defer { place += Int(count) }
        return UnsafeRawBufferPointer(rebasing: bytes[place..<(place + Int(count))])
    }

    mutating func message(_ field: Field) throws(MartletError) -> ProtobufReader { ProtobufReader(try bytes(field)) }

    mutating func string(_ field: Field) throws(MartletError) -> String {
        let utf8 = try bytes(field)
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw malformed("has a string in the field \(field.number) that is not UTF-8")
        }
        return text
    }

    mutating func skip(_ field: Field) throws(MartletError) {
        switch field.encoding {
        case .varint: _ = try varint()
        case .fixed64: _ = try fixed(8)
        case .fixed32: _ = try fixed(4)
        case .lengthDelimited: _ = try bytes(field)
        }
    }

    /// One or all numbers of a repeated field of varints, which may be packed or not.
    mutating func integers(_ field: Field, _ take: (UInt64) throws(MartletError) -> Void) throws(MartletError) {
        guard field.encoding == .lengthDelimited else { return try take(integer(field)) }
        var packed = ProtobufReader(try bytes(field))
        while !packed.isAtEnd { try take(packed.varint()) }
    }

    /// The bytes of one or all numbers of a repeated field of `size` bytes each, which may be packed or not.
    mutating func fixedNumbers(_ field: Field, size: Int) throws(MartletError) -> UnsafeRawBufferPointer {
        guard field.encoding == .lengthDelimited else {
            try expect(size == 4 ? .fixed32 : .fixed64, field)
            return try fixed(size)
        }
        let packed = try bytes(field)
        guard packed.count % size == 0 else {
            throw malformed("has \(packed.count) bytes of packed numbers of \(size) bytes each")
        }
        return packed
    }

    // MARK: the encoding

    private mutating func varint() throws(MartletError) -> UInt64 {
        if place < bytes.count, bytes[place] < 0x80 {
            defer { place += 1 }
            return UInt64(bytes[place])
        }
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard place < bytes.count else { throw malformed("ends within a number") }
            let byte = bytes[place]
            place += 1
            // Of the tenth byte one bit has a place in 64.
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw malformed("has a number of more than 64 bits")
    }

    private mutating func fixed(_ count: Int) throws(MartletError) -> UnsafeRawBufferPointer {
        guard bytes.count - place >= count else { throw malformed("ends within a number") }
        defer { place += count }
        return UnsafeRawBufferPointer(rebasing: bytes[place..<(place + count)])
    }

    private func expect(_ encoding: Encoding, _ field: Field) throws(MartletError) {
        guard field.encoding == encoding else {
            throw malformed("has the field \(field.number) in the wire type \(field.encoding.rawValue)")
        }
    }

    private func malformed(_ what: String) -> MartletError {
        .invalid("The message is not the protocol's: it \(what).")
    }
}
