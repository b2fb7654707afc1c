public import Domain

/// One runtime for what it can load, another for the rest: which of them computes a file follows from the file alone.
public struct PreferredRuntime: Runtime {
    private let preferred: any Runtime
    private let other: any Runtime

    public init(_ preferred: any Runtime, else other: any Runtime) {
        self.preferred = preferred
        self.other = other
    }

    public var identity: String { "\(preferred.identity), else \(other.identity)" }

    public func load(path: String) throws(MartletError) -> any ExecutableModel {
        do { return try preferred.load(path: path) } catch  where error.code == .failedPrecondition {
            return try other.load(path: path)
        }
    }
}
