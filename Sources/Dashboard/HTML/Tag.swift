/// The name of an element. Calling it makes the element: `p(.class("note")) { "text" }`.
public struct Tag: Sendable, Hashable {
    let name: String
    /// Void elements have no children and no end tag.
    let isVoid: Bool

    init(_ name: StaticString, isVoid: Bool = false) {
        self.name = name.description
        self.isVoid = isVoid
    }

    func callAsFunction(_ attributes: Attribute..., @HTMLBuilder content: () -> HTML) -> HTML {
        .element(self, attributes, [content()])
    }

    func callAsFunction(_ attributes: [Attribute], @HTMLBuilder content: () -> HTML) -> HTML {
        .element(self, attributes, [content()])
    }

    func callAsFunction(_ attributes: Attribute...) -> HTML {
        .element(self, attributes, [])
    }

    func callAsFunction(_ attributes: [Attribute]) -> HTML {
        .element(self, attributes, [])
    }

    func callAsFunction(_ attributes: Attribute..., text: String) -> HTML {
        .element(self, attributes, [.text(text)])
    }
}
