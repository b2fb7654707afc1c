import Dashboard
import Domain

/// Every page, once full and once empty, by the path at which a preview is written.
enum SamplePages {
    static var row: ModelsPage.Row {
        .init(
            name: Samples.model, purpose: Samples.policy.purpose, champion: 2, newestVersion: 3, versions: 3,
            readiness: .notReady(met: 2, criteria: 4), openAlerts: 2, pendingApprovals: 1, endpoint: Samples.endpoint,
            rollout: Samples.rollout())
    }

    static var changes: [RegistryChange] {
        let kinds: [(RegistryChange.Kind, String, Int?, String?, RegistryChange.Origin)] = [
            (.alias, "champion", nil, "2", .change), (.versionTag, "card", 2, nil, .import),
            (.description, "", nil, "sample <text>", .migration),
        ]
        return kinds.enumerated().map { index, entry in
            RegistryChange(
                id: Int64(9 - index), kind: entry.0, key: entry.1, version: entry.2, value: entry.3, previous: "1",
                time: Samples.now, actorID: "p", actorName: "sample-ada", origin: entry.4)
        }
    }

    static var history: HistoryPage {
        HistoryPage(
            model: Samples.model, query: RegistryHistoryQuery(kind: .alias), at: "",
            content: .changes(changes, paging: Paging(isFirst: true, next: 7)))
    }

    static var moment: HistoryPage {
        HistoryPage(
            model: Samples.model, query: RegistryHistoryQuery(), at: "2026-03-03",
            content: .moment(
                RegistryMoment(name: "sample-old", at: Samples.now, beginsAt: Samples.now, items: changes)))
    }

    static var quietRow: ModelsPage.Row {
        .init(
            name: "sample-churn", purpose: nil, champion: nil, newestVersion: 1, versions: 1, readiness: .noPolicy,
            openAlerts: 0, pendingApprovals: 0, endpoint: nil, rollout: nil)
    }

    static var full: [(String, any Page)] {
        [
            ("sign-in", SignInPage(csrfToken: "sample", failure: "This key is not known.")),
            (
                "models",
                ModelsPage(
                    rows: [row, quietRow], total: 52,
                    attention: .init(openAlerts: 2, pendingApprovals: 1, rollouts: 1),
                    paging: Paging(isFirst: true, next: "sample-churn"))
            ),
            ("model", model), ("model-history", history), ("model-moment", moment), ("version", version),
            (
                "datasets",
                DatasetsPage(datasets: [
                    DatasetOverview(
                        name: "sample-plants", versions: 3, newest: Samples.datasetID, rows: 48_000, columns: 6,
                        bytes: 4_812_220, createdAt: Samples.ago(90_000), createdByName: "sample-author")
                ])
            ), ("dataset", dataset),
            (
                "dataset-version",
                DatasetVersionPage(
                    version: Samples.datasetVersion,
                    uses: [.init(runID: "a1b2", runName: "sample-run-7", context: "training")],
                    lineage: Samples.lineage, previous: 2)
            ),
            ("dataset-diff", DatasetDiffPage(comparison: Samples.comparison)),
            ("lineage", LineagePage(reference: Samples.lineage.root, outcome: .found(Samples.lineage))),
            ("endpoints", EndpointsPage(endpoints: [Samples.status])), ("endpoint", endpoint),
            (
                "rollouts",
                RolloutsPage(rollouts: [
                    Samples.rollout(), Samples.rollout(6, state: .promoted, reason: "All steps held."),
                    Samples.rollout(
                        5, state: .rolledBack,
                        reason: "Sample: p99 9.1 ms is 2.7 times the champion's 3.4 ms (limit 2)."),
                ])
            ),
            ("rollout", RolloutPage(rollout: Samples.rollout(), events: Samples.events)),
            ("alerts", AlertsPage(alerts: Samples.alerts, showsResolved: true)),
            (
                "retraining",
                RetrainingPage(runs: [
                    Samples.retraining(1, .running), Samples.retraining(2, .succeeded), Samples.retraining(3, .failed),
                ])
            ),
            ("retraining-run", RetrainingRunPage(run: Samples.retraining(2, .succeeded))),
            ("audit", AuditPage(events: Samples.audit, hasOlder: true, isNewest: false)),
            ("prediction", PredictionPage(id: "sample-id", outcome: .found(Samples.trace))),
            (
                "error-403",
                ErrorPage(status: 403, message: "sample-viewer may not do this: that needs the role operator.")
            ),
            ("error-404", ErrorPage(status: 404, message: "There is nothing at this path.")),
            (
                "error-500",
                ErrorPage(status: 500, message: "The server failed. The log has the cause.", requestID: "sample-1")
            ),
        ]
    }

