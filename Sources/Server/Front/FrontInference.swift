/// `/v2/models/{model}/infer` and `/v2/models/{model}/versions/{version}/infer`, where nothing is percent-encoded.
enum FrontInference {
    private static let start = "/v2/models/"
    private static let end = "/infer"

    struct Target: Sendable {
        let model: String
        /// nil leaves the choice to the endpoint.
        let version: Int?
    }

    /// - Returns: nil for any other path, which the routes know.
    static func target(_ path: String) -> Target? {
        let bytes = path.utf8
        guard bytes.starts(with: start.utf8), bytes.count > start.utf8.count + end.utf8.count,
            bytes.suffix(end.utf8.count).elementsEqual(end.utf8)
        else { return nil }
        let middle = bytes.dropFirst(start.utf8.count).dropLast(end.utf8.count)
        guard !middle.contains(UInt8(ascii: "%")) else { return nil }
        guard middle.contains(UInt8(ascii: "/")) else {
            return Target(model: String(Substring(middle)), version: nil)
        }
        let parts = middle.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, parts[1].elementsEqual("versions".utf8),
            let version = Int(Substring(parts[2])), version > 0
        else { return nil }
        return Target(model: String(Substring(parts[0])), version: version)
    }
}
