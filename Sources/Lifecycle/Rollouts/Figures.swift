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
}
