internal import Domain
internal import Foundation
internal import Logging
internal import Storage

/// Sees to it that the model files which a snapshot or a preparation names are on this machine: those that have gone from the
/// cache, or were never here, are fetched by their digest; those that are served stay.
struct LocalModelFiles: Sendable {
    let blobs: BlobStore
    let registry: any RegistryReading
    let logger: Logger

    /// The version with a path where its file is now. Where it cannot be had the path stays, and loading says what is missing.
    func located(_ version: ServableVersion) async -> ServableVersion {
        guard !FileManager.default.fileExists(atPath: version.path) else { return version }
        do {
            let record = try await registry.versionRecord(version.id)
            guard let file = record.files.first(where: { $0.digest == version.digest }) else { return version }
            var located = version
            located.path = try await blobs.localPath(BlobStore.Blob(digest: file.digest, bytes: file.bytes))
            return located
        } catch {
            logger.error(
                "a model file could not be fetched", metadata: ["version": "\(version.id)", "reason": "\(error)"])
            return version
        }
    }
}

/// The data plane, given snapshots whose files are here.
struct LocalisingReceiver: SnapshotReceiver {
    let files: LocalModelFiles
    let receiver: any SnapshotReceiver

    func apply(_ snapshot: EndpointSnapshot) async throws {
        files.blobs.pin(Set(snapshot.versions.map(\.digest)))
        var located = snapshot
        for index in located.versions.indices { located.versions[index] = await files.located(located.versions[index]) }
        try await receiver.apply(located)
    }
}

/// Preparations for those who load a version themselves.
struct LocalPreparations: VersionPreparationStore {
    let files: LocalModelFiles
    let store: PreparationStore

    func preparation(_ id: ModelVersionID) async throws -> VersionPreparation? {
        guard var preparation = try await store.preparation(id) else { return nil }
        if let servable = preparation.servable { preparation.servable = await files.located(servable) }
        return preparation
    }

    func save(_ preparation: VersionPreparation) async throws { try await store.save(preparation) }

    func unprepared() async throws -> [ModelVersionID] { try await store.unprepared() }
}
