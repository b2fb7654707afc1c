/// Appends JSON to bytes. The caller writes the punctuation between values.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []

    /// - Parameter capacity: bytes that are likely to come.
    init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    /// Punctuation and keys that need no escaping.
    mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func integer(_ value: some BinaryInteger) {
        bytes.append(contentsOf: String(value).utf8)
    }

    /// The shortest text that reads back as the same float.
    mutating func number(_ value: Float) { bytes.append(contentsOf: value.description.utf8) }

    /// The shortest text that reads back as the same double.
    mutating func number(_ value: Double) { bytes.append(contentsOf: value.description.utf8) }

    /// NaN as `null`; an infinity, which JSON has not, as a string.
    mutating func notFinite(_ value: Double) {
        if value.isNaN {
            raw("null")
        } else {
            value < 0 ? raw("\"-Infinity\"") : raw("\"Infinity\"")
        }
    }

    mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in string(utf8: utf8) }
    }

    /// A string of bytes that are known to be UTF-8.
    mutating func string(utf8: some Sequence<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "\""): raw("\\\"")
            case UInt8(ascii: "\\"): raw("\\\\")
            case 0x0A: raw("\\n")
            case 0x0D: raw("\\r")
            case 0x09: raw("\\t")
            case 0..<0x20:
                raw("\\u00")
                bytes.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
                bytes.append(contentsOf: String(byte & 0x0F, radix: 16).utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Values with commas between them.
    mutating func list<Values: Sequence>(_ values: Values, _ write: (inout JSONWriter, Values.Element) throws -> Void)
        rethrows
    {
        bytes.append(UInt8(ascii: "["))
        var isFirst = true
        for value in values {
            if !isFirst { bytes.append(UInt8(ascii: ",")) }
            isFirst = false
            try write(&self, value)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    /// Values in arrays within arrays, as a shape says; takes as many from the front as it holds.
    mutating func nested<Values: RandomAccessCollection>(
        _ values: inout Values, _ shape: ArraySlice<Int>, _ write: (inout JSONWriter, Values.Element) -> Void
    ) where Values == Values.SubSequence {
        guard let count = shape.first else { return }
        bytes.append(UInt8(ascii: "["))
        for index in 0..<count {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            if shape.count == 1 {
                write(&self, values.removeFirst())
            } else {
                nested(&values, shape.dropFirst(), write)
            }
        }
        bytes.append(UInt8(ascii: "]"))
    }
}
