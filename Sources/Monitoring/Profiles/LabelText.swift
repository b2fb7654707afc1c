/// One spelling for one class: `1`, `1.0` and `1e0` are the same label wherever they come from (a CSV file, a tensor of
/// integers or floats, a JSON body).
enum LabelText {
    /// Integers up to this size have an exact double.
    private static let exactMax = 9_007_199_254_740_992.0

    static func canonical(_ text: String) -> String {
        // Most labels are words or plain digits: look at the first byte before paying for a parse.
        guard let first = text.utf8.first, first < 0x3a, text.utf8.contains(where: { $0 == 0x2e || $0 | 0x20 == 0x65 }),
            let number = Double(text)
        else { return text }
        return canonical(number)
    }

    static func canonical(_ number: Double) -> String {
        guard number.rounded() == number, abs(number) < exactMax else { return "\(number)" }
        return String(Int64(number))
    }
}
