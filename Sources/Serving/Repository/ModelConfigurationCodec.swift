public import Domain

/// How a model's configuration is read: given by the server, since the data plane knows no wire format.
public struct ModelConfigurationCodec: Sendable {
    /// The contents of `config.pbtxt`.
    public var text: @Sendable ([UInt8]) throws(MartletError) -> ModelConfiguration
    /// What a call to load a model brings along.
    public var json: @Sendable (String) throws(MartletError) -> ModelConfiguration

    public init(
        text: @escaping @Sendable ([UInt8]) throws(MartletError) -> ModelConfiguration,
        json: @escaping @Sendable (String) throws(MartletError) -> ModelConfiguration
    ) {
        self.text = text
        self.json = json
    }
}
