internal import Foundation
internal import Hummingbird

/// The API key that a request shows, wherever its client puts it.
enum Credentials {
    /// Longer headers are nobody's key.
    static let headerBytesMax = 1024

    /// `Bearer <key>`, or HTTP Basic with the key as its password: MLflow's clients send the one for
    /// MLFLOW_TRACKING_TOKEN and the other for MLFLOW_TRACKING_USERNAME and PASSWORD.
    ///
    /// - Returns: the key and the principal's name, if one was given that must match.
    static func parse(_ header: String) -> (key: String, name: String?)? {
        guard header.utf8.count <= headerBytesMax else { return nil }
        // Every request comes through here: bytes, without Foundation's Unicode.
        let parts = header.utf8.split(separator: UInt8(ascii: " "), maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let shown = String(Substring(trimmed(parts[1])))
        switch Substring(parts[0]).lowercased() {
        case "bearer": return (shown, nil)
        case "basic":
            guard let data = Data(base64Encoded: shown), let text = String(data: data, encoding: .utf8),
                let colon = text.firstIndex(of: ":")
            else { return nil }
            let name = String(text[..<colon])
            let isPlaceholder = name.isEmpty || ["token", "key"].contains(name)
            return (String(text[text.index(after: colon)...]), isPlaceholder ? nil : name)
        default: return nil
        }
    }

    /// Without spaces and tabs at both ends.
    private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var rest = text.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
        return rest
    }
}
