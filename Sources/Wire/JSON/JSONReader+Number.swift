internal import Domain

/// A number as it was written, not yet of any type.
struct JSONNumber {
    var isNegative = false
    /// The significant digits, as far as they fit.
    var mantissa: UInt64 = 0
    /// Power of ten by which the mantissa is multiplied.
    var exponent = 0
    /// Whether it was written without fraction and exponent.
    var isInteger = true
    /// Whether digits were lost because they did not fit the mantissa.
    var isTruncated = false
    /// Where it stands.
    var range = 0..<0
}

extension JSONReader {
    /// Longer numbers carry no more value and only cost time; 17 digits tell every double apart.
    static let numberCharactersMax = 1024

    /// Consumes a number.
    mutating func readNumber() throws(MartletError) -> JSONNumber {
        _ = peek()
        let start = index
        var number = JSONNumber()
        if current == UInt8(ascii: "-") {
            number.isNegative = true
            advance()
        }
        let leading = current
        let digits = readDigits(into: &number, fractional: false)
        guard digits > 0 else { throw unexpected("a number") }
        guard digits == 1 || leading != UInt8(ascii: "0") else {
            throw MartletError.invalid("The JSON has a number with a leading zero at byte \(start).")
        }
        if current == UInt8(ascii: ".") {
            advance()
            number.isInteger = false
            guard readDigits(into: &number, fractional: true) > 0 else { throw unexpected("a digit") }
        }
        if current | 0x20 == UInt8(ascii: "e") {
            advance()
            number.isInteger = false
            number.exponent += try readExponent()
        }
        guard index - start <= Self.numberCharactersMax else {
            throw MartletError.invalid(
                "The JSON has a number of more than \(Self.numberCharactersMax) characters at byte \(start).")
        }
        number.range = start..<index
        return number
    }

    private mutating func readDigits(into number: inout JSONNumber, fractional: Bool) -> Int {
        var count = 0
        while true {
            let digit = current &- UInt8(ascii: "0")
            guard digit < 10 else { return count }
            count += 1
            advance()
            let (tens, overflow) = number.mantissa.multipliedReportingOverflow(by: 10)
            let (sum, overflowAgain) = tens.addingReportingOverflow(UInt64(digit))
            if number.isTruncated || overflow || overflowAgain {
                number.isTruncated = true
                if !fractional { number.exponent += 1 }
            } else {
                number.mantissa = sum
                if fractional { number.exponent -= 1 }
            }
        }
    }

