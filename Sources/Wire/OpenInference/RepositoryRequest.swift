public import Domain

/// Reads the bodies of the model repository extension, each of which may be empty.
public enum RepositoryRequest {
    /// Of an index: whether only what is ready is asked for.
    ///
    /// - Throws: `invalidArgument` if it is no such object.
    public static func readyOnly(_ bytes: [UInt8]) throws(MartletError) -> Bool {
        var isReadyOnly = false
        try read(bytes) { reader, key throws(MartletError) in
            guard key == "ready" else { return try reader.skipValue() }
            guard let value = reader.takeBool() else {
                throw MartletError.invalid("\"ready\" is not true or false.", field: key)
            }
            isReadyOnly = value
        }
        return isReadyOnly
    }

    /// Of a load: the parameters that would change the model's configuration or files.
    ///
    /// - Throws: `invalidArgument` if it is no such object.
    public static func overrides(_ bytes: [UInt8]) throws(MartletError) -> ModelLoadOverrides {
        var overrides = ModelLoadOverrides()
        try read(bytes) { reader, key throws(MartletError) in
            guard key == "parameters" else { return try reader.skipValue() }
            try reader.readObject { reader, key throws(MartletError) in
                if isFile(key) { overrides.files.append(key) }
                guard key == configurationParameter else { return try reader.skipValue() }
                guard reader.peek() == UInt8(ascii: "\"") else {
                    throw MartletError.invalid("\"config\" is no string that holds JSON.", field: key)
                }
                overrides.configuration = try reader.readString()
            }
        }
        return overrides
    }

    /// The parameter with a model configuration as JSON.
    static let configurationParameter = "config"

    /// Whether a parameter holds a file of the model.
    static func isFile(_ parameter: String) -> Bool { parameter.hasPrefix("file:") }

    private static func read(
        _ bytes: [UInt8], _ member: (inout JSONReader, String) throws(MartletError) -> Void
    ) throws(MartletError) {
        var reader = JSONReader(bytes)
        if bytes.isEmpty { return }
        try reader.readObject(member)
        try reader.expectEnd()
    }
}
