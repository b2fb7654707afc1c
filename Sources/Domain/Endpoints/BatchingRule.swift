/// How requests that wait for one model may be answered by one run of it.
public struct BatchingRule: Sendable, Hashable, Codable {
    /// Rows of one run, 2 or more.
    public var rowsMax: Int
    /// How long a run waits for more rows, in microseconds. 0 takes what waits already, as much as came while the model was busy.
    public var delayMicroseconds: Int
    /// Sizes at which a run waits no longer; the largest that is no more than `rowsMax` counts. Empty is `rowsMax` alone.
    public var preferredRows: [Int]

    public init(rowsMax: Int, delayMicroseconds: Int = 0, preferredRows: [Int] = []) {
        self.rowsMax = rowsMax
        self.delayMicroseconds = delayMicroseconds
        self.preferredRows = preferredRows
    }

    /// Rows with which a run waits for no more.
    public var rowsWanted: Int { preferredRows.filter { $0 <= rowsMax }.max() ?? rowsMax }
}
