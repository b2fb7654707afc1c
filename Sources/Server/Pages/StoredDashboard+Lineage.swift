internal import Dashboard
internal import Domain
internal import Lifecycle
internal import Storage

extension StoredDashboard {
    static let datasetsMax = 50
    /// Runs of one version on its page.
    private static let usesMax = 50

    func datasets(after name: String?) async throws -> DatasetsPage {
        let found = try await origins.datasets.summaries(after: name, limit: Self.datasetsMax + 1)
        let (shown, paging) = Self.page(found, of: Self.datasetsMax, isFirst: name == nil, key: \.name)
        return DatasetsPage(datasets: shown, paging: paging)
    }

    func dataset(_ name: String, before number: Int?) async throws -> DatasetPage {
        let found = try await origins.datasets.versions(name, before: number, limit: Self.versionsMax + 1)
        let (shown, paging) = Self.page(found, of: Self.versionsMax, isFirst: number == nil, key: \.id.number)
        return DatasetPage(name: name, versions: shown, paging: paging)
    }

    func datasetVersion(_ name: String, _ number: Int) async throws -> DatasetVersionPage {
        let version = try await origins.datasets.version(name, .number(number))
        let reference = LineageReference.dataset(name: name, version: version.id.digest)
        return DatasetVersionPage(
            version: version, uses: try await origins.datasets.uses(of: version.id, limit: Self.usesMax),
            lineage: try await origins.lineage.graph(of: reference, .both),
            previous: try await origins.datasets.versions(name, before: number, limit: 1).first?.id.number)
    }

    func datasetDiff(_ name: String, from: Int, to: Int) async throws -> DatasetDiffPage {
        DatasetDiffPage(
            comparison: try await origins.intake.compare(name, .number(from), .number(to)))
    }

    func lineage(of reference: String) async throws -> LineagePage {
        do {
            let graph = try await origins.lineage.graph(of: try LineageReference(reference), .both)
            return LineagePage(reference: reference, outcome: .found(graph))
        } catch let error as MartletError where [.invalidArgument, .notFound].contains(error.code) {
            return LineagePage(reference: reference, outcome: .failed(error.message))
        }
    }
}
