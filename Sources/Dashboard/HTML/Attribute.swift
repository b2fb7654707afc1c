/// One attribute of an element. The name is a literal of this room; the value is escaped when it is rendered.
public struct Attribute: Sendable, Hashable {
    let name: String
    /// nil is a boolean attribute that is set.
    let value: String?

    init(_ name: StaticString, _ value: String?) {
        self.name = name.description
        self.value = value
    }

    func write(into output: inout String) {
        output += " "
        output += name
        guard let value else { return }
        output += "=\""
        Escaping.append(value, to: &output, isAttribute: true)
        output += "\""
    }
}

extension Attribute {
    static func id(_ value: String) -> Attribute { Attribute("id", value) }
    static func `class`(_ value: String) -> Attribute { Attribute("class", value) }
    static func href(_ link: Link) -> Attribute { Attribute("href", link.text) }
    static func action(_ link: Link) -> Attribute { Attribute("action", link.text) }
    static func title(_ value: String) -> Attribute { Attribute("title", value) }
    static func role(_ value: String) -> Attribute { Attribute("role", value) }
    static func label(_ value: String) -> Attribute { Attribute("aria-label", value) }
    static func labelledBy(_ id: String) -> Attribute { Attribute("aria-labelledby", id) }
    static let hiddenFromReaders = Attribute("aria-hidden", "true")
    static func scope(_ value: String) -> Attribute { Attribute("scope", value) }
    static func name(_ value: String) -> Attribute { Attribute("name", value) }
    static func value(_ value: String) -> Attribute { Attribute("value", value) }
    static func type(_ value: String) -> Attribute { Attribute("type", value) }
    static func number(_ name: StaticString, _ value: Double) -> Attribute { Attribute(name, SVGNumber.text(value)) }
    static func points(_ value: String) -> Attribute { Attribute("points", value) }
    static func d(_ value: String) -> Attribute { Attribute("d", value) }
    static func viewBox(_ width: Double, _ height: Double) -> Attribute {
        Attribute("viewBox", "0 0 \(SVGNumber.text(width)) \(SVGNumber.text(height))")
    }
}
