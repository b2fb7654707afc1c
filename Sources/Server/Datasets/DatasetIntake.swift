internal import Domain
internal import Foundation
internal import Guests
internal import Hummingbird
internal import Monitoring
internal import NIOCore
internal import Storage
internal import Wire

/// Takes the files of data sets in: each is stored by its content and counted in one pass while it streams in; a version is then made of
/// what was stored and counted.
struct DatasetIntake: Sendable {
    let datasets: DatasetStore
    let blobs: BlobStore
    let parquet: ParquetReader
    let bytesMax: Int64

    /// What became of one file.
    struct Taken: Encodable, Sendable {
        var path: String
        var digest: String
        var bytes: Int64
        var format: DatasetVersion.Format
        var rows: Int
        var columns: Int
    }

    /// Stores and counts one file. Nothing is kept of one that its format does not allow.
    ///
    /// - Throws: `invalidArgument` naming the row at fault, `payloadTooLarge`; for Parquet `failedPrecondition` where guests are off.
    func take(_ body: RequestBody, path: String, format: DatasetVersion.Format) async throws -> Taken {
        try DatasetLimits.checkPath(path)
        let table: TableSketch
        let blob: BlobStore.Blob
        if format == .parquet {
            try parquet.check()
            blob = try await blobs.write(body, bytesMax: ParquetReader.bytesMax)
            let bytes = try await blobs.read(blob, bytesMax: Int(ParquetReader.bytesMax))
            table = try Self.count(try await parquet.csv(bytes))
        } else {
            let counted = FileCounter(try TableReader(format, parseJSON: Self.parseJSON))
            blob = try await blobs.write(
                TappedBody(base: body) { piece in try counted.consume(Array(piece.readableBytesView)) },
                bytesMax: bytesMax)
            table = try counted.finish()
        }
        try await datasets.keepSketch(
            try Self.text(table), digest: blob.digest, bytes: blob.bytes, format: format)
        return Taken(
            path: path, digest: blob.digest, bytes: blob.bytes, format: format, rows: table.rows,
            columns: table.profile.count)
    }

    /// One file of a version to be made.
    struct Named: Sendable {
        var path: String
        var digest: String
        var format: DatasetVersion.Format
    }

    /// Makes a version of files that were taken in before.
    ///
    /// - Throws: `failedPrecondition` for a file that was not.
    func version(
        of name: String, _ files: [Named], source: String?, by actor: Principal
    ) async throws -> (version: DatasetVersion, isNew: Bool) {
        var whole = TableSketch()
        var taken: [DatasetStore.NewFile] = []
        for (index, file) in files.enumerated() {
            guard let known = try await datasets.sketch(digest: file.digest, format: file.format) else {
                throw MartletError.precondition(
                    "The file \(file.path) is not stored as \(file.format.rawValue). Send it first: POST /api/v1/datasets/\(name)/files."
                )
            }
            let table = try Self.table(known.text)
            if index == 0 { whole = table } else { try whole.merge(table) }
            taken.append(
                DatasetStore.NewFile(
                    path: file.path, digest: file.digest, bytes: known.bytes, format: file.format, rows: table.rows))
        }
        return try await datasets.add(
            DatasetStore.Draft(
                name: name, source: source, files: taken, rows: whole.rows, columns: whole.profile,
                sketch: try Self.text(whole)),
            by: actor)
    }

    /// What changed from one version to another.
    ///
    /// - Throws: `notFound`.
    func compare(
        _ name: String, _ from: DatasetVersionSelector, _ to: DatasetVersionSelector
    ) async throws -> DatasetComparison {
        let old = try await datasets.sketched(name, from)
        let new = try await datasets.sketched(name, to)
        return DatasetComparer.compare(
            (old.version, try Self.table(old.sketch)), (new.version, try Self.table(new.sketch)))
    }

    // MARK: counting

    private static func count(_ csv: [UInt8]) throws -> TableSketch {
        var reader = try TableReader(.csv, parseJSON: parseJSON)
        try reader.consume(csv)
        return try reader.finish()
    }

    private static let parseJSON: @Sendable ([UInt8]) throws -> JSONValue = { try JSONParser.parse($0) }

    private static func text(_ table: TableSketch) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(table), as: UTF8.self)
    }

    private static func table(_ text: String) throws -> TableSketch {
        do {
            return try JSONDecoder().decode(TableSketch.self, from: Data(text.utf8))
        } catch {
            throw MartletError(.internal, "What was counted of a data set cannot be read.", cause: error)
        }
    }
}
