/// Numbers as people read them, the same in every locale, with their units on the same line: `12,480`, `0.8312`, `4.1 ms`, `2.3 %`, `1.2 MB`.
enum NumberText {
    /// What stands for a number that is not there.
    static let none = "–"

    static func count(_ value: Int64) -> String {
        let digits = Array(String(value.magnitude))
        var output = value < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { output += "," }
            output.append(digit)
        }
        return output
    }

    static func count(_ value: Int) -> String { count(Int64(value)) }

    /// Rounded half to even at `digits` (0…9) decimals; trailing zeros stay.
    static func fixed(_ value: Double, digits: Int) -> String {
        guard value.isFinite else { return value.isNaN ? none : (value < 0 ? "−∞" : "∞") }
        var power = 1.0
        for _ in 0..<digits { power *= 10 }
        let scaled = (value.magnitude * power).rounded(.toNearestOrEven)
        // Above this a Double has no decimals to show.
        guard scaled < 9_007_199_254_740_992 else { return value.description }
        let whole = Int64(scaled)
        let unit = Int64(power)
        var output = value < 0 && whole > 0 ? "−" : ""
        output += count(whole / unit)
        if digits > 0 {
            let fraction = String(whole % unit)
            output += "." + String(repeating: "0", count: digits - fraction.count) + fraction
        }
        return output
    }

    /// About `figures` (1…9) significant figures, trailing zeros of the fraction dropped; very small and very large numbers with
    /// an exponent.
    static func significant(_ value: Double, figures: Int = 4) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : fixed(value, digits: 0) }
        let magnitude = value.magnitude
        guard magnitude >= 1e-4, magnitude < 1e12 else { return exponent(value, figures: figures) }
        var digits = figures - 1
        var bound = 10.0
        while magnitude >= bound, digits > 0 {
            digits -= 1
            bound *= 10
        }
        bound = 1
        while magnitude < bound, digits < 9 {
            digits += 1
            bound /= 10
        }
        return trimmed(fixed(value, digits: min(digits, 9)))
    }

    /// A share of 0…1 in percent.
    static func percent(_ share: Double, figures: Int = 3) -> String {
        guard share.isFinite else { return none }
        return significant(share * 100, figures: figures) + "\u{a0}%"
    }

    static func milliseconds(_ value: Double?) -> String {
        guard let value, value.isFinite else { return none }
        return value >= 10_000
            ? significant(value / 1000, figures: 3) + "\u{a0}s" : significant(value, figures: 3) + "\u{a0}ms"
    }

    static func bytes(_ value: Int64) -> String {
        guard value >= 1000 else { return count(value) + "\u{a0}B" }
        var scaled = Double(value)
        for unit in ["kB", "MB", "GB"] {
            scaled /= 1000
            if scaled < 999.5 { return significant(scaled, figures: 3) + "\u{a0}" + unit }
        }
        return significant(scaled / 1000, figures: 3) + " TB"
    }

    /// Seconds as the largest unit that fits: `45 s`, `5 min`, `2 h`, `3 d`.
    static func duration(seconds: Double) -> String {
        let units: [(Double, String)] = [(86_400, "d"), (3600, "h"), (60, "min")]
        for (length, name) in units where seconds >= length {
            return significant((seconds / length * 10).rounded() / 10, figures: 3) + "\u{a0}" + name
        }
        return significant(seconds, figures: 3) + "\u{a0}s"
    }

    /// `1 version`, `3 versions`.
    static func counted(_ count: Int, _ one: String, _ many: String? = nil) -> String {
        "\(Self.count(count)) \(count == 1 ? one : many ?? one + "s")"
    }

    private static func exponent(_ value: Double, figures: Int) -> String {
        var mantissa = value.magnitude
        var power = 0
        while mantissa >= 10 {
            mantissa /= 10
            power += 1
        }
        while mantissa < 1 {
            mantissa *= 10
            power -= 1
        }
        return (value < 0 ? "−" : "") + trimmed(fixed(mantissa, digits: figures - 1)) + "e\(power)"
    }

    private static func trimmed(_ text: String) -> String {
        guard text.contains(".") else { return text }
        var result = text
        while result.hasSuffix("0") { result.removeLast() }
        if result.hasSuffix(".") { result.removeLast() }
        return result
    }
}
