internal import Domain
internal import Foundation
internal import Hummingbird
internal import Logging
internal import Storage
internal import Synchronization
internal import Wire

/// `POST /api/v1/collections`: remove for good what was deleted a while ago. Administrators only.
///
/// The answer is one JSON object a line: `{"phase", "total"}`, `{"item"}` for each thing, and at the end `{"summary"}`; a line
/// `{"error"}` in its place says why it broke off. What went before is gone; the next collection goes on.
final class CollectionRoutes: Sendable {
    static let olderThanDaysDefault = 30.0
    /// A hundred years.
    static let olderThanDaysMax = 36_500.0
    /// A shorter grace would take the file of an upload that waits for the database.
    static let graceSecondsMin = 60.0

    private let services: Services
    /// One at a time: two would only wait for each other.
    private let isRunning = Mutex(false)

    init(services: Services) {
        self.services = services
    }

    private struct PhaseLine: Encodable {
        var phase: CollectionItem.Kind
        var total: Int
    }
    private struct ItemLine: Encodable { var item: CollectionItem }
    private struct SummaryLine: Encodable { var summary: CollectionSummary }
    private struct ErrorLine: Encodable { var error: String }

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.post("collections") { [self] request, context in
            let actor = try context.require(.administrator, to: "delete permanently")
            let fields = try await NativeRoutes.fields(request)
            let days = try Self.number(fields, "older_than_days", Self.olderThanDaysDefault, 0...Self.olderThanDaysMax)
            let grace = try Self.number(
                fields, "blob_grace_seconds", Collector.blobGraceDefault,
                Self.graceSecondsMin...(Self.olderThanDaysMax * 86_400))
            let scope = CollectionScope(
                deletedBefore: services.clock.now().adding(seconds: -days * 86_400),
                experiments: try fields.strings("experiments"), runs: try fields.strings("runs"),
                loggedModels: try fields.strings("logged_models"),
                includesBlobs: try fields.bool("blobs") ?? true)
            let collector = Collector(
                database: services.registry, artifacts: services.artifacts, clock: services.clock, blobGrace: grace)
            try await collector.check(scope)
            guard
                (isRunning.withLock { isRunning in
                    defer { isRunning = true }
                    return !isRunning
                })
            else { throw MartletError.precondition("A collection is under way already.") }
            return answer(collector, scope, isDryRun: try fields.bool("dry_run") ?? false, by: actor)
        }
    }

    private func answer(
        _ collector: Collector, _ scope: CollectionScope, isDryRun: Bool, by actor: Principal
    ) -> Response {
        let body = ResponseBody { [self] writer in
            defer { isRunning.withLock { $0 = false } }
            do {
                try await collector.collect(scope, isDryRun: isDryRun, by: actor) { event in
                    switch event {
                    case .phase(let kind, let total):
                        try await writer.write(JSONLine.make(PhaseLine(phase: kind, total: total)))
                    case .item(let item): try await writer.write(JSONLine.make(ItemLine(item: item)))
                    case .done(let summary): try await writer.write(JSONLine.make(SummaryLine(summary: summary)))
                    }
                }
            } catch let error as MartletError {
                // The status is long sent, so that the last line must say it.
                services.logger.warning("a collection broke off", metadata: ["error": "\(error)"])
                try await writer.write(JSONLine.make(ErrorLine(error: error.message)))
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "application/jsonl", .cacheControl: "no-store"], body: body)
    }

    private static func number(
        _ fields: MLflowRequest, _ name: String, _ standard: Double, _ range: ClosedRange<Double>
    ) throws -> Double {
        let number = try fields.double(name) ?? standard
        guard range.contains(number) else {
            throw MartletError.invalid("\(name) is from \(range.lowerBound) to \(range.upperBound).", field: name)
        }
        return number
    }
}
