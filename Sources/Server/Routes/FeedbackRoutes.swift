internal import Domain
internal import Foundation
internal import Hummingbird
internal import Serving
internal import Storage
internal import Wire

/// What was learned later about predictions.
enum FeedbackRoutes {
    /// 1,000 entries of a kilobyte, and room.
    static let bodyBytesMax = 4 << 20

    static func add(to router: Router<MartletRequestContext>, monitoring: MonitoringParts, clock: any WallClock) {
        router.post("/api/v1/feedback") { request, context in
            let principal = try context.require(.contributor, to: "send feedback")
            let body = try await request.body.collect(upTo: bodyBytesMax)
            let document = try FeedbackDocument(JSONRequest.value(body))
            let names = Dictionary(
                try await monitoring.endpoints.monitoredEndpoints().map { ($0.endpoint.id, $0.endpoint.name) },
                uniquingKeysWith: { first, _ in first })
            let now = clock.now()
            let feedback = try document.entries.map { entry in
                try resolve(entry, principal: principal, names: names, ids: monitoring.predictionIDs, now: now)
            }
            try await checkRows(feedback, log: monitoring.predictionLog)
            return try JSONResponse.make(try await monitoring.feedback.record(feedback, by: principal))
        }
    }

    /// A request has a first row; the others are known where the prediction was recorded.
    private static func checkRows(_ feedback: [Feedback], log: any PredictionLog) async throws {
        var counts: [PredictionID: Int] = [:]
        for (index, entry) in feedback.enumerated() where entry.row > 0 {
            guard let id = entry.predictionID else { continue }
            if counts[id] == nil {
                counts[id] = try await log.record(id).map { try RecordedFeatures.count($0) } ?? .max
            }
            guard let count = counts[id], entry.row < count else {
                throw MartletError.invalid(
                    "Entry \(index) is about row \(entry.row): the prediction has \(counts[id] ?? 0), from 0 on.",
                    field: "[\(index)].row")
            }
        }
    }

    private static func resolve(
        _ entry: FeedbackDocument.Entry, principal: Principal, names: [Int64: String], ids: any PredictionIDSealing,
        now: Timestamp
    ) throws -> Feedback {
        let endpoint: String
        if let id = entry.predictionID {
            let origin = try ids.open(id)
            // An endpoint that is gone still owns its predictions; its number names it.
            endpoint = names[origin.endpointID] ?? "#\(origin.endpointID)"
            if let claimed = entry.endpoint, claimed != endpoint {
                throw MartletError.invalid(
                    "The prediction was made by the endpoint \(endpoint), not by \(claimed).", field: "endpoint")
            }
        } else {
            endpoint = entry.endpoint ?? ""
            guard names.values.contains(endpoint) else {
                throw MartletError.notFound("There is no endpoint named \(endpoint).")
            }
        }
        if let only = principal.onlyModel, only != endpoint {
            throw MartletError(.permissionDenied, "This key is confined to \(only).")
        }
        return Feedback(
            predictionID: entry.predictionID, businessKey: entry.predictionID == nil ? entry.businessKey : nil,
            endpoint: endpoint, row: entry.row, label: entry.label, override: entry.override, kpis: entry.kpis,
            time: now,
            principal: principal.name)
    }
}
