/// Names one model version: the registered model's name and the number, 1 or more, that is never used again.
public struct ModelVersionID: Sendable, Hashable, Codable, CustomStringConvertible {
    public var model: String
    public var version: Int

    public init(model: String, version: Int) {
        self.model = model
        self.version = version
    }

    public var description: String { "\(model)/\(version)" }
}
