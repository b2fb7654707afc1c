/// What a call to load a model brings along that would change the model.
public struct ModelLoadOverrides: Sendable, Hashable {
    /// A model configuration as JSON, in place of the one in the repository.
    public var configuration: String?
    /// Names of the parameters that hold files.
    public var files: [String]

    public init(configuration: String? = nil, files: [String] = []) {
        self.configuration = configuration
        self.files = files
    }

    /// The parameter that comes first; nil if it is a plain call.
    public var first: String? { configuration == nil ? files.first : "config" }
}
