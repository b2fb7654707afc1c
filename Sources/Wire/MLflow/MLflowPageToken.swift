public import Domain

/// Opaque page tokens: base64 of `{"offset": n}`, as MLflow makes them.
public enum MLflowPageToken {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    /// Far beyond any real page; a larger offset is a made-up token.
    private static let offsetMax: Int64 = 1 << 40

    /// One part of a question that a token may belong to, of which it holds a short hash.
    public struct Part: Sendable, Hashable {
        let name: String
        let hash: String

        /// `name` is MLflow's, as it begins the refusal.
        public init(_ name: String, of text: String) {
            self.name = name
            // FNV-1a: it finds mistakes; nobody gains by making a collision.
            let value = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
            hash = String(value, radix: 16)
        }
    }

    public static func encode(_ offset: Int, of question: [Part] = []) -> String {
        let hashes = question.isEmpty ? "" : ", \"of\": [\(question.map { "\"\($0.hash)\"" }.joined(separator: ", "))]"
        let bytes = Array("{\"offset\": \(offset)\(hashes)}".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(0) { $0 << 8 | Int($1) }
            bits <<= 8 * (3 - group.count)
            for position in 0..<4 {
                let isPadding = position > group.count
                text.append(isPadding ? UInt8(ascii: "=") : alphabet[bits >> (18 - 6 * position) & 63])
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Throws: `invalidArgument` for a token that we did not make, or made for another question.
    public static func decode(_ token: String?, of question: [Part] = []) throws(MartletError) -> Int {
        guard let token, !token.isEmpty else { return 0 }
        let failure = MartletError.invalid(
            "Invalid page token, could not base64-decode: '\(token.prefix(100))'.", field: "page_token")
        guard token.utf8.count <= 200 else { throw failure }
        var bytes: [UInt8] = []
        var bits = 0
        var count = 0
        for character in token.utf8 where character != UInt8(ascii: "=") {
            guard let value = alphabet.firstIndex(of: character) else { throw failure }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(bits >> count & 255))
            }
        }
        let fields = try? JSONParser.parse(bytes)
        guard let offset = fields?["offset"]?.intValue, offset >= 0, offset < offsetMax else { throw failure }
        let hashes = fields?["of"]?.arrayValue ?? []
        guard hashes.count == question.count else { throw failure }
        for (part, hash) in zip(question, hashes) where hash.stringValue != part.hash {
            let verb = part.name.hasSuffix("s") ? "do" : "does"
            throw .invalid(
                "\(part.name) in the page token \(verb) not match the requested \(part.name.lowercased()).",
                field: "page_token")
        }
        return Int(offset)
    }
}
