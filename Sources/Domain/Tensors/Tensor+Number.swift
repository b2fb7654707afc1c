extension Tensor {
    /// One element as a number; nil for strings. Integers beyond 2^53 are rounded.
    public func number(_ index: Int) -> Double? {
        bytes.withUnsafeBytes { raw -> Double? in
            switch datatype {
            case .bool, .uint8: Double(raw[index])
            case .int8: Double(Int8(bitPattern: raw[index]))
            case .uint16: Double(Self.load(raw, index, UInt16.self))
            case .int16: Double(Self.load(raw, index, Int16.self))
            case .uint32: Double(Self.load(raw, index, UInt32.self))
            case .int32: Double(Self.load(raw, index, Int32.self))
            case .uint64: Double(Self.load(raw, index, UInt64.self))
            case .int64: Double(Self.load(raw, index, Int64.self))
            case .fp32: Double(Self.load(raw, index, Float.self))
            case .fp64: Self.load(raw, index, Double.self)
            case .fp16: Self.half(Self.load(raw, index, UInt16.self))
            case .bf16: Double(Float(bitPattern: UInt32(Self.load(raw, index, UInt16.self)) << 16))
            case .bytes: nil
            }
        }
    }

    /// One element as the text by which classes and categories are compared: strings as they are, integers without a point.
    public func text(_ index: Int) -> String {
        switch datatype {
        case .bytes: string(index)
        case .bool: bytes[index] == 0 ? "false" : "true"
        case .uint64: elementText(index, UInt64.self)
        case .int64: elementText(index, Int64.self)
        default: Self.text(of: number(index) ?? .nan)
        }
    }

    /// A number as text: whole numbers without a point.
    public static func text(of number: Double) -> String {
        if let whole = Int64(exactly: number) { return String(whole) }
        return number.description
    }

    private func elementText<Element: FixedWidthInteger & BitwiseCopyable>(
        _ index: Int, _ type: Element.Type
    ) -> String {
        bytes.withUnsafeBytes { String(Self.load($0, index, type)) }
    }

    private static func load<Element: BitwiseCopyable>(
        _ raw: UnsafeRawBufferPointer, _ index: Int, _ type: Element.Type
    ) -> Element {
        raw.loadUnaligned(fromByteOffset: index * MemoryLayout<Element>.size, as: type)
    }

    /// IEEE 754 binary16 by hand: Swift's Float16 is not there on every platform.
    private static func half(_ bits: UInt16) -> Double {
        let exponent = Int(bits >> 10 & 0x1F)
        let fraction = Double(bits & 0x3FF)
        let sign: Double = bits >> 15 == 0 ? 1 : -1
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * Double(sign: .plus, exponent: exponent - 15, significand: 1 + fraction / 1024)
        }
    }

    /// The nearest IEEE 754 binary16, of two the even one; beyond its range infinite.
    public static func halfBits(_ value: Float) -> UInt16 {
        let sign = UInt16(value.bitPattern >> 16 & 0x8000)
        if value.isNaN { return sign | 0x7E00 }
        let magnitude = value.magnitude
        // Half a unit above the largest finite one.
        guard magnitude < 65520 else { return sign | 0x7C00 }
        guard magnitude >= 0x1p-14 else { return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven)) }
        let exponent = Int(magnitude.exponent)
        let units = (Float(sign: .plus, exponent: 10 - exponent, significand: magnitude)).rounded(.toNearestOrEven)
        // What rounds up to the next power of two carries into the exponent.
        return sign | UInt16((exponent + 15) << 10 + Int(units) - 1024)
    }

    /// The nearest bfloat16, of two the even one.
    public static func brainHalfBits(_ value: Float) -> UInt16 {
        let bits = value.bitPattern
        if value.isNaN { return UInt16(bits >> 16) | 0x40 }
        return UInt16((bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
    }
}
