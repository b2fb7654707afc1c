internal import Domain

/// What an optimisation did and what was measured, for people.
enum OptimizationText {
    /// - Parameter record: null gives the empty text.
    static func text(_ record: JSONValue) -> String {
        guard record != .null else { return "" }
        return Table.fields(record, fields) + "\n" + Table(rows(record), columns: columns).text
    }

    private static let fields: [Column] = [
        Column("Made of version", "source_version"), Column("Method", "method"), Column("Done", "detail"),
        Column("Tool", "tool"),
        Column("Compared on") { record in
            "\(Column.plain(record["answers"]?["rows"])) rows (\(Column.plain(record["answers"]?["source"])))"
        },
        Column("Other labels") { percent($0["answers"]?["label_mismatch_share"]) },
        Column("Largest difference", "answers.score_difference_max"),
        Column("Mean difference", "answers.score_difference_mean"),
    ]

    private static let columns = [
        Column("FIGURE", "name"), .number("BEFORE", "before"), .number("AFTER", "after"),
        Column("CHANGE", isRightAligned: true) { row in
            guard let before = row["before"]?.doubleValue, let after = row["after"]?.doubleValue, before != 0 else {
                return "-"
            }
            return (after >= before ? "+" : "") + percent(.double(after / before - 1))
        },
    ]

    private static func rows(_ record: JSONValue) -> [JSONValue] {
        let latency = record["latency"] ?? .null
        let title =
            "latency, ms (median of \(Column.plain(latency["runs"])) runs, \(Column.plain(latency["rows"])) rows)"
        let figures: [JSONValue] = [
            [
                "name": "size, bytes", "before": record["bytes_before"] ?? .null,
                "after": record["bytes_after"] ?? .null,
            ],
            [
                "name": .string(title), "before": latency["milliseconds_before"] ?? .null,
                "after": latency["milliseconds_after"] ?? .null,
            ],
        ]
        return figures + (record["metrics"]?.arrayValue ?? [])
    }

    /// `12.5 %`; a dash for what is no number.
    private static func percent(_ share: JSONValue?) -> String {
        guard let share = share?.doubleValue else { return "-" }
        return Column.plain(.double((share * 10_000).rounded() / 100)) + " %"
    }
}
