internal import Foundation

/// What the data directory of this machine tells a client: where its server listens, and the administrator's first key.
enum LocalServer {
    struct Running: Decodable, Equatable {
        var url: String
        var pid: Int32
    }

    static func dataDirectory(environment: [String: String]) -> String {
        if let path = environment["MARTLET_DATA_DIR"], !path.isEmpty { return path }
        let base = environment["XDG_DATA_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        return (base ?? (environment["HOME"] ?? "/var/lib") + "/.local/share") + "/martlet"
    }

    /// The lock file names the server that holds the data directory, or held it last.
    static func find(environment: [String: String]) -> Running? {
        for lock in ["control.lock", "inference.lock"] {
            let path = dataDirectory(environment: environment) + "/" + lock
            guard let bytes = FileManager.default.contents(atPath: path) else { continue }
            if let running = try? JSONDecoder().decode(Running.self, from: bytes), kill(running.pid, 0) == 0 {
                return running
            }
        }
        return nil
    }

    static func administratorKey(environment: [String: String]) -> String? {
        let path = dataDirectory(environment: environment) + "/admin-key"
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        let key = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        return key.isEmpty ? nil : key
    }
}
