public import Domain

/// What was counted of a table: its rows and a sketch of each column. Sketches of the files of a data set add up.
public struct TableSketch: Sendable, Hashable, Codable {
    public internal(set) var rows: Int
    var columns: [ColumnSketch]

    public init() {
        rows = 0
        columns = []
    }

    /// Adds the rows of another file. A column that only one of both has is missing in the rows of the other.
    ///
    /// - Throws: `invalidArgument` for more columns than a data set may have.
    public mutating func merge(_ other: TableSketch) throws(MartletError) {
        var places = Dictionary(uniqueKeysWithValues: columns.enumerated().map { ($0.element.name, $0.offset) })
        for column in other.columns {
            if let place = places.removeValue(forKey: column.name) {
                columns[place].merge(column)
            } else {
                var added = ColumnSketch(name: column.name, missing: rows)
                added.merge(column)
                columns.append(added)
            }
        }
        for place in places.values { columns[place].insertMissing(other.rows) }
        rows += other.rows
        try Self.check(columns.count)
    }

    /// What people and programs are shown.
    public var profile: [DatasetColumn] { columns.map(\.column) }

    static func check(_ columns: Int) throws(MartletError) {
        guard columns <= DatasetLimits.columnsMax else {
            throw .invalid("A data set has at most \(DatasetLimits.columnsMax) columns.", field: "columns")
        }
    }
}
