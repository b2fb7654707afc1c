internal import Domain

/// An element type that JSON can carry.
protocol JSONElement: BitwiseCopyable {
    /// Consumes one element; nil if what stands there is none of this type and range.
    static func read(_ reader: inout JSONReader) throws(MartletError) -> Self?

    /// Consumes elements and the commas between them, as many as are written plainly, and says how many. 0 says nothing of what
    /// stands there: `read` does.
    static func readRun(_ reader: inout JSONReader, into elements: inout [Self]) -> Int
}

extension JSONElement {
    static func readRun(_ reader: inout JSONReader, into elements: inout [Self]) -> Int { 0 }
}

extension JSONElement where Self: FixedWidthInteger {
    static func read(_ reader: inout JSONReader) throws(MartletError) -> Self? {
        guard startsNumber(reader.peek()) else { return nil }
        let number = try reader.readNumber()
        guard number.isInteger, !number.isTruncated else { return nil }
        if !number.isNegative { return Self(exactly: number.mantissa) }
        guard number.mantissa <= 1 << 63 else { return nil }
        return Self(exactly: 0 &- Int64(truncatingIfNeeded: number.mantissa))
    }
}

extension UInt8: JSONElement {}
extension UInt16: JSONElement {}
extension UInt32: JSONElement {}
extension UInt64: JSONElement {}
extension Int8: JSONElement {}
extension Int16: JSONElement {}
extension Int32: JSONElement {}
extension Int64: JSONElement {}

extension Float: JSONElement {
    static func read(_ reader: inout JSONReader) throws(MartletError) -> Float? {
        guard startsNumber(reader.peek()) else { return reader.takeNull() ? .nan : nil }
        let value = reader.float(try reader.readNumber())
        return value.isFinite ? value : nil
    }

    static func readRun(_ reader: inout JSONReader, into elements: inout [Float]) -> Int {
        reader.takePlainNumbers { mantissa, exponent in
            guard let value = JSONReader.plainFloat(mantissa, exponent) else { return false }
            elements.append(value)
            return true
        }
    }
}

extension Double: JSONElement {
    static func read(_ reader: inout JSONReader) throws(MartletError) -> Double? {
        guard startsNumber(reader.peek()) else { return reader.takeNull() ? .nan : nil }
        let value = reader.double(try reader.readNumber())
        return value.isFinite ? value : nil
    }

    static func readRun(_ reader: inout JSONReader, into elements: inout [Double]) -> Int {
        reader.takePlainNumbers { mantissa, exponent in
            guard let value = JSONReader.plainDouble(mantissa, exponent) else { return false }
            elements.append(value)
            return true
        }
    }
}

/// BOOL: one byte, 0 or 1.
struct JSONBool: JSONElement {
    let byte: UInt8

    static func read(_ reader: inout JSONReader) throws(MartletError) -> JSONBool? {
        reader.takeBool().map { JSONBool(byte: $0 ? 1 : 0) }
    }
}

/// FP16, in records only.
struct JSONHalf: JSONElement {
    let bits: UInt16

    static func read(_ reader: inout JSONReader) throws(MartletError) -> JSONHalf? {
        try Float.read(&reader).map { JSONHalf(bits: Tensor.halfBits($0)) }
    }
}

/// BF16, in records only.
struct JSONBrainHalf: JSONElement {
    let bits: UInt16

    static func read(_ reader: inout JSONReader) throws(MartletError) -> JSONBrainHalf? {
        try Float.read(&reader).map { JSONBrainHalf(bits: Tensor.brainHalfBits($0)) }
    }
}

private func startsNumber(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") < 10
}
