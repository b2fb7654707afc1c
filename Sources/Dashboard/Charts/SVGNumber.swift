/// Coordinates in SVG: at most two decimals, never NaN or infinite.
enum SVGNumber {
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return "0" }
        // Far outside of any chart; kept from overflowing the conversion.
        let bounded = min(max(value, -1e6), 1e6)
        let hundredths = Int64((bounded * 100).rounded())
        let whole = hundredths.magnitude / 100
        let fraction = hundredths.magnitude % 100
        var output = hundredths < 0 ? "-" : ""
        output += String(whole)
        guard fraction > 0 else { return output }
        output += fraction < 10 ? ".0" : "."
        output += String(fraction % 10 == 0 && fraction >= 10 ? fraction / 10 : fraction)
        return output
    }
}
