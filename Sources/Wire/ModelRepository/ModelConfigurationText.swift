public import Domain

/// Reads the configuration of a model in a repository: Triton's `ModelConfig` (model_config.proto), as text or as JSON.
///
/// What is served by is read and checked; every other field is ignored with a note, since a configuration that was written for Triton
/// must do here, too.
public enum ModelConfigurationText {
    /// A longer one is no configuration.
    public static let bytesMax = 1 << 20

    /// The contents of `config.pbtxt`.
    ///
    /// - Throws: `invalidArgument` with line and column.
    public static func decode(_ bytes: [UInt8]) throws(MartletError) -> ModelConfiguration {
        guard bytes.count <= bytesMax else { throw .invalid("It is longer than \(bytesMax) bytes.") }
        var reader = ModelConfigurationReader { offset in
            offset.map { "\(TextPlace(bytes, offset: $0)): " } ?? ""
        }
        return try reader.read(try ProtobufTextReader.read(bytes))
    }

    /// The JSON form of Protocol Buffers (protobuf.dev/programming-guides/json), as a call to load a model brings it.
    ///
    /// - Throws: `invalidArgument`.
    public static func decode(json text: String) throws(MartletError) -> ModelConfiguration {
        guard text.utf8.count <= bytesMax else { throw .invalid("The config is longer than \(bytesMax) bytes.") }
        let value: JSONValue
        do { value = try JSONParser.parse(Array(text.utf8)) } catch {
            throw MartletError(
                .invalidArgument, "The config is no JSON: \(error.message)", field: "config", cause: error)
        }
        guard case .object(let members) = value else {
            throw .invalid("The config is no JSON object.", field: "config")
        }
        var reader = ModelConfigurationReader { _ in "config: " }
        return try reader.read(ProtobufText(members))
    }
}

extension ProtobufText {
    /// Names in lower camel case are those of the fields, too.
    init(_ members: [String: JSONValue]) {
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            let name = key.reduce(into: "") { name, character in
                name += character.isASCII && character.isUppercase ? "_\(character.lowercased())" : String(character)
            }
            for value in value.arrayValue ?? [value] {
                if let value = Value(value) { fields.append(Field(name: name, value: value)) }
            }
        }
    }
}

extension ProtobufText.Value {
    /// nil for null, which is a field that is not there.
    fileprivate init?(_ value: JSONValue) {
        switch value {
        case .null, .array: return nil
        case .bool(let flag): self = .word(flag ? "true" : "false")
        case .int(let number): self = .number(String(number))
        case .double(let number): self = .number(Int64(exactly: number).map(String.init) ?? number.description)
        case .string(let text): self = .string(text)
        case .object(let members): self = .message(ProtobufText(members))
        }
    }
}
