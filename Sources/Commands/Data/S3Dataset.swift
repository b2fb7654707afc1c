internal import Domain
internal import Storage

/// The objects in a bucket that a version is to be made of. They go through this machine, read with the credentials of whoever runs
/// the command: the server never sees these, and never reads by an address that a client sent.
struct S3Dataset {
    struct File {
        var object: S3Source.Object
        /// The path in the version.
        var path: String
        var format: DatasetVersion.Format
    }

    /// Objects of one folder looked at, of which some may be no data.
    static let objectsMax = 10 * DatasetLimits.filesMax

    let source: S3Source
    let files: [File]
    var bytes: Int64 { files.reduce(0) { $0 + $1.object.bytes } }

    /// - Parameter format: nil tells it by each object's name.
    /// - Throws: `invalidArgument` for an address that holds no data that Martlet reads; what S3 says.
    init(_ source: S3Source, url: String, format: DatasetVersion.Format?) async throws {
        self.source = source
        if let object = try await source.object() {
            let name = object.key.split(separator: "/").last.map(String.init) ?? object.key
            let found = try LocalDataset.format(of: name, given: format)
            files = [File(object: object, path: "data.\(found.rawValue)", format: found)]
            return
        }
        let base = source.key.isEmpty ? 0 : source.key.utf8.count + 1
        files = try await source.objects(max: Self.objectsMax).compactMap { object in
            let path = String(decoding: object.key.utf8.dropFirst(base), as: UTF8.self)
            // What consoles make for a folder is no data, nor what programs leave beside it.
            guard !path.isEmpty, !path.hasSuffix("/"), !LocalDataset.isHidden(path) else { return nil }
            return File(object: object, path: path, format: try LocalDataset.format(of: path, given: format))
        }.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        guard !files.isEmpty, files.count <= DatasetLimits.filesMax else {
            throw MartletError.invalid(
                "\(url) has \(files.count) data files; a version has 1 to \(DatasetLimits.filesMax). Names that begin with “.” or “_” are left out.",
                field: "path")
        }
    }
}
