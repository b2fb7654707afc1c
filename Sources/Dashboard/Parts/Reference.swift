import Domain

/// The ways in which a page points at things.
enum Reference {
    static func model(_ name: String) -> HTML { a(.href(.model(name))) { bdi(text: name) } }
    static func version(_ model: String, _ version: Int, text: String? = nil) -> HTML {
        a(.href(.version(model, version)), text: text ?? "v\(version)")
    }
    static func endpoint(_ name: String) -> HTML { a(.href(.endpoint(name))) { bdi(text: name) } }
    static func rollout(_ id: Int64) -> HTML { a(.href(.rollout(id)), text: "rollout\u{a0}\(id)") }
    /// A long hexadecimal digest: its beginning, the whole on hover and for copying.
    static func digest(_ hex: String) -> HTML {
        code(.class("digest"), .title(hex), text: hex.count > 16 ? hex.prefix(12) + "…" : hex)
    }
}
