/// One thing that is wrong with a `martlet.yaml`, and where.
public struct PolicyProblem: Error, Sendable, Hashable, Comparable, CustomStringConvertible {
    /// 1 is the first line.
    public var line: Int
    /// 1 is the first column, in characters.
    public var column: Int
    /// For example `criteria.metrics[0].at_least`; empty where the document as a whole is at fault.
    public var field: String
    /// What is wrong and what is allowed.
    public var message: String

    public init(line: Int, column: Int, field: String, message: String) {
        self.line = line
        self.column = column
        self.field = field
        self.message = message
    }

    /// `12:5: criteria.metrics[0].at_least: must be …`
    public var description: String { "\(line):\(column): " + (field.isEmpty ? message : "\(field): \(message)") }

    public static func < (lhs: PolicyProblem, rhs: PolicyProblem) -> Bool {
        (lhs.line, lhs.column, lhs.field) < (rhs.line, rhs.column, rhs.field)
    }
}