    private mutating func readExponent() throws(MartletError) -> Int {
        var isNegative = false
        if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") {
            isNegative = current == UInt8(ascii: "-")
            advance()
        }
        var value = 0
        var digits = 0
        while true {
            let digit = current &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            // Far beyond any double, and far from overflow.
            value = min(value * 10 + Int(digit), 1_000_000)
            digits += 1
            advance()
        }
        guard digits > 0 else { throw unexpected("an exponent") }
        return isNegative ? -value : value
    }

    // MARK: plain numbers, as nearly all are

    /// Consumes numbers of at most 18 digits without an exponent, and the commas between them, as long as `take` accepts their value,
    /// mantissa × 10^exponent, and each is followed by a comma or bracket. Says how many; what it leaves, `readNumber` judges.
    @inline(__always)
    mutating func takePlainNumbers(_ take: (_ mantissa: Int64, _ exponent: Int) -> Bool) -> Int {
        var found = 0
        let end = bytes.withUnsafeBufferPointer { bytes -> Int in
            var end = index
            var place = index
            while true {
                place = Self.afterSpace(bytes, place)
                guard let number = Self.plainNumber(bytes, place) else { return end }
                let next = Self.afterSpace(bytes, number.end)
                guard next < bytes.count, bytes[next] == UInt8(ascii: ",") || bytes[next] == UInt8(ascii: "]"),
                    take(number.mantissa, number.exponent)
                else { return end }
                found += 1
                end = next
                guard bytes[next] == UInt8(ascii: ",") else { return end }
                place = next + 1
            }
        }
        advance(by: end - index)
        return found
    }

    @inline(__always)
    private static func afterSpace(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int) -> Int {
        var place = place
        while place < bytes.count {
            let byte = bytes[place]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
            place += 1
        }
        return place
    }

    @inline(__always)
    private static func plainNumber(
        _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int
    ) -> (mantissa: Int64, exponent: Int, end: Int)? {
        var place = start
        let isNegative = place < bytes.count && bytes[place] == UInt8(ascii: "-")
        if isNegative { place += 1 }
        let whole = place
        var mantissa: Int64 = 0
        while place < bytes.count, case let digit = bytes[place] &- UInt8(ascii: "0"), digit < 10 {
            guard place - whole < 18 else { return nil }
            mantissa = mantissa &* 10 &+ Int64(digit)
            place += 1
        }
        guard place > whole, place - whole == 1 || bytes[whole] != UInt8(ascii: "0") else { return nil }
        var exponent = 0
        if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
            place += 1
            let fraction = place
            while place < bytes.count, case let digit = bytes[place] &- UInt8(ascii: "0"), digit < 10 {
                // With the point that is 18 digits.
                guard place - whole < 19 else { return nil }
                mantissa = mantissa &* 10 &+ Int64(digit)
                place += 1
            }
            guard place > fraction else { return nil }
            exponent = fraction - place
        }
        // Negative zero is not a plain number: an integer cannot carry its sign.
        guard !isNegative || mantissa != 0 else { return nil }
        return (isNegative ? -mantissa : mantissa, exponent, place)
    }

    /// As `double` of a number; nil where that takes the exact conversion.
    @inline(__always)
    static func plainDouble(_ mantissa: Int64, _ exponent: Int) -> Double? {
        guard mantissa.magnitude <= 1 << 53 else { return nil }
        return scaled(Double(mantissa), by: exponent)
    }

    /// As `float` of a number; nil where that takes the exact conversion.
    @inline(__always)
    static func plainFloat(_ mantissa: Int64, _ exponent: Int) -> Float? {
        let value = scaled(Double(mantissa), by: exponent)
        return mantissa == 0 ? 0 : isRoundedOnce(value) ? Float(value) : nil
    }

    /// Whether a double within two units of a true value, narrowed to a float, is the float nearest to that value.
    @inline(__always)
    private static func isRoundedOnce(_ value: Double) -> Bool {
        let below = Int64(value.bitPattern & 0x1FFF_FFFF)
        return abs(below - 0x1000_0000) > 4 && value.magnitude >= Double(Float.leastNormalMagnitude)
    }

    /// The nearest double; infinite where it is out of range.
    ///
    /// One multiplication or division of two exact doubles is rounded once (Clinger 1990, the fast case); all other numbers take
    /// the standard library's exact conversion.
    func double(_ number: JSONNumber) -> Double {
        if number.mantissa == 0, !number.isTruncated { return number.isNegative ? -0.0 : 0.0 }
        guard !number.isTruncated, number.mantissa <= 1 << 53, abs(number.exponent) <= 22 else {
            return Double(text(number)) ?? .nan
        }
        let magnitude = Self.scaled(Double(number.mantissa), by: number.exponent)
        return number.isNegative ? -magnitude : magnitude
    }

    /// The nearest float; infinite where it is out of range.
    ///
    /// A double within two units of the true value, narrowed, is the nearest float unless it lies next to the middle between
    /// two floats; then, and for subnormal floats, the exact conversion decides.
    func float(_ number: JSONNumber) -> Float {
        if number.mantissa == 0, !number.isTruncated { return number.isNegative ? -0.0 : 0.0 }
        guard !number.isTruncated, abs(number.exponent) <= 22 else { return Float(text(number)) ?? .nan }
        let magnitude = Self.scaled(Double(number.mantissa), by: number.exponent)
        guard Self.isRoundedOnce(magnitude) else { return Float(text(number)) ?? .nan }
        return Float(number.isNegative ? -magnitude : magnitude)
    }

    private func text(_ number: JSONNumber) -> String { String(decoding: bytes[number.range], as: UTF8.self) }

    @inline(__always)
    private static func scaled(_ value: Double, by exponent: Int) -> Double {
        exponent < 0 ? value / powersOfTen[-exponent] : value * powersOfTen[exponent]
    }

    /// The powers that a double holds exactly.
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
