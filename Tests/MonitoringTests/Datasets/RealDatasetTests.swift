import Domain
import Foundation
import Testing

@testable import Monitoring

@Suite("Real data counted")
struct RealDatasetTests {
    /// Data sets that lie beside a checkout, where they do.
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appending(
            path: "shared/data"
        ).path

    static func table(_ name: String) throws -> TableSketch {
        let bytes = Array(try Data(contentsOf: URL(filePath: folder + "/" + name)))
        var reader = try TableReader(.csv, parseJSON: TableReaderTests.parse)
        for start in stride(from: 0, to: bytes.count, by: 60_000) {
            try reader.consume(Array(bytes[start..<min(start + 60_000, bytes.count)]))
        }
        return try reader.finish()
    }

    @Test(
        "rows and types are as the files' authors have them",
        .enabled(if: FileManager.default.fileExists(atPath: folder), "There is no ../shared/data beside the checkout."),
        arguments: [
            ("ai4i2020.csv", 10_000, ["UDI": DatasetColumn.Kind.integer, "Type": .categorical, "Torque[Nm]": .number]),
            ("nab_nyc_taxi.csv", 10_320, ["timestamp": .timestamp, "value": .integer]),
            ("german_credit.csv", 1_000, ["purpose": .categorical, "gender": .categorical, "age_years": .integer]),
            ("elec2_part1.csv", 22_656, ["nswprice": .number, "class": .integer]),
        ] as [(String, Int, [String: DatasetColumn.Kind])])
    func schema(_ name: String, _ rows: Int, _ kinds: [String: DatasetColumn.Kind]) throws {
        let table = try Self.table(name)
        #expect(table.rows == rows)
        for (column, kind) in kinds { #expect(try TableReaderTests.column(table, column).kind == kind, "\(column)") }
    }

    @Test(
        "electricity prices moved between the halves of the Elec2 record",
        .enabled(if: FileManager.default.fileExists(atPath: folder), "There is no ../shared/data beside the checkout."))
    func drift() throws {
        func version(_ number: Int, _ table: TableSketch) -> (version: DatasetVersion, table: TableSketch) {
            (
                DatasetVersion(
                    id: DatasetVersionID(name: "elec2", number: number, digest: "\(number)"),
                    createdAt: Timestamp(milliseconds: 0), createdBy: Principal.ID(rawValue: "p"), createdByName: "p",
                    source: nil, files: [], rows: table.rows, columns: table.profile), table
            )
        }
        let found = DatasetComparer.compare(
            version(1, try Self.table("elec2_part1.csv")), version(2, try Self.table("elec2_part2.csv")))
        // PSI over the first half's deciles, computed apart with Python: 2.23, 1.51 and 1.08; a sketch moves the edges a little.
        #expect(found.drift.prefix(3).map(\.name) == ["vicprice", "transfer", "nswprice"])
        for (drift, expected) in zip(found.drift, [2.23, 1.51, 1.08]) {
            #expect(abs((drift.psi ?? 0) - expected) < 0.3, "\(drift)")
            #expect(drift.isSignificant)
        }
        #expect(found.drift.first { $0.name == "period" }?.psi ?? 1 < 0.01)
    }
}
