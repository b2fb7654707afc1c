import Domain

/// Alerts as rows.
enum AlertTable {
    static func html(_ alerts: [Alert], caption: String, now: Timestamp, namesEndpoint: Bool) -> HTML {
        let endpointColumn = namesEndpoint ? [DataTable.Column("Endpoint")] : []
        return DataTable(
            caption: caption,
            columns: [.init("State")] + endpointColumn + [
                .init("Watches"), .init("Version"), .init("Value", .number), .init("Threshold", .number),
                .init("Since"),
                .init("Figures", .wide),
            ],
            rows: alerts.map { alert in
                [Badge(alert.state).html]
                    + (namesEndpoint ? [Reference.endpoint(alert.endpoint)] : [])
                    + [
                        .group([.text(name(alert.kind) + " "), bdi(text: alert.subject)]),
                        Reference.version(alert.endpoint, alert.version),
                        .text(NumberText.significant(alert.value)), .text(NumberText.significant(alert.threshold)),
                        since(alert, now: now), bdi(text: alert.detail),
                    ]
            }
        ).html
    }

    private static func since(_ alert: Alert, now: Timestamp) -> HTML {
        guard let resolved = alert.resolvedAt else { return TimeText.ago(alert.startedAt, now: now) }
        return .group([
            TimeText.ago(alert.startedAt, now: now), .text(", resolved "), TimeText.ago(resolved, now: now),
        ])
    }

    static func name(_ kind: Alert.Kind) -> String {
        switch kind {
        case .featureDrift: "Drift of feature"
        case .predictionDrift: "Drift of prediction"
        case .quality: "Quality"
        case .missingValues: "Missing values of"
        case .outOfRange: "Out of range"
        }
    }
}
