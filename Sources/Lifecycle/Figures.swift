/// Figures in sentences: as few digits as tell the story.
enum Figures {
    /// At most three decimals, no trailing zeros.
    static func plain(_ value: Double) -> String {
        let rounded = (value * 1000).rounded() / 1000
        guard let whole = Int(exactly: rounded) else { return "\(rounded)" }
        return "\(whole)"
    }

    /// A share as a percentage.
    static func percent(_ share: Double) -> String { "\(plain(share * 100)) %" }

    /// With every digit that it has: for bounds that people wrote.
    static func exact(_ value: Double) -> String {
        Int(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    /// Four significant digits, so that small and large figures can be told apart.
    static func measured(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
        let scale = pow10(3 - Int(value.magnitude.log10Floor))
        let rounded = (value * scale).rounded() / scale
        return exact(rounded)
    }

    private static func pow10(_ exponent: Int) -> Double {
        var result = 1.0
        for _ in 0..<exponent.magnitude { result *= 10 }
        return exponent < 0 ? 1 / result : result
    }
}

extension Double {
    /// The exponent of ten of a positive number.
    fileprivate var log10Floor: Int {
        var exponent = 0
        var value = self
        while value >= 10 { (value, exponent) = (value / 10, exponent + 1) }
        while value < 1 { (value, exponent) = (value * 10, exponent - 1) }
        return exponent
    }
}
