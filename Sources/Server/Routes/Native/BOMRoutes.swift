internal import Domain
internal import Foundation
internal import Hummingbird
internal import Storage
internal import Wire

/// `/models/{name}/versions/{version}/bom`: what a version is made of, as CycloneDX.
struct BOMRoutes: Sendable {
    /// Bytes of a requirements file; longer ones are no lists of libraries.
    static let requirementsBytesMax = 1 << 20

    let registry: RegistryReader
    let policies: PolicyStore
    let clock: any WallClock

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.get("models/:name/versions/:version/bom") { _, context in
            try context.require(.viewer, to: "read bills of materials")
            let bom = try await bom(try ModelRoutes.id(context))
            return JSONResponse.bytes(
                JSONPrinter.print(bom.document), contentType: "application/vnd.cyclonedx+json; version=1.6")
        }
    }

    private func bom(_ id: ModelVersionID) async throws -> ModelBOM {
        let record = try await registry.versionRecord(id)
        var run: RunRecord?
        if let runID = record.runID { run = try await registry.runRecord(runID) }
        let date = Date(timeIntervalSince1970: Double(clock.now().milliseconds) / 1000)
        return ModelBOM(
            record: record, run: run, policy: try await policies.policyInForce(id.model)?.policy,
            requirements: try await requirements(record), rootDigest: record.manifest.rootDigest,
            madeAt: date.formatted(.iso8601))
    }

    /// MLflow writes both files beside a model; the first is the more exact one.
    private func requirements(_ record: VersionRecord) async throws -> [PythonRequirement] {
        if let text = try await text("requirements.txt", record) { return PythonRequirement.parse(requirements: text) }
        if let text = try await text("conda.yaml", record) { return PythonRequirement.parse(conda: text) }
        return []
    }

    private func text(_ path: String, _ record: VersionRecord) async throws -> String? {
        guard record.files.contains(where: { $0.path == path }) else { return nil }
        let bytes = try await registry.read(path, of: record.id, bytesMax: Self.requirementsBytesMax)
        return String(decoding: bytes, as: UTF8.self)
    }
}
