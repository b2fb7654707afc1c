/// What changed from one version of a data set to another.
public struct DatasetComparison: Sendable, Hashable, Codable {
    public struct Column: Sendable, Hashable, Codable {
        public var name: String
        public var kind: DatasetColumn.Kind

        public init(name: String, kind: DatasetColumn.Kind) {
            self.name = name
            self.kind = kind
        }
    }

    public struct KindChange: Sendable, Hashable, Codable {
        public var name: String
        public var from: DatasetColumn.Kind
        public var to: DatasetColumn.Kind

        public init(name: String, from: DatasetColumn.Kind, to: DatasetColumn.Kind) {
            self.name = name
            self.from = from
            self.to = to
        }
    }

    /// How far the values of one column moved.
    public struct Drift: Sendable, Hashable, Codable {
        public var name: String
        public var kind: DatasetColumn.Kind
        /// Population stability index over ten bins of the first version, or over the categories: the size of the change. nil where one side
        /// has no values.
        public var psi: Double?
        /// `KS` or `chi-square`; nil where neither applies (text of many values).
        public var test: String?
        public var statistic: Double?
        public var pValue: Double?
        /// Whether `pValue` is below `significance`.
        public var isSignificant: Bool
        /// 0…1 of each version's rows.
        public var missingShareFrom: Double
        public var missingShareTo: Double
        public var meanFrom: Double?
        public var meanTo: Double?

        public init(
            name: String, kind: DatasetColumn.Kind, psi: Double?, test: String?, statistic: Double?, pValue: Double?,
            isSignificant: Bool, missingShareFrom: Double, missingShareTo: Double, meanFrom: Double?, meanTo: Double?
        ) {
            self.name = name
            self.kind = kind
            self.psi = psi
            self.test = test
            self.statistic = statistic
            self.pValue = pValue
            self.isSignificant = isSignificant
            self.missingShareFrom = missingShareFrom
            self.missingShareTo = missingShareTo
            self.meanFrom = meanFrom
            self.meanTo = meanTo
        }
    }

    public var from: DatasetVersionID
    public var to: DatasetVersionID
    public var rowsFrom: Int
    public var rowsTo: Int
    public var bytesFrom: Int64
    public var bytesTo: Int64
    public var addedColumns: [Column]
    public var removedColumns: [Column]
    public var changedKinds: [KindChange]
    /// The columns that both have with values of one order, the largest change first.
    public var drift: [Drift]
    /// What each p-value was held against: 0.05 divided by the number of columns tested (Bonferroni).
    public var significance: Double
    /// Paths.
    public var addedFiles: [String]
    public var removedFiles: [String]
    public var changedFiles: [String]

    public init(
        from: DatasetVersionID, to: DatasetVersionID, rowsFrom: Int, rowsTo: Int, bytesFrom: Int64, bytesTo: Int64,
        addedColumns: [Column], removedColumns: [Column], changedKinds: [KindChange], drift: [Drift],
        significance: Double, addedFiles: [String], removedFiles: [String], changedFiles: [String]
    ) {
        self.from = from
        self.to = to
        self.rowsFrom = rowsFrom
        self.rowsTo = rowsTo
        self.bytesFrom = bytesFrom
        self.bytesTo = bytesTo
        self.addedColumns = addedColumns
        self.removedColumns = removedColumns
        self.changedKinds = changedKinds
        self.drift = drift
        self.significance = significance
        self.addedFiles = addedFiles
        self.removedFiles = removedFiles
        self.changedFiles = changedFiles
    }
}
