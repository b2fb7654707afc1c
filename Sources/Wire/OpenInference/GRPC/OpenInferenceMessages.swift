public import Domain

/// The messages of `inference.GRPCInferenceService` besides those of inference itself.
public enum OpenInferenceMessages {
    /// Which model a request is about.
    public struct Target: Sendable, Hashable {
        public let model: String
        /// nil leaves the choice to the endpoint.
        public let version: Int?
    }

    /// `ModelReadyRequest`, `ModelMetadataRequest`, `ModelConfigRequest` and `ModelStatisticsRequest` all begin with name and version.
    ///
    /// - Throws: `invalidArgument`; `notFound` for a version that is no number.
    public static func decodeTarget(_ bytes: UnsafeRawBufferPointer) throws(MartletError) -> Target {
        var reader = ProtobufReader(bytes)
        var (model, version) = ("", "")
        while let field = try reader.next() {
            switch field.number {
            case 1: model = try reader.string(field)
            case 2: version = try reader.string(field)
            default: try reader.skip(field)
            }
        }
        return Target(model: model, version: try ServedVersion.number(version, of: model))
    }

    /// A message without fields that this server knows.
    ///
    /// - Throws: `invalidArgument` if it is no message.
    public static func decodeEmpty(_ bytes: UnsafeRawBufferPointer) throws(MartletError) {
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() { try reader.skip(field) }
    }

    /// `ServerLiveResponse`, `ServerReadyResponse` and `ModelReadyResponse`.
    public static func encode(isSo: Bool) -> [UInt8] {
        var writer = ProtobufWriter(reserving: 2)
        writer.bool(1, isSo)
        return writer.bytes
    }

    public static func encodeServerMetadata(version: String) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.string(1, "martlet")
        writer.string(2, version)
        for name in OpenInferenceAnswer.extensions { writer.repeatedString(3, name) }
        return writer.bytes
    }

    public static func encode(_ metadata: ServedModelMetadata) -> [UInt8] {
        var writer = ProtobufWriter(reserving: 256)
        writer.string(1, metadata.name)
        for version in metadata.versions { writer.repeatedString(2, String(version)) }
        writer.string(3, metadata.platform)
        for input in metadata.inputs { write(input, 4, &writer) }
        for output in metadata.outputs { write(output, 5, &writer) }
        return writer.bytes
    }

    private static func write(_ spec: TensorSpec, _ field: Int, _ writer: inout ProtobufWriter) {
        writer.message(field) { message in
            message.string(1, spec.name)
            message.string(2, spec.datatype.rawValue)
            message.integers(3, spec.shape)
        }
    }
}
