internal import Crypto
internal import Domain
internal import Foundation
internal import Storage

/// The files on this machine that a version is to be made of.
struct LocalDataset {
    struct File {
        var url: URL
        /// The path in the version.
        var path: String
        var bytes: Int64
        var format: DatasetVersion.Format
        /// Known after `hash`.
        var digest = ""
    }

    var files: [File]
    var bytes: Int64 { files.reduce(0) { $0 + $1.bytes } }
    var digest: String { DatasetDigest.of(files.map { ($0.path, $0.bytes, $0.digest) }) }

    /// - Parameter format: nil tells it by each file's name.
    /// - Throws: `invalidArgument` for a path that holds no data that Martlet reads.
    init(path: String, format: DatasetVersion.Format?) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw MartletError.invalid("\(path) is not there.")
        }
        let url = URL(fileURLWithPath: path)
        if isFolder.boolValue {
            files = try Self.folder(url, format: format)
        } else {
            let found = try Self.format(of: url.lastPathComponent, given: format)
            // Under one name always: the content makes the version, not what its file is called.
            files = [File(url: url, path: "data.\(found.rawValue)", bytes: try Self.bytes(url), format: found)]
        }
        guard !files.isEmpty, files.count <= DatasetLimits.filesMax else {
            throw MartletError.invalid(
                "\(path) has \(files.count) data files; a version has 1 to \(DatasetLimits.filesMax). Files whose names begin with “.” or “_” are left out."
            )
        }
    }

    /// What programs leave beside data (`.crc`, `_SUCCESS`) is no data.
    private static func folder(_ url: URL, format: DatasetVersion.Format?) throws -> [File] {
        let base = url.resolvingSymlinksInPath().path
        let found = FileManager.default.enumerator(
            at: URL(fileURLWithPath: base), includingPropertiesForKeys: [.isRegularFileKey])
        var files: [File] = []
        while let item = found?.nextObject() as? URL {
            guard try item.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
            let path = String(item.path.dropFirst(base.count + 1))
            if isHidden(path) { continue }
            files.append(
                File(url: item, path: path, bytes: try bytes(item), format: try Self.format(of: path, given: format)))
        }
        return files.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    static func isHidden(_ path: String) -> Bool {
        path.split(separator: "/").contains { $0.hasPrefix(".") || $0.hasPrefix("_") }
    }

    static func format(of name: String, given: DatasetVersion.Format?) throws -> DatasetVersion.Format {
        if let given { return given }
        switch name.split(separator: ".").last?.lowercased() {
        case "csv": return .csv
        case "jsonl", "ndjson": return .jsonl
        case "parquet": return .parquet
        default:
            throw MartletError.invalid(
                "\(name) is neither .csv nor .jsonl, .ndjson or .parquet. --format says what it holds; other data cannot be profiled and is not taken."
            )
        }
    }

    private static func bytes(_ url: URL) throws -> Int64 {
        let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
        return (attributes[.size] as? NSNumber)?.int64Value ?? 0
    }

    /// Reads every file once.
    mutating func hash(progress: (Int64) -> Void) throws {
        for index in files.indices {
            let handle = try FileHandle(forReadingFrom: files[index].url)
            var hash = SHA256()
            var bytes: Int64 = 0
            while let data = try handle.read(upToCount: 1 << 20), !data.isEmpty {
                hash.update(data: data)
                bytes += Int64(data.count)
                progress(Int64(data.count))
            }
            try handle.close()
            files[index].bytes = bytes
            files[index].digest = hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
                .joined()
        }
    }
}
