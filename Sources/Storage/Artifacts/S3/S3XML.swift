internal import Foundation

/// The little of XML that S3's answers need: elements with text, found by name.
enum S3XML {
    /// The text of the first element of that name; nil if there is none.
    static func value(_ name: String, in text: String) -> String? { values(name, in: text).first }

    /// The texts of all elements of that name, in order.
    static func values(_ name: String, in text: String) -> [String] {
        elements(name, in: text).map(unescape)
    }

    /// What is inside of all elements of that name, as it stands.
    static func elements(_ name: String, in text: String) -> [String] {
        var found: [String] = []
        var rest = text[...]
        while let start = rest.range(of: "<\(name)>") {
            guard let end = rest[start.upperBound...].range(of: "</\(name)>") else { break }
            found.append(String(rest[start.upperBound..<end.lowerBound]))
            rest = rest[end.upperBound...]
        }
        return found
    }

    static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }

    private static func unescape(_ text: String) -> String {
        text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
            .replacing("&#34;", with: "\"").replacing("&apos;", with: "'").replacing("&amp;", with: "&")
    }
}
