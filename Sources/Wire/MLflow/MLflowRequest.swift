public import Domain

/// The fields of one MLflow call, from a JSON body or a query string.
///
/// As MLflow's server reads them: unknown fields are ignored, int64 comes as `5` or `"5"`, a double as a number or as
/// "NaN", "Infinity", "-Infinity", and an absent required field is named.
public struct MLflowRequest: Sendable {
    private let fields: [String: JSONValue]

    public init(fields: [String: JSONValue]) { self.fields = fields }

    /// A JSON body; an empty one has no fields.
    ///
    /// - Throws: `invalidArgument` if it is not a JSON object.
    public init(body: [UInt8]) throws(MartletError) {
        guard !body.isEmpty else {
            fields = [:]
            return
        }
        guard case .object(let members) = try JSONParser.parse(body) else {
            throw .invalid("The body must be a JSON object.")
        }
        fields = members
    }

    /// Query items in order; a repeated one becomes a list.
    public init(query: [(key: String, value: String)]) {
        var fields: [String: JSONValue] = [:]
        for (key, value) in query {
            switch fields[key] {
            case nil: fields[key] = .string(value)
            case .array(let values)?: fields[key] = .array(values + [.string(value)])
            case let first?: fields[key] = .array([first, .string(value)])
            }
        }
        self.fields = fields
    }

    /// With one more field, which wins over one of that name.
    public func adding(_ name: String, _ value: String) -> MLflowRequest {
        MLflowRequest(fields: fields.merging([name: .string(value)]) { _, new in new })
    }

    public func has(_ name: String) -> Bool { value(name) != nil }

    /// The raw value; nil if absent or null.
    public func value(_ name: String) -> JSONValue? {
        guard let value = fields[name], value != .null else { return nil }
        return value
    }

    public func string(_ name: String) throws(MartletError) -> String? {
        guard let value = value(name) else { return nil }
        guard let string = value.stringValue else { throw Self.mistyped(name, value) }
        return string
    }

    /// - Throws: `Missing value for required parameter`, for an empty string too.
    public func required(_ name: String) throws(MartletError) -> String {
        guard let string = try string(name), !string.isEmpty else { throw Self.missing(name) }
        return string
    }

    /// Required, but may be empty.
    public func requiredText(_ name: String) throws(MartletError) -> String {
        guard let string = try string(name) else { throw Self.missing(name) }
        return string
    }

    public func integer(_ name: String) throws(MartletError) -> Int64? {
        guard let value = value(name) else { return nil }
        if let integer = value.intValue { return integer }
        if let text = value.stringValue, let integer = Int64(text) { return integer }
        throw Self.mistyped(name, value)
    }

    public func double(_ name: String) throws(MartletError) -> Double? {
        guard let value = value(name) else { return nil }
        if let number = value.doubleValue { return number }
        switch value.stringValue {
        case "NaN": return .nan
        case "Infinity": return .infinity
        case "-Infinity": return -.infinity
        case let text?: if let number = Double(text) { return number }
        case nil: break
        }
        throw Self.mistyped(name, value)
    }

    public func bool(_ name: String) throws(MartletError) -> Bool? {
        guard let value = value(name) else { return nil }
        if let bool = value.boolValue { return bool }
        switch value.stringValue {
        case "true", "True": return true
        case "false", "False": return false
        default: throw Self.mistyped(name, value)
        }
    }

    public func strings(_ name: String) throws(MartletError) -> [String] {
        guard let value = value(name) else { return [] }
        if let single = value.stringValue { return [single] }
        guard let elements = value.arrayValue else { throw Self.mistyped(name, value) }
        var strings: [String] = []
        for element in elements {
            guard let string = element.stringValue else { throw Self.mistyped(name, value) }
            strings.append(string)
        }
        return strings
    }

    /// A list of objects, each read as a request of its own.
    public func objects(_ name: String) throws(MartletError) -> [MLflowRequest] {
        guard let value = value(name) else { return [] }
        guard let elements = value.arrayValue else { throw Self.mistyped(name, value) }
        var objects: [MLflowRequest] = []
        for element in elements {
            guard case .object(let members) = element else { throw Self.mistyped(name, value) }
            objects.append(MLflowRequest(fields: members))
        }
        return objects
    }

    public func object(_ name: String) throws(MartletError) -> MLflowRequest? {
        guard let value = value(name) else { return nil }
        guard case .object(let members) = value else { throw Self.mistyped(name, value) }
        return MLflowRequest(fields: members)
    }

    public static func missing(_ name: String) -> MartletError {
        .invalid(
            "Missing value for required parameter '\(name)'. See the API docs for more information about request parameters.",
            field: name)
    }

    public static func mistyped(_ name: String, _ value: JSONValue) -> MartletError {
        let text = String(decoding: JSONPrinter.print(value).prefix(200), as: UTF8.self)
        return .invalid("Invalid value \(text) for parameter '\(name)' supplied.", field: name)
    }
}
