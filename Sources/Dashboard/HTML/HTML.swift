/// A piece of a page: text, an element, or several of them in a row.
///
/// There is no raw case, so nothing that a user stored can become markup: text and attribute values are escaped when they
/// are rendered, always, and names of elements and attributes are literals of this room.
public enum HTML: Sendable, Hashable {
    case text(String)
    case element(Tag, [Attribute], [HTML])
    case group([HTML])

    /// Nothing at all.
    public static let empty = HTML.group([])

    /// The markup, UTF-8 text. Linear in the size of the tree.
    public var rendered: String {
        var output = ""
        write(into: &output)
        return output
    }

    func write(into output: inout String) {
        switch self {
        case .text(let text):
            Escaping.append(text, to: &output, isAttribute: false)
        case .group(let children):
            for child in children { child.write(into: &output) }
        case .element(let tag, let attributes, let children):
            output += "<"
            output += tag.name
            for attribute in attributes { attribute.write(into: &output) }
            output += ">"
            if tag.isVoid { return }
            for child in children { child.write(into: &output) }
            output += "</"
            output += tag.name
            output += ">"
        }
    }
}

extension HTML: ExpressibleByStringInterpolation {
    public init(stringLiteral value: String) { self = .text(value) }
}
