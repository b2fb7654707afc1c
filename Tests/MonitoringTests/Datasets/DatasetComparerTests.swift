import Domain
import Foundation
import Testing

@testable import Monitoring

@Suite("Two versions of a data set compared")
struct DatasetComparerTests {
    private func version(_ number: Int, _ table: TableSketch, files: [String: String] = ["data.csv": "aa"])
        -> (version: DatasetVersion, table: TableSketch)
    {
        (
            DatasetVersion(
                id: DatasetVersionID(name: "d", number: number, digest: "\(number)"),
                createdAt: Timestamp(milliseconds: 0),
                createdBy: Principal.ID(rawValue: "p"), createdByName: "p", source: nil,
                files: files.sorted { $0.key < $1.key }.map {
                    .init(path: $0.key, digest: $0.value, bytes: 1, format: .csv, rows: table.rows)
                }, rows: table.rows, columns: table.profile), table
        )
    }

    @Test("schema, rows and files; the column that moved comes first and is significant, those that did not are not")
    func compare() throws {
        func csv(_ count: Int, shift: Double, plants: [String]) throws -> TableSketch {
            var text = "still,moved,plant,kind,gone_or_new\n".replacing(
                "gone_or_new", with: shift == 0 ? "gone" : "new")
            for row in 0..<count {
                let number = Double(row * 7919 % 1000) / 1000
                text +=
                    "\(number),\(number + shift),\(plants[row % plants.count]),\(shift == 0 ? "\(row)" : "word\(row)"),1\n"
            }
            return try TableReaderTests.table(text, piece: 1 << 14)
        }
        let from = version(1, try csv(2_000, shift: 0, plants: ["n", "s"]), files: ["a": "1", "b": "2"])
        let to = version(2, try csv(3_000, shift: 0.3, plants: ["n", "s", "s"]), files: ["b": "3", "c": "4"])
        let found = DatasetComparer.compare(from, to)
        #expect(found.rowsFrom == 2_000 && found.rowsTo == 3_000)
        #expect(found.addedColumns.map(\.name) == ["new"] && found.removedColumns.map(\.name) == ["gone"])
        #expect(found.changedKinds == [.init(name: "kind", from: .integer, to: .text)])
        #expect((found.addedFiles, found.removedFiles, found.changedFiles) == (["c"], ["a"], ["b"]))
        #expect(found.drift.map(\.name) == ["moved", "plant", "still"])
        #expect(found.drift.map(\.isSignificant) == [true, true, false])
        #expect(found.drift.map(\.test) == ["KS", "chi-square", "KS"])
        #expect(try #require(found.drift[0].psi) > 0.2 && #require(found.drift[2].psi) < 0.05)
        #expect(abs(found.significance - 0.05 / 3) < 1e-12)
    }

    @Test("a version compared with itself has not moved")
    func same() throws {
        let table = try TableReaderTests.table("a,b,c\n" + (0..<500).map { "\($0),\($0 % 3),x\n" }.joined())
        let found = DatasetComparer.compare(version(1, table), version(1, table))
        #expect(found.drift.count == 3 && found.drift.allSatisfy { $0.psi == 0 && !$0.isSignificant })
    }

    @Test("a constant that changed is seen")
    func constant() throws {
        func table(_ value: Int) throws -> TableSketch {
            try TableReaderTests.table("a\n" + String(repeating: "\(value)\n", count: 300))
        }
        let found = DatasetComparer.compare(version(1, try table(5)), version(2, try table(6)))
        #expect(found.drift[0].isSignificant && found.drift[0].psi ?? 0 > 1)
    }
}
