/// A small line without axes, for a table cell or a tile.
public struct Sparkline: Sendable, Hashable {
    public var title: String
    /// Oldest first; values that are not finite break the line.
    public var values: [Double]

    public init(title: String, values: [Double]) {
        self.title = title
        self.values = values
    }

    var html: HTML {
        let width = 120.0
        let height = 32.0
        let finite = values.filter(\.isFinite)
        guard let last = finite.last, let high = finite.max() else { return .empty }
        let y = LinearScale(from: 0, to: max(high, .leastNormalMagnitude), pixelsAtLower: height - 3, pixelsAtUpper: 3)
        let x = LinearScale(from: 0, to: Double(values.count - 1), pixelsAtLower: 3, pixelsAtUpper: width - 4)
        let text = "\(title): last \(NumberText.significant(last)), highest \(NumberText.significant(high))"
        return svg(.class("spark"), .viewBox(width, height), .role("img"), .label(text)) {
            svgTitle(text: text)
            for run in values.enumerated().split(whereSeparator: { !$0.element.isFinite }) where run.count > 1 {
                polyline(
                    .class("line"),
                    .points(
                        run.map {
                            SVGNumber.text(x.position(Double($0.offset))) + "," + SVGNumber.text(y.position($0.element))
                        }
                        .joined(separator: " ")))
            }
            if let index = values.lastIndex(where: \.isFinite) {
                circle(
                    .class("mark"), .number("r", 2.5), .number("cx", x.position(Double(index))),
                    .number("cy", y.position(last)))
            }
        }
    }
}
