import Domain
import Foundation
import Testing

@testable import Monitoring

@Suite("Data sets counted in one pass")
struct TableReaderTests {
    static let parse: @Sendable ([UInt8]) throws -> JSONValue = {
        try JSONDecoder().decode(JSONValue.self, from: Data($0))
    }

    static func table(_ text: String, _ format: DatasetVersion.Format = .csv, piece: Int = 7) throws -> TableSketch {
        var reader = try TableReader(format, parseJSON: parse)
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: piece) {
            try reader.consume(Array(bytes[start..<min(start + piece, bytes.count)]))
        }
        return try reader.finish()
    }

    static func column(_ table: TableSketch, _ name: String) throws -> DatasetColumn {
        try #require(table.profile.first { $0.name == name })
    }

    @Test("types, missing values, extremes, means and categories of every kind of column")
    func kinds() throws {
        var text = "id,price, flag ,when,plant,note,nothing\r\n"
        for row in 0..<300 {
            text += "\(row),\(row.isMultiple(of: 10) ? "" : "\(Double(row) / 2)"),\(row % 2 == 0 ? "True" : "False"),"
            text += "2026-01-\(row % 28 + 1 < 10 ? "0" : "")\(row % 28 + 1) 00:00:00,"
            text += " \(["north", "south", "NA"][row % 3]),\"text, number \(row)\",\r\n"
        }
        let table = try Self.table(text)
        #expect(table.rows == 300)
        let kinds = Dictionary(uniqueKeysWithValues: table.profile.map { ($0.name, $0.kind) })
        #expect(
            kinds == [
                "id": .integer, "price": .number, "flag": .boolean, "when": .timestamp, "plant": .categorical,
                "note": .text, "nothing": .empty,
            ])
        let price = try Self.column(table, "price")
        #expect(price.present == 270 && price.missing == 30 && price.minimum == 0.5 && price.maximum == 149.5)
        let values = (0..<300).filter { !$0.isMultiple(of: 10) }.map { Double($0) / 2 }
        let mean = values.reduce(0, +) / 270
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 269).squareRoot()
        #expect(abs(try #require(price.mean) - mean) < 1e-9)
        #expect(abs(try #require(price.standardDeviation) - deviation) < 1e-9)
        #expect(try #require(price.histogram).counts.reduce(0, +) == 270)
        #expect(try Self.column(table, "when").minimum == 1_767_225_600_000)
        let plant = try Self.column(table, "plant")
        #expect(plant.top == [.init(value: "north", count: 100), .init(value: "south", count: 100)])
        #expect(plant.missing == 100 && plant.distinct == 2 && plant.isDistinctExact && plant.other == 0)
        let note = try Self.column(table, "note")
        #expect(!note.isDistinctExact && abs(note.distinct - 300) < 30)
    }

    @Test("how the bytes are cut into pieces changes nothing", arguments: [1, 2, 3, 64, 100_000])
    func pieces(_ piece: Int) throws {
        let csv = "\u{feff}a,\"b, \"\"c\"\"\"\r\n1,\"x\ny\"\r\n\r\n2,\n3,z"
        let json = "{\"a\":1,\"b\":\"ä\"}\n\n{\"a\":2.5,\"b\":null,\"c\":[1]}"
        #expect(try Self.table(csv, piece: piece) == Self.table(csv, piece: 11))
        #expect(try Self.table(json, .jsonl, piece: piece) == Self.table(json, .jsonl, piece: 11))
        #expect(try Self.table(csv, piece: piece).profile.map(\.name) == ["a", "b, \"c\""])
        #expect(try Self.column(Self.table(csv, piece: piece), "b, \"c\"").top.map(\.value) == ["x\ny", "z"])
    }

    @Test("JSON lines: numbers are numbers, strings are none, absent members are missing, nested values are told")
    func jsonLines() throws {
        let table = try Self.table(
            "{\"n\":1,\"s\":\"1\",\"o\":{\"b\":1,\"a\":[]}}\n{\"n\":2.5,\"s\":\"2\",\"late\":true}\n{}\n", .jsonl)
        #expect(table.rows == 3)
        #expect(try Self.column(table, "n").kind == .number)
        #expect(try Self.column(table, "s").kind == .categorical)
        #expect(try Self.column(table, "o").kind == .nested && Self.column(table, "o").missing == 2)
        #expect(try Self.column(table, "late").missing == 2 && Self.column(table, "late").kind == .boolean)
    }

    @Test("files counted apart add up to the file counted whole, and come back from JSON")
    func merge() throws {
        let rows = (0..<900).map { "\($0 * 37 % 991),\(["a", "b", "c"][$0 % 3])" }
        let head = "x,y\n"
        let whole = try Self.table(head + rows.joined(separator: "\n"), piece: 4_096)
        var merged = try Self.table(head + rows[..<300].joined(separator: "\n"), piece: 4_096)
        for part in [rows[300..<500], rows[500...]] {
            let table = try Self.table(head + part.joined(separator: "\n"), piece: 4_096)
            try merged.merge(try JSONDecoder().decode(TableSketch.self, from: try JSONEncoder().encode(table)))
        }
        #expect(merged.rows == 900)
        let (first, second) = (try Self.column(whole, "x"), try Self.column(merged, "x"))
        #expect(first.minimum == second.minimum && first.maximum == second.maximum && first.distinct == second.distinct)
        #expect(abs(try #require(first.mean) - (try #require(second.mean))) < 1e-9)
        for (one, other) in zip(first.quantiles, second.quantiles) {
            #expect(abs(one.value - other.value) < 991 * 0.0266)
        }
        #expect(try Self.column(whole, "y").top == Self.column(merged, "y").top)
    }

    @Test("a column that only one file has is missing in the rows of the others")
    func unequalFiles() throws {
        var table = try Self.table("a,b\n1,2\n")
        try table.merge(try Self.table("b,c\n3,4\n5,6\n"))
        #expect(try Self.column(table, "a").missing == 2 && Self.column(table, "c").missing == 1)
        #expect(table.profile.allSatisfy { $0.present + $0.missing == 3 })
    }

    @Test(
        "what breaks its format is refused with the place",
        arguments: [
            ("a,b\n1\n", DatasetVersion.Format.csv, "Row 1"), ("a,b\n1,2\n1,2,3\n", .csv, "Row 2"),
            ("a,a\n1,2\n", .csv, "twice"), ("", .csv, "empty"), ("a\n\"b", .csv, "no end"),
            ("{\"a\":1}\n[1]\n", .jsonl, "Line 2"), ("{\"a\":1}\n{\"a\":\n", .jsonl, "Line 2"),
            ("\n\n", .jsonl, "empty"),
        ])
    func refused(_ text: String, _ format: DatasetVersion.Format, _ words: String) {
        let error = #expect(throws: MartletError.self) { try Self.table(text, format) }
        #expect(
            error?.code == .invalidArgument && error?.message.contains(words) == true, "\(String(describing: error))")
    }

    @Test("memory does not grow with the rows: what is kept of a million different values is small")
    func bounded() throws {
        var reader = try TableReader(.csv, parseJSON: Self.parse)
        try reader.consume(Array("number,text\n".utf8))
        for row in 0..<200_000 { try reader.consume(Array("\(row).5,word \(row)\n".utf8)) }
        let table = try reader.finish()
        #expect(try JSONEncoder().encode(table).count < 64 << 10)
        #expect(table.rows == 200_000)
        #expect(abs(try Self.column(table, "text").distinct - 200_000) < 20_000)
    }
}
