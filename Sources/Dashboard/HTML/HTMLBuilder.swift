/// Lets the children of an element be written one a line.
@resultBuilder
public enum HTMLBuilder {
    public static func buildExpression(_ node: HTML) -> HTML { node }
    public static func buildExpression(_ text: String) -> HTML { .text(text) }
    public static func buildExpression(_ nodes: [HTML]) -> HTML { .group(nodes) }
    public static func buildBlock(_ nodes: HTML...) -> HTML { nodes.count == 1 ? nodes[0] : .group(nodes) }
    public static func buildOptional(_ node: HTML?) -> HTML { node ?? .empty }
    public static func buildEither(first node: HTML) -> HTML { node }
    public static func buildEither(second node: HTML) -> HTML { node }
    public static func buildArray(_ nodes: [HTML]) -> HTML { .group(nodes) }
}
