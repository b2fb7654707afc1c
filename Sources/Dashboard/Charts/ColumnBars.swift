import Domain

/// The distribution of one column as small bars, for a table's cell.
struct ColumnBars {
    static let width = 132.0
    static let height = 34.0

    var column: DatasetColumn

    var html: HTML {
        let counts = column.histogram?.counts ?? column.top.map(\.count)
        guard counts.count > 1, let high = counts.max(), high > 0 else {
            return span(.class("muted"), text: NumberText.none)
        }
        let slot = Self.width / Double(counts.count)
        return svg(.class("bars"), .viewBox(Self.width, Self.height), .role("img"), .label(words)) {
            svgTitle(text: words)
            for (index, count) in counts.enumerated() where count > 0 {
                let tall = max(1, (Self.height - 2) * Double(count) / Double(high))
                rect(
                    .number("x", Double(index) * slot + slot * 0.08), .number("y", Self.height - tall),
                    .number("width", slot * 0.84), .number("height", tall))
            }
        }
    }

    private var words: String {
        if let histogram = column.histogram,
            let peak = histogram.counts.indices.max(by: {
                histogram.counts[$0] < histogram.counts[$1]
            })
        {
            return "Distribution of \(column.name): most values lie between "
                + "\(ColumnText.value(histogram.edges[peak], column.kind)) and "
                + ColumnText.value(histogram.edges[peak + 1], column.kind)
        }
        let first = column.top.first.map { "\($0.value), \(NumberText.count($0.count)) times" } ?? ""
        return "Distribution of \(column.name): most frequent \(first)"
    }
}

/// Figures of a column as text.
enum ColumnText {
    /// Of timestamps the figure is a moment.
    static func value(_ value: Double?, _ kind: DatasetColumn.Kind) -> String {
        guard let value else { return NumberText.none }
        guard kind == .timestamp else { return NumberText.significant(value, figures: 5) }
        return TimeText(Timestamp(milliseconds: Int64(value))).full
    }
}
