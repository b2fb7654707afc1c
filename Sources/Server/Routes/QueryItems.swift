internal import Foundation

/// The items of a query string in order, decoded as HTML forms encode them: `+` is a space.
enum QueryItems {
    /// More items than any call has.
    static let itemsMax = 10_000

    static func parse(_ query: String?) -> [(key: String, value: String)] {
        (query ?? "").split(separator: "&", maxSplits: itemsMax).map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { part in
                // Most have nothing to decode.
                guard part.utf8.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "%") }) else {
                    return String(part)
                }
                let spaced = part.replacing("+", with: " ")
                // A stray percent sign is taken as it stands.
                return spaced.removingPercentEncoding ?? String(spaced)
            }
            return (key: parts[0], value: parts.count > 1 ? parts[1] : "")
        }
    }
}
