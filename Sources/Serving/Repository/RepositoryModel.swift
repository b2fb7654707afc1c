internal import Domain

/// What is known of one model of the repository: what is served of it, and why the rest is not.
struct RepositoryModel: Sendable {
    /// A version in memory, and what it was loaded from.
    struct Served: Sendable {
        let model: LoadedModel
        let files: VersionFiles
        let configuration: ModelConfiguration
    }

    /// What lay on disk when it was read last; nil before.
    var seen: RepositorySight?
    var served: [Int: Served] = [:]
    /// Why a version that was to be served is not, or not as it lies there now; 0 stands for the model as a whole.
    var failures: [Int: MartletError] = [:]
    /// By a call.
    var isUnloaded = false

    static let unloaded = MartletError(.unavailable, "unloaded")

    func entries(_ name: String) -> [RepositoryEntry] {
        Set(served.keys).union(failures.keys).sorted().map { version in
            RepositoryEntry(
                id: ModelVersionID(model: name, version: version), reason: failures[version]?.message,
                isReady: served[version] != nil)
        }
    }

    /// The version that answers calls without one: the newest that is served, else the newest that is not, which says why.
    var newest: Int? { served.keys.max() ?? failures.keys.max() }

    /// Without what is in memory.
    func unloading() -> RepositoryModel {
        var model = self
        let versions = Set(served.keys).union(failures.keys)
        model.served = [:]
        model.failures = Dictionary(uniqueKeysWithValues: versions.map { ($0, Self.unloaded) })
        model.isUnloaded = true
        return model
    }

    /// As it was, with what went wrong with all of it.
    func failing(_ error: MartletError) -> RepositoryModel {
        var model = self
        let versions = served.isEmpty ? [0] : Array(served.keys)
        model.failures = Dictionary(uniqueKeysWithValues: versions.map { ($0, error) })
        model.isUnloaded = false
        // When it is as it was before, it is to be read again all the same.
        model.seen = nil
        return model
    }

    /// What a caller who wanted it loaded is told; nil where all of it was.
    func failure(_ name: String) -> MartletError? {
        guard let first = failures.min(by: { $0.key < $1.key }) else { return nil }
        let place = first.key == 0 ? "" : "Version \(first.key): "
        return refusal(name, place + first.value.message, first.value)
    }

    func refusal(_ name: String, _ reason: String, _ cause: MartletError) -> MartletError {
        let versions = served.keys.sorted().map(String.init).joined(separator: ", ")
        let rest = served.isEmpty ? "" : " Served as before: version \(versions)."
        return MartletError(.unavailable, "The model \(name) was not loaded. \(reason)\(rest)", cause: cause)
    }
}

/// What lay on disk of a model at one moment: two that are the same need no loading.
struct RepositorySight: Sendable, Hashable {
    let folder: ModelFolder
    let configuration: ModelConfiguration
    /// Whether the configuration came with a call, not from the disk.
    let isOverridden: Bool
    /// Of the versions that the configuration chooses.
    let versions: [VersionFiles]
    /// Those of them that are not as they must be.
    let missing: [Int: String]

    static func == (one: RepositorySight, other: RepositorySight) -> Bool {
        one.folder == other.folder && one.configuration == other.configuration && one.versions == other.versions
            && one.missing == other.missing
    }

    func hash(into hasher: inout Hasher) { hasher.combine(folder) }
}
