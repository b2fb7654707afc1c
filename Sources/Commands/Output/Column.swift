internal import Domain
internal import Foundation

/// One column of a table, or one field of a thing: its title, and how its text is taken from a JSON value.
struct Column: Sendable {
    var title: String
    var isRightAligned = false
    var text: @Sendable (JSONValue) -> String

    /// The text that `text` makes of a row.
    init(_ title: String, isRightAligned: Bool = false, text: @escaping @Sendable (JSONValue) -> String) {
        self.title = title
        self.isRightAligned = isRightAligned
        self.text = text
    }

    /// The member at a path with dots, for example `owner.name`. Absent and null show as a dash, lists joined by commas.
    init(_ title: String, _ path: String) {
        self.init(title) { Self.plain(Self.member(path, of: $0)) }
    }

    /// As above, aligned to the right.
    static func number(_ title: String, _ path: String) -> Column {
        Column(title, isRightAligned: true) { plain(member(path, of: $0)) }
    }

    /// A moment in milliseconds since 1970, shown in UTC to the second.
    static func time(_ title: String, _ path: String) -> Column {
        Column(title) { row in
            guard let milliseconds = member(path, of: row)?.intValue else { return "-" }
            return Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601)
        }
    }

    static func member(_ path: String, of value: JSONValue) -> JSONValue? {
        path.split(separator: ".").reduce(value as JSONValue?) { $0?[String($1)] }
    }

    static func plain(_ value: JSONValue?) -> String {
        switch value {
        case nil, .null: "-"
        case .bool(let flag): flag ? "yes" : "no"
        case .int(let number): String(number)
        case .double(let number):
            number.formatted(
                .number.precision(.significantDigits(1...6)).grouping(.never).locale(Locale(identifier: "en_US_POSIX")))
        case .string(let text): text
        case .array(let items): items.isEmpty ? "-" : items.map { plain($0) }.joined(separator: ", ")
        case .object(let members): members.keys.sorted().map { "\($0)=\(plain(members[$0]))" }.joined(separator: " ")
        }
    }
}
