public import Domain

/// The JSON Schema (2020-12) of `martlet.yaml`, made from the same table as the parser.
public enum PolicySchema {
    /// Rules that look at several keys (grown weights, one of at_least and at_most) are the parser's alone.
    public static var document: JSONValue {
        var schema = object(PolicyKeys.root)
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schema["title"] = "Martlet policy"
        schema["description"] = "The contract of one registered model, martlet.yaml."
        return .object(schema)
    }

    private static func object(_ fields: [PolicyField]) -> [String: JSONValue] {
        var schema: [String: JSONValue] = [
            "type": "object", "additionalProperties": false,
            "properties": .object(Dictionary(uniqueKeysWithValues: fields.map { ($0.key, .object(property($0))) })),
        ]
        let required = fields.filter(\.isRequired).map { JSONValue.string($0.key) }
        if !required.isEmpty { schema["required"] = .array(required) }
        return schema
    }

    private static func property(_ field: PolicyField) -> [String: JSONValue] {
        var schema = kind(field.kind)
        if field.canBeOff { schema = ["anyOf": [.object(schema), ["enum": ["off", false, nil]]]] }
        schema["description"] = .string(field.help)
        return schema
    }

    private static func kind(_ kind: PolicyField.Kind) -> [String: JSONValue] {
        func texted(_ pattern: String) -> [String: JSONValue] { ["type": "string", "pattern": .string(pattern)] }
        switch kind {
        case .text(let max): return ["type": ["string", "number"], "minLength": 1, "maxLength": .int(Int64(max))]
        case .boolean: return ["type": "boolean"]
        case .integer(let range):
            return [
                "type": "integer", "minimum": .int(Int64(range.lowerBound)), "maximum": .int(Int64(range.upperBound)),
            ]
        case .number(let range):
            return ["type": "number", "minimum": .double(range.lowerBound), "maximum": .double(range.upperBound)]
        case .share: return ["anyOf": [["type": "number", "minimum": 0, "maximum": 1], .object(texted("^[0-9.]+%$"))]]
        case .weight:
            return [
                "anyOf": [
                    ["type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1], .object(texted("^[0-9.]+%$")),
                ]
            ]
        case .duration: return texted("^[0-9.]+(ms|s|m|h|d)$")
        case .bytes: return texted("^[0-9.]+(KiB|MiB|GiB|TiB)$")
        case .choice(let choices): return ["enum": .array(choices.map { .string($0) })]
        case .texts(let itemsMax, let charactersMax):
            return [
                "type": "array", "maxItems": .int(Int64(itemsMax)),
                "items": .object(Self.kind(.text(max: charactersMax))),
            ]
        case .section(let fields): return object(fields)
        case .list(let fields, let itemsMax):
            return ["type": "array", "maxItems": .int(Int64(itemsMax)), "items": .object(object(fields))]
        }
    }
}
