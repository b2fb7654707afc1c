/// Bins of predictions that need no reference, so that two versions can be compared: classes by name, numbers by magnitude.
///
/// Numbers fall into 32 bins to a doubling (3 % of their size), so integers up to 64 have a bin each. Keys of numbers sort
/// as the numbers do once parsed by `order(of:)`.
enum PredictionKey {
    private static let subBins = 32.0
    /// Magnitudes below 2^-40 are zero, above 2^64 one bin.
    private static let exponents = -40...64

    static func key(_ number: Double) -> String? {
        guard !number.isNaN else { return nil }
        return "#\(index(number))"
    }

    static func key(_ text: String?) -> String? { text.map(LabelText.canonical) }

    /// The place of a number's key among numbers; nil for a class.
    static func order(of key: String) -> Int? {
        key.hasPrefix("#") ? Int(key.dropFirst()) : nil
    }

    private static func index(_ number: Double) -> Int {
        let magnitude = abs(number)
        guard magnitude.isFinite, magnitude > 0, magnitude.exponent >= exponents.lowerBound else {
            return magnitude.isFinite ? 0 : (number > 0 ? 10_000 : -10_000)
        }
        let exponent = min(Int(magnitude.exponent), exponents.upperBound)
        let within = min(Int((magnitude.significand - 1) * subBins), Int(subBins) - 1)
        let index = (exponent - exponents.lowerBound) * Int(subBins) + within + 1
        return number > 0 ? index : -index
    }
}