    static var empty: [(String, any Page)] {
        [
            (
                "empty-models",
                ModelsPage(rows: [], total: 0, attention: .init(openAlerts: 0, pendingApprovals: 0, rollouts: 0))
            ),
            (
                "empty-model",
                ModelPage(
                    name: Samples.model, description: nil, versions: [], policy: nil, policyHistory: [],
                    approvals: [], endpoint: nil)
            ),
            (
                "empty-version",
                VersionPage(
                    record: Samples.record(1), run: nil, preparation: nil,
                    readiness: .none("No policy governs this model."), approvals: [])
            ),
            ("empty-datasets", DatasetsPage(datasets: [])),
            (
                "empty-dataset-version",
                DatasetVersionPage(version: Samples.datasetVersion, uses: [], lineage: nil, previous: nil)
            ),
            ("empty-lineage", LineagePage()),
            ("lineage-unknown", LineagePage(reference: "x", outcome: .failed("“x” names nothing in the lineage."))),
            ("empty-endpoints", EndpointsPage(endpoints: [])),
            (
                "empty-endpoint",
                EndpointPage(
                    status: EndpointStatus(
                        endpoint: Endpoint(id: 2, name: "sample-new", variants: [], updatedAt: Samples.now),
                        traffic: [],
                        rollout: nil, openAlerts: 0),
                    rolloutEvents: [], monitoredVersion: nil, drift: [], quality: [], alerts: [], rollouts: [])
            ),
            ("empty-rollouts", RolloutsPage(rollouts: [])),
            ("empty-alerts", AlertsPage(alerts: [], showsResolved: false)),
            ("empty-retraining", RetrainingPage(runs: [])),
            ("empty-audit", AuditPage(events: [], hasOlder: false, isNewest: true)),
            ("empty-prediction", PredictionPage()),
            ("prediction-unknown", PredictionPage(id: "x", outcome: .failed("This is not an id of this server."))),
        ]
    }

    static func document(_ page: any Page) -> String {
        PageFrame(
            now: Samples.now, principalName: page is SignInPage ? nil : "sample-viewer",
            csrfToken: page is SignInPage ? nil : "sample", isDevelopment: false, assetVersion: "0"
        ).document(page)
    }

    private static var model: ModelPage {
        ModelPage(
            name: Samples.model, description: nil,
            versions: [
                .init(
                    record: Samples.record(3, description: "Sample: two more sensors"), preparation: .servable,
                    readiness: .notReady(met: 2, criteria: 4)),
                .init(
                    record: Samples.record(2, aliases: ["champion"]), preparation: .servable,
                    readiness: .ready(criteria: 4)),
                .init(record: Samples.record(1), preparation: .unservable, readiness: .unknown),
            ], policy: Samples.policyVersion, policyHistory: [Samples.pendingPolicy, Samples.policyVersion],
            approvals: [Samples.pendingApproval, Samples.approval], endpoint: Samples.endpoint)
    }

    private static var dataset: DatasetPage {
        var before = Samples.datasetVersion
        before.id.number = 2
        before.source = nil
        return DatasetPage(
            name: "sample-plants", versions: [Samples.datasetVersion, before], paging: Paging(isFirst: true, next: 2))
    }

    private static var version: VersionPage {
        var page = VersionPage(
            record: Samples.record(3, aliases: ["candidate"]), run: Samples.run, preparation: Samples.preparation,
            readiness: .report(Samples.report), approvals: [Samples.pendingApproval])
        page.entry = Samples.entry
        page.lineage = Samples.lineage
        return page
    }

    private static var endpoint: EndpointPage {
        EndpointPage(
            status: Samples.status, rolloutEvents: Samples.events, monitoredVersion: 2,
            drift: [
                Samples.drift("vibration_mm_s", drifted: true), Samples.drift("temperature", drifted: false),
                Samples.categoricalDrift,
            ],
            quality: [Samples.series("recall", from: 0.86, to: 0.71, threshold: 0.8, above: false)],
            alerts: Samples.alerts,
            rollouts: [Samples.rollout()])
    }
}
