internal import Domain
internal import Foundation

/// The server that a command talks to, and the key that it shows there.
///
/// A stored key is only ever sent to the server that it was stored for: `--url` elsewhere does not carry it along.
struct ClientTarget: Equatable {
    var url: String
    var key: String?

    static let defaultURL = "http://127.0.0.1:8080"

    /// The URL: the flag, `MARTLET_URL`, the stored credentials, the server that runs on this machine, the default.
    /// The key: the flag, `MARTLET_KEY`, the stored credentials for that URL, and last, for a loopback URL, the
    /// administrator's first key in this machine's data directory.
    ///
    /// - Throws: `invalidArgument` if the URL is not one, or stored credentials cannot be read.
    static func resolve(url: String?, key: String?, environment: [String: String]) throws -> ClientTarget {
        let stored = try StoredCredentials.load(environment: environment)
        let local = LocalServer.find(environment: environment)
        let chosen = try normalized(
            url ?? nonEmpty(environment["MARTLET_URL"]) ?? stored?.url ?? local?.url ?? defaultURL)
        if let key = key ?? nonEmpty(environment["MARTLET_KEY"]) {
            return ClientTarget(url: chosen, key: key)
        }
        if let stored, try normalized(stored.url) == chosen {
            return ClientTarget(url: chosen, key: stored.key)
        }
        if isLoopback(chosen), let key = LocalServer.administratorKey(environment: environment) {
            return ClientTarget(url: chosen, key: key)
        }
        return ClientTarget(url: chosen, key: nil)
    }

    /// Scheme, host and port without a path.
    static func normalized(_ text: String) throws -> String {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(), let host = parts.host,
            ["http", "https"].contains(scheme), !host.isEmpty, ["", "/"].contains(parts.path)
        else {
            throw MartletError.invalid(
                "\(text) is no server address. It looks like https://martlet.example.org or http://127.0.0.1:8080.")
        }
        return "\(scheme)://\(host.lowercased())" + (parts.port.map { ":\($0)" } ?? "")
    }

    static func isLoopback(_ url: String) -> Bool {
        guard let host = URLComponents(string: url)?.host else { return false }
        return host == "localhost" || host.hasPrefix("127.") || host == "::1" || host == "[::1]"
    }

    private static func nonEmpty(_ text: String?) -> String? {
        text.flatMap { $0.isEmpty ? nil : $0 }
    }
}
