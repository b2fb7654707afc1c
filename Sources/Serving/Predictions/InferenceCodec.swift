public import Domain

/// How requests and answers are read and written: given by the server, since the data plane knows no wire format.
public struct InferenceCodec: Sendable {
    public var decode: @Sendable ([UInt8]) throws(MartletError) -> InferenceRequest
    public var encode: @Sendable (InferenceResponse) throws(MartletError) -> [UInt8]

    public init(
        decode: @escaping @Sendable ([UInt8]) throws(MartletError) -> InferenceRequest,
        encode: @escaping @Sendable (InferenceResponse) throws(MartletError) -> [UInt8]
    ) {
        self.decode = decode
        self.encode = encode
    }
}
