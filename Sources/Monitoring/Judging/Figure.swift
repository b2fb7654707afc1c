/// Numbers in sentences for people.
enum Figure {
    /// Three significant decimals, or `< 0.001`; large numbers as they are.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        if value > 0, value < 0.000_1 { return "< 0.0001" }
        let scale = abs(value) < 0.01 ? 1e5 : 1e3
        guard abs(value) < 1e12 else { return "\(value)" }
        return "\((value * scale).rounded() / scale)"
    }
}
