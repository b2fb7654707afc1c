internal import Lifecycle
internal import Storage

/// Data sets, the entries of versions, and the lineage between all of them.
struct LineageParts: Sendable {
    let datasets: DatasetStore
    let intake: DatasetIntake
    let entries: VersionEntryService
    let lineage: LineageService
    /// nil where no OpenLineage endpoint is configured.
    let openLineage: OpenLineageService?
}
