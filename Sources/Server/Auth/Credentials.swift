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
        let parts = header.split(separator: " ", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        switch parts[0].lowercased() {
        case "bearer": return (parts[1].trimmingCharacters(in: .whitespaces), nil)
        case "basic":
            guard let data = Data(base64Encoded: parts[1]), let text = String(data: data, encoding: .utf8),
                let colon = text.firstIndex(of: ":")
            else { return nil }
            let name = String(text[..<colon])
            let isPlaceholder = name.isEmpty || ["token", "key"].contains(name)
            return (String(text[text.index(after: colon)...]), isPlaceholder ? nil : name)
        default: return nil
        }
    }
}
