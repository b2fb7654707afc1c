public import Domain

/// Reads a table piece by piece and counts it, in one pass and in bounded memory: CSV with a header, or JSON lines.
public struct TableReader: Sendable {
    /// Bytes of one JSON line.
    static let lineBytesMax = 1 << 20

    private enum Source: Sendable {
        case csv(CSVParser)
        case jsonLines([UInt8])
    }

    private var source: Source
    private var table = TableSketch()
    private var places: [String: Int] = [:]
    private var hasHeader = false
    private var line = 1
    private let parseJSON: @Sendable ([UInt8]) throws -> JSONValue

    /// - Parameter parseJSON: reads one JSON value; used for JSON lines.
    /// - Throws: `invalidArgument` for Parquet, which is no text.
    public init(
        _ format: DatasetVersion.Format, parseJSON: @escaping @Sendable ([UInt8]) throws -> JSONValue
    ) throws(MartletError) {
        switch format {
        case .csv: source = .csv(CSVParser())
        case .jsonl: source = .jsonLines([])
        case .parquet: throw .invalid("Parquet is not read as text.", field: "format")
        }
        self.parseJSON = parseJSON
    }

    /// Takes the next piece, of any size.
    ///
    /// - Throws: `invalidArgument`, naming the row or line that breaks the format.
    public mutating func consume(_ piece: [UInt8]) throws(MartletError) {
        switch source {
        case .csv(var parser):
            var position = 0
            // The value moves out and in again, so that its buffers are not copied.
            source = .jsonLines([])
            defer { source = .csv(parser) }
            while try parser.next(piece, from: &position) { try takeRow(parser) }
        case .jsonLines(var rest):
            source = .jsonLines([])
            defer { source = .jsonLines(rest) }
            for part in piece.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
                if part.offset > 0 {
                    try takeLine(rest)
                    rest.removeAll(keepingCapacity: true)
                }
                rest += part.element
                guard rest.count <= Self.lineBytesMax else {
                    throw .invalid("Line \(line) of the JSON lines is longer than \(Self.lineBytesMax) bytes.")
                }
            }
        }
    }

    /// At the end of the file.
    ///
    /// - Throws: `invalidArgument` for an end in the middle of a row, or a file without columns.
    public mutating func finish() throws(MartletError) -> TableSketch {
        switch source {
        case .csv(var parser): if try parser.end() { try takeRow(parser) }
        case .jsonLines(let rest): try takeLine(rest)
        }
        guard !table.columns.isEmpty else { throw .invalid("The file has no columns: it is empty.") }
        return table
    }

    // MARK: CSV

    private mutating func takeRow(_ parser: CSVParser) throws(MartletError) {
        line += 1
        guard hasHeader else { return try takeHeader(parser.texts) }
        guard parser.fieldCount == table.columns.count else {
            throw .invalid(
                "Row \(table.rows + 1) of the CSV has \(parser.fieldCount) fields, and its header \(table.columns.count)."
            )
        }
        table.rows += 1
        for index in 0..<parser.fieldCount { table.columns[index].insert(Self.trimmed(parser.field(index))) }
    }

    private mutating func takeHeader(_ names: [String]) throws(MartletError) {
        try TableSketch.check(names.count)
        for (index, name) in names.enumerated() {
            // pandas writes the index of a frame under an empty name.
            let name = Self.trimmed(name)
            let column = name.isEmpty ? "column_\(index + 1)" : name
            guard places.updateValue(index, forKey: column) == nil else {
                throw .invalid("The CSV's header names the column “\(column.prefix(80))” twice.")
            }
            table.columns.append(ColumnSketch(name: column))
        }
        hasHeader = true
    }

    private static func trimmed(_ cell: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var cell = cell
        while let first = cell.first, first == 0x20 || first == 0x09 { cell.removeFirst() }
        while let last = cell.last, last == 0x20 || last == 0x09 { cell.removeLast() }
        return cell
    }

    private static func trimmed(_ text: String) -> String {
        String(decoding: trimmed(Array(text.utf8)[...]), as: UTF8.self)
    }

    // MARK: JSON lines

    private mutating func takeLine(_ bytes: [UInt8]) throws(MartletError) {
        defer { line += 1 }
        guard bytes.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d }) else { return }
        let value: JSONValue
        do { value = try parseJSON(bytes) } catch {
            throw MartletError(.invalidArgument, "Line \(line) of the JSON lines is not valid JSON.", cause: error)
        }
        guard let members = value.objectValue else {
            throw .invalid("Line \(line) of the JSON lines is not an object.")
        }
        var absent = Set(table.columns.indices)
        for (name, member) in members.sorted(by: { $0.key < $1.key }) {
            let place = try place(of: name)
            absent.remove(place)
            table.columns[place].insert(member)
        }
        for place in absent { table.columns[place].insertMissing() }
        table.rows += 1
    }

    private mutating func place(of name: String) throws(MartletError) -> Int {
        if let place = places[name] { return place }
        try TableSketch.check(table.columns.count + 1)
        places[name] = table.columns.count
        table.columns.append(ColumnSketch(name: name, missing: table.rows))
        return table.columns.count - 1
    }
}
