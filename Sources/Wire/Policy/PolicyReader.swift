internal import Domain
internal import Yams

/// Walks a document beside the table of keys: collects every problem, and the values in the domain's units.
struct PolicyReader {
    /// A document with more mistakes than this needs no longer list.
    static let problemsMax = 200

    private(set) var problems: [PolicyProblem] = []
    /// Where each field's value stands, for the rules that look at several fields.
    private var places: [String: Mark] = [:]

    mutating func report(_ field: String, _ message: String) {
        // A field that is not in the document is reported where its section begins.
        var known = field
        while places[known] == nil, let cut = known.lastIndex(where: { $0 == "." || $0 == "[" }) {
            known = String(known[..<cut])
        }
        report(field, message, at: places[known] ?? places[""])
    }

    private mutating func report(_ field: String, _ message: String, at mark: Mark?) {
        guard problems.count < Self.problemsMax else { return }
        problems.append(PolicyProblem(line: mark?.line ?? 1, column: mark?.column ?? 1, field: field, message: message))
    }

    /// The values of one section by key; keys left out or wrong are absent.
    mutating func section(_ node: Node, _ fields: [PolicyField], path: String) -> [String: JSONValue] {
        places[path] = node.mark
        guard refuseAnchor(node, path: path), case .mapping(let mapping) = node else {
            if node.anchor == nil { report(path, "must be a section of keys and values.", at: node.mark) }
            return [:]
        }
        var values: [String: JSONValue] = [:]
        for (keyNode, valueNode) in mapping {
            guard case .scalar(let scalar) = keyNode, keyNode.anchor == nil else {
                report(path, "has a key that is no plain text.", at: keyNode.mark)
                continue
            }
            let key = scalar.string
            guard let field = fields.first(where: { $0.key == key }) else {
                report(Self.join(path, Self.shortened(key)), Self.unknownKey(key, fields), at: keyNode.mark)
                continue
            }
            if let value = value(valueNode, field, path: Self.join(path, key)) { values[key] = value }
        }
        for field in fields where field.isRequired && !mapping.keys.contains(where: { $0.scalar?.string == field.key })
        {
            report(Self.join(path, field.key), "is missing; it must be \(field.kind.allowed).", at: node.mark)
        }
        return values
    }

    /// Nil where the value is wrong (reported) or stands for "left out".
    private mutating func value(_ node: Node, _ field: PolicyField, path: String) -> JSONValue? {
        places[path] = node.mark
        guard refuseAnchor(node, path: path) else { return nil }
        if case .scalar(let scalar) = node, scalar.style == .plain {
            if field.canBeOff, ["off", "null", "~", ""].contains(scalar.string) { return .null }
            if !field.isRequired, ["null", "~", ""].contains(scalar.string) { return nil }
        }
        let result: JSONValue?
        switch field.kind {
        case .section(let fields): return .object(section(node, fields, path: path))
        case .list(let fields, let itemsMax): return list(node, fields, itemsMax: itemsMax, path: path)
        case .texts(let itemsMax, let charactersMax):
            result = Self.texts(node, itemsMax: itemsMax, charactersMax: charactersMax)
        default: result = node.scalar.flatMap { Self.scalar($0, field.kind) }
        }
        if result == nil {
            let off = field.canBeOff ? ", or off" : ""
            report(path, "must be \(field.kind.allowed)\(off); it is \(Self.shown(node)).", at: node.mark)
        }
        return result
    }

    private mutating func list(_ node: Node, _ fields: [PolicyField], itemsMax: Int, path: String) -> JSONValue? {
        guard case .sequence(let items) = node, items.count <= itemsMax else {
            report(path, "must be a list of at most \(itemsMax) entries; it is \(Self.shown(node)).", at: node.mark)
            return nil
        }
        var values: [JSONValue] = []
        for (index, item) in items.enumerated() {
            values.append(.object(section(item, fields, path: "\(path)[\(index)]")))
        }
        return .array(values)
    }

    /// Aliases could make a small text a huge document, and a contract is better read without them.
    private mutating func refuseAnchor(_ node: Node, path: String) -> Bool {
        guard node.anchor != nil else { return true }
        report(path, "uses an anchor (&) or alias (*); write the value out.", at: node.mark)
        return false
    }

    private static func texts(_ node: Node, itemsMax: Int, charactersMax: Int) -> JSONValue? {
        guard case .sequence(let items) = node, items.count <= itemsMax else { return nil }
        var texts: [JSONValue] = []
        for item in items {
            guard item.anchor == nil, let scalar = item.scalar,
                let text = Self.scalar(scalar, .text(max: charactersMax))
            else { return nil }
            texts.append(text)
        }
        return .array(texts)
    }

    static func scalar(_ scalar: Node.Scalar, _ kind: PolicyField.Kind) -> JSONValue? {
        let text = scalar.string
        let number: (ClosedRange<Double>, Double?) -> JSONValue? = { range, value in
            value.flatMap { range.contains($0) ? .double($0) : nil }
        }
        switch kind {
        case .text(let max):
            let trimmed = text.drop { $0.isWhitespace }
            return !trimmed.isEmpty && text.count <= max && !text.unicodeScalars.contains("\0") ? .string(text) : nil
        case .boolean: return text == "true" ? true : text == "false" ? false : nil
        case .integer(let range): return Int(text).flatMap { range.contains($0) ? .int(Int64($0)) : nil }
        case .number(let range): return number(range, PolicyNumber.parse(text))
        case .share: return number(0...1, PolicyNumber.share(text))
        case .weight: return number(0.01...99.99, PolicyNumber.percent(text))
        case .duration(let range): return number(range, PolicyNumber.seconds(text))
        case .bytes(let range):
            return PolicyNumber.bytes(text).flatMap { range.contains($0) ? .int(Int64($0)) : nil }
        case .choice(let choices): return choices.contains(text) ? .string(text) : nil
        case .texts, .section, .list: return nil
        }
    }

    static func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private static func shown(_ node: Node) -> String {
        switch node {
        case .scalar(let scalar): scalar.string.isEmpty ? "empty" : "“\(shortened(scalar.string))”"
        case .mapping: "a section"
        case .sequence(let items): "a list of \(items.count)"
        case .alias: "an alias"
        }
    }

    private static func shortened(_ text: String) -> String {
        text.count > 60 ? text.prefix(59) + "…" : text
    }

    private static func unknownKey(_ key: String, _ fields: [PolicyField]) -> String {
        let near = key.count > 60 ? nil : fields.map { ($0.key, EditDistance.between(key, $0.key)) }.min { $0.1 < $1.1 }
        if let near, near.1 <= max(2, near.0.count / 3) { return "is not a key here; did you mean \(near.0)?" }
        return "is not a key here; the keys are \(fields.map(\.key).joined(separator: ", "))."
    }
}
