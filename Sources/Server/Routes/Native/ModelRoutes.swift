internal import Domain
internal import Foundation
internal import Hummingbird
internal import Lifecycle
internal import Storage
internal import Wire

/// `/api/v1/models`: registered models and their versions with what came of preparing them. Changes go through MLflow's API.
struct ModelRoutes: Sendable {
    /// One model and its newest version.
    private struct ModelRow: Encodable {
        var name: String
        var versions: Int
        var newestVersion: Int?
        var aliases: [String: Int]
    }

    /// A version's record and its preparation.
    private struct VersionDetail: Encodable {
        var version: VersionRecord
        var preparation: VersionPreparation?
        /// Of one version alone; a list would read too much.
        var entry: VersionEntry?
        /// Of one version alone; nil where it was not made of another.
        var optimization: OptimizationRecord?
    }

    let registry: RegistryReader
    let preparations: PreparationStore
    let optimizations: OptimizedVersionStore
    let entries: VersionEntryService
    let clock: any WallClock

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.get("models") { _, context in
            try context.require(.viewer, to: "list models")
            var rows: [ModelRow] = []
            for name in try await registry.modelNames() { rows.append(try await row(name)) }
            return try NativeRoutes.list(rows)
        }
        group.get("models/:name") { _, context in
            try context.require(.viewer, to: "read models")
            let name = try Self.text("name", context)
            guard try await registry.modelNames().contains(name) else {
                throw MartletError.notFound("There is no registered model \(name).")
            }
            return try JSONResponse.make(try await row(name))
        }
        group.get("models/:name/versions") { _, context in
            try context.require(.viewer, to: "read models")
            let name = try Self.text("name", context)
            guard try await registry.modelNames().contains(name) else {
                throw MartletError.notFound("There is no registered model \(name).")
            }
            var details: [VersionDetail] = []
            for record in try await registry.versionRecords(model: name) { details.append(try await detail(record)) }
            return try NativeRoutes.list(details)
        }
        group.get("models/:name/versions/:version") { _, context in
            try context.require(.viewer, to: "read models")
            var detail = try await detail(try await registry.versionRecord(try Self.id(context)))
            detail.entry = try await entries.entry(detail.version.id)
            detail.optimization = try await optimizations.record(of: detail.version.id)
            return try JSONResponse.make(detail)
        }
        group.get("models/:name/versions/:version/entry") { request, context in
            try context.require(.viewer, to: "read models")
            let entry = try await entries.entry(try Self.id(context))
            switch QueryItems.parse(request.uri.query).first(where: { $0.key == "format" })?.value ?? "json" {
            case "json": return try JSONResponse.make(entry)
            case "markdown":
                return JSONResponse.bytes(
                    VersionEntryMarkdown.text(entry, now: clock.now()).utf8,
                    contentType: "text/markdown; charset=utf-8")
            case let other:
                throw MartletError.invalid(
                    "An entry is written as json or markdown, not as “\(other.prefix(40))”.", field: "format")
            }
        }
        group.get("models/:name/versions/:version/preparation") { _, context in
            try context.require(.viewer, to: "read models")
            let record = try await registry.versionRecord(try Self.id(context))
            return try JSONResponse.make(try await preparation(record))
        }
    }

    private func row(_ name: String) async throws -> ModelRow {
        let records = try await registry.versionRecords(model: name)
        var aliases: [String: Int] = [:]
        for record in records {
            for alias in record.aliases { aliases[alias] = record.id.version }
        }
        return ModelRow(
            name: name, versions: records.count, newestVersion: records.first?.id.version, aliases: aliases)
    }

    private func detail(_ record: VersionRecord) async throws -> VersionDetail {
        VersionDetail(version: record, preparation: try await preparation(record))
    }

    /// A version that nothing has looked at yet is pending.
    private func preparation(_ record: VersionRecord) async throws -> VersionPreparation {
        try await preparations.preparation(record.id)
            ?? VersionPreparation(
                id: record.id, state: .pending, detail: "Waits to be prepared.", preparedAt: record.createdAt)
    }

    static func text(_ name: String, _ context: MartletRequestContext) throws -> String {
        let text = try context.parameters.require(name)
        return text.removingPercentEncoding ?? text
    }

    /// The version that the path names.
    ///
    /// - Throws: `invalidArgument` if it is not a number, 1 or more.
    static func id(_ context: MartletRequestContext) throws -> ModelVersionID {
        let text = try text("version", context)
        guard let version = Int(text), version > 0 else {
            throw MartletError.invalid("“\(text)” is not a version: versions are numbers, 1 or more.", field: "version")
        }
        return ModelVersionID(model: try Self.text("name", context), version: version)
    }
}
