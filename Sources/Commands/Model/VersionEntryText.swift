internal import Domain

/// One version with its entry and its preparation, as `martlet model show` prints it.
enum VersionEntryText {
    static func text(_ value: JSONValue) -> String {
        let entry = value["entry"] ?? .null
        let parts: [(String, String)] = [
            ("", Table.fields(value, fields)), ("Optimisation", OptimizationText.text(value["optimization"] ?? .null)),
            ("Data", table(entry["data"], dataColumns)),
            ("Hyperparameters", hyperparameters(entry)),
            ("Metrics by data set", metrics(entry)),
            ("Production", table(entry["production"], productionColumns)),
            ("Approvals", table(entry["approvals"], approvalColumns)),
            ("Known limitations", table(entry["known_limitations"], factColumns)),
            ("Notes", table(entry["notes"], factColumns)),
            ("Not known", table(entry["gaps"], gapColumns)),
        ]
        return parts.filter { !$0.1.isEmpty }
            .map { $0.0.isEmpty ? $0.1 : "\n\($0.0)\n\($0.1)" }.joined(separator: "\n")
    }

    private static let fields: [Column] = [
        Column("Version", "version.id.version"), Column("By", "version.created_by_name"),
        .time("Created", "version.created_at"), .time("Trained", "entry.trained_at"), Column("Run", "version.run_id"),
        fact("Team", "entry.responsible_team"), fact("Owner", "entry.owner"),
        commit("Feature code", "entry.feature_engineering"), commit("Training code", "entry.training"),
        Column("Status", "entry.status"), Column("Previous version", "entry.previous_version"),
        Column("Replaced", "entry.replaced_version"), Column("Aliases", "version.aliases"),
        Column("Tags", "version.tags"), Column("State", "preparation.state"), Column("Detail", "preparation.detail"),
        Column("Inputs") { tensors($0["preparation"]?["inputs"]) },
        Column("Outputs") { tensors($0["preparation"]?["outputs"]) }, Column("Runtime", "preparation.runtime"),
        Column("Files") { row in
            (row["version"]?["files"]?.arrayValue ?? []).compactMap { $0["path"]?.stringValue }.joined(separator: ", ")
        },
    ]

    private static let dataColumns: [Column] = [
        Column("NAME", "name"), Column("DIGEST", "digest"), Column("USED FOR", "context"),
        Column("MARTLET VERSION") { row in
            guard let version = row["version"], let number = version["number"]?.intValue else { return "-" }
            return "\(Column.plain(version["name"])) \(number)"
        },
    ]
    private static let productionColumns: [Column] = [
        .time("FROM", "from"), .time("TO", "to"), Column("AS", "kind"), .number("ROLLOUT", "rollout_id"),
        Column("WHAT HAPPENED", "detail"),
    ]
    private static let approvalColumns: [Column] = [
        .number("REQUEST", "id"), Column("STATE", "state"), Column("ASKED BY", "requested_by_name"),
        .time("ASKED", "requested_at"),
        Column("DECISIONS") { row in
            (row["decisions"]?.arrayValue ?? []).map { decision in
                "\(Column.plain(decision["principal_name"])) "
                    + "\(decision["approves"]?.boolValue == true ? "approved" : "rejected"): "
                    + Column.plain(decision["reason"])
            }.joined(separator: "; ")
        },
    ]
    private static let factColumns: [Column] = [Column("TEXT", "value"), Column("FROM", "source")]
    private static let gapColumns: [Column] = [
        Column("OF THE ENTRY", "field"), Column("WHY", "reason"), Column("WHAT WOULD FILL IT", "remedy"),
    ]

    private static func hyperparameters(_ entry: JSONValue) -> String {
        let pairs = (entry["hyperparameters"]?.objectValue ?? [:]).sorted { $0.key < $1.key }
        let rows = pairs.map { name, value -> JSONValue in ["name": .string(name), "value": value] }
        return table(.array(rows), [Column("NAME", "name"), Column("VALUE", "value")])
    }

    private static func metrics(_ entry: JSONValue) -> String {
        let rows = (entry["evaluations"]?.arrayValue ?? []).flatMap { evaluation in
            (evaluation["metrics"]?.arrayValue ?? []).map { metric -> JSONValue in
                [
                    "dataset": evaluation["dataset"] ?? .null, "digest": evaluation["digest"] ?? .null,
                    "name": metric["name"] ?? .null, "value": metric["value"] ?? .null,
                ]
            }
        }
        return table(
            .array(rows),
            [
                Column("DATA SET", "dataset"), Column("DIGEST", "digest"), Column("METRIC", "name"),
                .number("VALUE", "value"),
            ])
    }

    private static func table(_ rows: JSONValue?, _ columns: [Column]) -> String {
        guard let rows = rows?.arrayValue, !rows.isEmpty else { return "" }
        return Table(rows, columns: columns).text
    }

    private static func fact(_ title: String, _ path: String) -> Column {
        Column(title) { row in
            guard let fact = Column.member(path, of: row), fact != .null else { return "-" }
            return "\(Column.plain(fact["value"])) (\(Column.plain(fact["source"])))"
        }
    }

    private static func commit(_ title: String, _ path: String) -> Column {
        Column(title) { row in
            guard let commit = Column.member(path, of: row), commit != .null else { return "-" }
            let place = [commit["repository"], commit["branch"]].compactMap { $0?.stringValue }.joined(separator: ", ")
            return Column.plain(commit["commit"]) + (place.isEmpty ? "" : " of \(place)")
        }
    }

    /// `x FP32 [-1,4], y BYTES [-1,1]`.
    private static func tensors(_ value: JSONValue?) -> String {
        let words = (value?.arrayValue ?? []).map { spec in
            let shape = (spec["shape"]?.arrayValue ?? []).map { Column.plain($0) }.joined(separator: ",")
            return "\(Column.plain(spec["name"])) \(Column.plain(spec["datatype"])) [\(shape)]"
        }
        return words.isEmpty ? "-" : words.joined(separator: ", ")
    }
}
