internal import CAssets
public import Domain

/// Reads Parquet in a guest with pyarrow and gives the rows as CSV: the format is a program's to decode, and not this server's.
public struct ParquetReader: Sendable {
    /// Bytes of a file at most, and of its rows as CSV: both are held whole.
    public static let bytesMax: Int64 = 256 << 20
    static let reasonCharactersMax = 500

    private let runner: any GuestRunner
    private let python: String
    private let isAllowed: Bool

    /// - Parameters:
    ///   - python: an interpreter with pyarrow.
    ///   - isAllowed: whether others' code may run here.
    public init(runner: any GuestRunner, python: String, isAllowed: Bool) {
        self.runner = runner
        self.python = python
        self.isAllowed = isAllowed
    }

    /// - Throws: `failedPrecondition` where guests are off.
    public func check() throws(MartletError) {
        guard isAllowed else {
            throw MartletError.precondition(
                "Parquet is read by pyarrow in a confined child process, and those are off on this server: start it with --enable-guests and --python, or add CSV or JSON lines."
            )
        }
    }

    /// - Throws: `invalidArgument` with the reason where it cannot be read.
    public func csv(_ parquet: [UInt8]) async throws -> [UInt8] {
        let asset = martlet_asset_read_parquet_py()
        let result = try await runner.run(
            GuestCommand(
                executable: python, arguments: ["read_parquet.py", "data.parquet", "rows.csv", "\(Self.bytesMax)"],
                code: .others, environment: SklearnConverter.environment,
                inputs: [
                    .init(
                        path: "read_parquet.py",
                        content: .bytes(Array(UnsafeBufferPointer(start: asset.bytes, count: asset.count)))),
                    .init(path: "data.parquet", content: .bytes(parquet)),
                ], outputs: [.init(name: "rows.csv", bytesMax: Int(Self.bytesMax))],
                readablePaths: SklearnConverter.readablePaths(python: python), limits: GuestLimits()))
        guard result.isSuccess, let rows = result.outputs["rows.csv"] else {
            let words = result.standardError.suffix(Self.reasonCharactersMax)
            throw MartletError.invalid("The Parquet file cannot be read; the reader \(result.ending). \(words)")
        }
        return rows
    }
}
