internal import Dashboard
internal import Domain
internal import Foundation
internal import Lifecycle
internal import Monitoring
internal import Storage

extension StoredDashboard {
    func alerts(includingResolved: Bool) async throws -> AlertsPage {
        let alerts =
            includingResolved
            ? try await services.monitoring.alerts.alerts(endpoint: nil, state: nil, before: nil, limit: Self.rowsMax)
            : Array(try await services.monitoring.alerts.openAlerts().prefix(Self.rowsMax))
        return AlertsPage(alerts: alerts, showsResolved: includingResolved)
    }

    func retraining() async throws -> RetrainingPage {
        RetrainingPage(runs: try await services.retraining.store.runs(model: nil, before: nil, limit: Self.rowsMax))
    }

    func retrainingRun(_ id: Int64) async throws -> RetrainingRunPage {
        RetrainingRunPage(run: try await services.retraining.store.run(id))
    }

    func audit(before sequence: Int64?) async throws -> AuditPage {
        let events = try await services.audit.auditEvents(
            matching: AuditFilter(), before: sequence, limit: AuditPage.eventsMax + 1)
        return AuditPage(
            events: Array(events.prefix(AuditPage.eventsMax)), hasOlder: events.count > AuditPage.eventsMax,
            isNewest: sequence == nil)
    }

    func prediction(_ id: String) async throws -> PredictionPage {
        let trace: PredictionTrace
        do {
            trace = try await services.predictions.tracer.trace(PredictionID(rawValue: id))
        } catch let error as MartletError {
            guard error.code == .invalidArgument || error.code == .notFound else { throw error }
            return PredictionPage(id: id, outcome: .failed(error.message))
        }
        guard let endpoint = trace.endpoint else {
            return PredictionPage(id: id, outcome: .failed(trace.missing.joined(separator: " ")))
        }
        return PredictionPage(
            id: id,
            outcome: .found(
                PredictionPage.Trace(
                    endpoint: endpoint, origin: trace.origin, version: trace.version, run: trace.run,
                    approvals: trace.approvals ?? [], rolloutStep: Self.step(trace),
                    input: trace.input.map(JSONText.indented), output: trace.output.map(JSONText.indented),
                    runtime: trace.runtime, feedback: trace.feedback)))
    }

    /// `shadow`, or the candidate's share at that step.
    private static func step(_ trace: PredictionTrace) -> String? {
        guard let steps = trace.rollout?.plan.steps, steps.indices.contains(trace.origin.rolloutStep) else {
            return nil
        }
        return steps[trace.origin.rolloutStep].weightPercent.map { "\($0.formatted()) %" } ?? "shadow"
    }
}
