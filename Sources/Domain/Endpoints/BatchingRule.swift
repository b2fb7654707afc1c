/// How requests that wait for one model are put together into one run.
public struct BatchingRule: Sendable, Hashable, Codable {
    /// Rows of one run at most, 1 or more.
    public var maxRows: Int
    /// How long a run may wait for more rows; zero takes only what waits already, as much as came while the model was busy.
    public var maxDelay: Duration
    /// Rows at which a run waits no longer; the largest that is no more than `maxRows` counts. Empty is `maxRows` alone.
    public var preferredRows: [Int]

    public init(maxRows: Int, maxDelay: Duration = .zero, preferredRows: [Int] = []) {
        self.maxRows = maxRows
        self.maxDelay = maxDelay
        self.preferredRows = preferredRows
    }

    public var maxDelayMicroseconds: Int { Int(maxDelay / .microseconds(1)) }

    /// Rows with which a run waits for no more.
    public var wantedRows: Int { preferredRows.filter { $0 <= maxRows }.max() ?? maxRows }
}
