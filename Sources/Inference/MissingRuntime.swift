public import Domain

/// Stands where no runtime could be loaded: the server runs, and every model says what is missing.
public struct MissingRuntime: Runtime {
    public let reason: MartletError

    public init(reason: MartletError) {
        self.reason = reason
    }

    public var identity: String { "none: \(reason.message)" }

    public func load(path: String) throws(MartletError) -> any ExecutableModel { throw reason }
}
