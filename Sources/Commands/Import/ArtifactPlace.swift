internal import Domain
internal import Foundation

/// Where the files of a run or logged model are at a server, and how they are listed and read there.
struct ArtifactPlace: Sendable {
    /// A file, by its path relative to the place.
    struct File: Sendable, Hashable {
        var path: String
        /// nil where the server does not tell.
        var bytes: Int64?
    }

    enum Way: Sendable {
        /// Through the artifact proxy, by path.
        case proxy(String)
        /// A run's own store, which the server reads for us.
        case run(String)
        /// A logged model's own store.
        case loggedModel(String)
    }

    /// Folders deep at most, so that a listing that turns in circles ends.
    static let depthMax = 64

    let server: MLflowServer
    let way: Way

    static func ofRun(_ run: JSONValue, at server: MLflowServer) -> ArtifactPlace? {
        guard let id = run["info"]?["run_id"]?.stringValue else { return nil }
        return ArtifactPlace(server: server, way: proxied(run["info"]?["artifact_uri"]) ?? .run(id))
    }

    static func ofLoggedModel(_ model: JSONValue, at server: MLflowServer) -> ArtifactPlace? {
        guard let id = model["info"]?["model_id"]?.stringValue else { return nil }
        return ArtifactPlace(server: server, way: proxied(model["info"]?["artifact_uri"]) ?? .loggedModel(id))
    }

    private static func proxied(_ uri: JSONValue?) -> Way? {
        guard let text = uri?.stringValue, let path = path(uri: text) else { return nil }
        return .proxy(path)
    }

    /// The path behind `mlflow-artifacts:/…` or `mlflow-artifacts://host/…`; nil for other stores.
    static func path(uri: String) -> String? {
        guard uri.hasPrefix("mlflow-artifacts:/") else { return nil }
        var rest = uri.dropFirst("mlflow-artifacts:/".count)
        if rest.hasPrefix("/") {
            rest = rest.dropFirst()
            guard let slash = rest.firstIndex(of: "/") else { return nil }
            rest = rest[rest.index(after: slash)...]
        }
        return rest.hasSuffix("/") ? String(rest.dropLast()) : String(rest)
    }

    /// Every file, in all folders.
    func files() async throws -> [File] {
        var found: [File] = []
        try await list("", depth: 0, into: &found)
        return found
    }

    private func list(_ folder: String, depth: Int, into found: inout [File]) async throws {
        guard depth < Self.depthMax else {
            throw MartletError.precondition("\(server.url): the folder \(folder) is more than \(Self.depthMax) deep.")
        }
        for entry in try await entries(folder) {
            guard let name = entry["path"]?.stringValue else { continue }
            let path = relative(name, in: folder)
            // A folder that lists itself would never end.
            guard path != folder, !path.isEmpty else { continue }
            if entry["is_dir"]?.boolValue == true {
                try await list(path, depth: depth + 1, into: &found)
            } else {
                let size = entry["file_size"]
                found.append(File(path: path, bytes: size?.intValue ?? size?.stringValue.flatMap { Int64($0) }))
            }
        }
    }

    /// The proxy names entries relative to the folder, the others relative to the place.
    private func relative(_ name: String, in folder: String) -> String {
        if case .proxy = way { return folder.isEmpty ? name : "\(folder)/\(name)" }
        return name
    }

    private func entries(_ folder: String) async throws -> [JSONValue] {
        switch way {
        case .proxy(let root):
            let path = folder.isEmpty ? root : "\(root)/\(folder)"
            return try await server.get("mlflow-artifacts/artifacts", [("path", path)])["files"]?.arrayValue ?? []
        case .run(let id):
            var found: [JSONValue] = []
            try await server.pages("files") { token in
                try await server.get(
                    "mlflow/artifacts/list",
                    [("run_id", id), ("path", folder.isEmpty ? nil : folder), ("page_token", token)])
            } each: {
                found += $0
            }
            return found
        case .loggedModel(let id):
            return try await server.get(
                "mlflow/logged-models/\(id)/artifacts/directories",
                [("artifact_directory_path", folder.isEmpty ? nil : folder)])["files"]?.arrayValue ?? []
        }
    }

    /// The address of a file's bytes.
    func address(_ path: String) -> String {
        switch way {
        case .proxy(let root):
            let parts = "\(root)/\(path)".split(separator: "/", omittingEmptySubsequences: false)
            return "/api/2.0/mlflow-artifacts/artifacts/"
                + parts.map { APIClient.escaped(String($0)) }.joined(separator: "/")
        case .run(let id):
            return "/get-artifact?run_uuid=\(APIClient.escaped(id))&path=\(APIClient.escaped(path))"
        case .loggedModel(let id):
            return "/ajax-api/2.0/mlflow/logged-models/\(APIClient.escaped(id))/artifacts/files?artifact_file_path="
                + APIClient.escaped(path)
        }
    }
}
