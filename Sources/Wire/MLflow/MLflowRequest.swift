public import Domain

/// The fields of one MLflow call, from a JSON body or a query string.
///
/// As MLflow's server reads them: unknown fields are ignored, int64 comes as `5` or `"5"`, a double as a number or as
/// "NaN", "Infinity", "-Infinity", and an absent required field is named.
public struct MLflowRequest: Sendable {
    private let fields: [String: JSONValue]
    /// Where the fields stand within the whole request, for messages: `metrics[3]`; empty at the top.
    private let path: String
    /// Whether any field may be in camel case, as Protocol Buffers' JSON allows.
    private let hasCamelCase: Bool
    /// What the caller's filters may use.
    public var dialect = SearchGrammar.Dialect.extended

    public init(fields: [String: JSONValue]) { self.init(fields: fields, path: "") }

    private init(fields: [String: JSONValue], path: String) {
        self.fields = fields
        self.path = path
        hasCamelCase = fields.keys.contains { $0.utf8.contains { (65...90).contains($0) } }
    }

    /// A JSON body; an empty one has no fields.
    ///
    /// - Throws: `invalidArgument` if it is not a JSON object.
    public init(body: [UInt8]) throws(MartletError) {
        guard !body.isEmpty else {
            self.init(fields: [:])
            return
        }
        guard case .object(let members) = try JSONParser.parse(body) else {
            throw .invalid("The body must be a JSON object.")
        }
        self.init(fields: members)
    }

    /// A body as MLflow's server takes it: what is no JSON has no fields, and an object within a JSON string is that object, which
    /// old clients send.
    ///
    /// - Throws: `invalidArgument` for JSON that is neither.
    public init(tolerating body: [UInt8]) throws(MartletError) {
        guard var value = try? JSONParser.parse(body) else {
            self.init(fields: [:])
            return
        }
        if case .string(let text) = value, let inner = try? JSONParser.parse(Array(text.utf8)) { value = inner }
        switch value {
        case .object(let members): self.init(fields: members)
        case .null: self.init(fields: [:])
        default: throw .invalid("The body must be a JSON object.")
        }
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
        self.init(fields: fields)
    }

    /// With one more field, which wins over one of that name.
    public func adding(_ name: String, _ value: String) -> MLflowRequest {
        var request = MLflowRequest(fields: fields.merging([name: .string(value)]) { _, new in new }, path: path)
        request.dialect = dialect
        return request
    }

    public func has(_ name: String) -> Bool { value(name) != nil }

    /// The raw value; nil if absent or null.
    public func value(_ name: String) -> JSONValue? {
        guard let value = fields[name] ?? (hasCamelCase ? fields[Self.camelCased(name)] : nil), value != .null else {
            return nil
        }
        return value
    }

    private static func camelCased(_ name: String) -> String {
        guard name.contains("_") else { return name }
        let words = name.split(separator: "_")
        return words.dropFirst().reduce(String(words[0])) { $0 + $1.prefix(1).uppercased() + $1.dropFirst() }
    }

    private func mistyped(_ name: String, _ value: JSONValue) -> MartletError {
        Self.mistyped(full(name), value)
    }

    /// The name with its place in the request.
    private func full(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    public func string(_ name: String) throws(MartletError) -> String? {
        guard let value = value(name) else { return nil }
        guard let string = value.stringValue else { throw mistyped(name, value) }
        return string
    }

    /// - Throws: `Missing value for required parameter`, for an empty string too.
    public func required(_ name: String) throws(MartletError) -> String {
        guard let string = try string(name), !string.isEmpty else { throw Self.missing(full(name)) }
        return string
    }

    /// Required, but may be empty.
    public func requiredText(_ name: String) throws(MartletError) -> String {
        guard let string = try string(name) else { throw Self.missing(full(name)) }
        return string
    }

    public func integer(_ name: String) throws(MartletError) -> Int64? {
        guard let value = value(name) else { return nil }
        if let integer = value.intValue { return integer }
        if let text = value.stringValue, let integer = Int64(text) { return integer }
        throw mistyped(name, value)
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
        throw mistyped(name, value)
    }

    public func bool(_ name: String) throws(MartletError) -> Bool? {
        guard let value = value(name) else { return nil }
        if let bool = value.boolValue { return bool }
        switch value.stringValue {
        case "true", "True": return true
        case "false", "False": return false
        default: throw mistyped(name, value)
        }
    }

    public func strings(_ name: String) throws(MartletError) -> [String] {
        guard let value = value(name) else { return [] }
        if let single = value.stringValue { return [single] }
        guard let elements = value.arrayValue else { throw mistyped(name, value) }
        var strings: [String] = []
        for element in elements {
            guard let string = element.stringValue else { throw mistyped(name, value) }
            strings.append(string)
        }
        return strings
    }

    /// A list of objects, each read as a request of its own.
    public func objects(_ name: String) throws(MartletError) -> [MLflowRequest] {
        guard let value = value(name) else { return [] }
        guard let elements = value.arrayValue else { throw mistyped(name, value) }
        var objects: [MLflowRequest] = []
        for (index, element) in elements.enumerated() {
            guard case .object(let members) = element else { throw mistyped(name, value) }
            objects.append(MLflowRequest(fields: members, path: "\(full(name))[\(index)]"))
        }
        return objects
    }

    public func object(_ name: String) throws(MartletError) -> MLflowRequest? {
        guard let value = value(name) else { return nil }
        guard case .object(let members) = value else { throw mistyped(name, value) }
        return MLflowRequest(fields: members, path: full(name))
    }

    /// One of the names of a Protocol Buffers enumeration, or its number.
    ///
    /// - Parameter names: by their numbers.
    public func enumeration(_ name: String, _ names: [Int64: String]) throws(MartletError) -> String? {
        guard let value = value(name) else { return nil }
        if let text = value.stringValue {
            if names.values.contains(text) { return text }
            if let number = Int64(text), let named = names[number] { return named }
        } else if let number = value.intValue, let named = names[number] {
            return named
        }
        throw mistyped(name, value)
    }

    /// That a field of this request is missing, named with its place.
    public func missing(_ name: String) -> MartletError { Self.missing(full(name)) }

    public static func missing(_ name: String) -> MartletError {
        .invalid(
            "Missing value for required parameter '\(name)'. See the API docs for more information about request parameters.",
            field: name)
    }

    public static func mistyped(_ name: String, _ value: JSONValue) -> MartletError {
        let text = String(decoding: JSONPrinter.print(value).prefix(200), as: UTF8.self)
        return .invalid(
            "Invalid value \(text) for parameter '\(name)' supplied: Hint: Value was of type '\(typeName(value))'. See the API docs for more information about request parameters.",
            field: name)
    }

    private static func typeName(_ value: JSONValue) -> String {
        switch value {
        case .null: "NoneType"
        case .bool: "bool"
        case .int: "int"
        case .double: "float"
        case .string: "str"
        case .array: "list"
        case .object: "dict"
        }
    }
}
