internal import AsyncHTTPClient
internal import Domain
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// The Martlet server that an import fills.
struct ImportTarget: Sendable {
    /// Points of one request, as the server takes them.
    static let pointsMax = 5_000

    let client: APIClient
    /// The same server through MLflow's API, to store artifacts and to compare.
    let server: MLflowServer
    /// How the source is called there.
    let source: String

    /// What became of each item.
    @discardableResult
    func send(_ kind: String, _ items: [JSONValue], _ more: [String: JSONValue] = [:]) async throws -> [JSONValue] {
        guard !items.isEmpty else { return [] }
        var body = more
        body["source"] = .string(source)
        body["items"] = .array(items)
        return try await client.post(["imports", "mlflow", kind], .object(body))["items"]?.arrayValue ?? []
    }

    func aliases(_ model: JSONValue) async throws -> [JSONValue] {
        guard var body = model.objectValue, model["aliases"]?.arrayValue?.isEmpty == false else { return [] }
        body["source"] = .string(source)
        return try await client.post(["imports", "mlflow", "aliases"], .object(body))["items"]?.arrayValue ?? []
    }

    /// Fingerprints of what is here in full, by id.
    func completed(_ kind: String) async throws -> [String: String] {
        var found: [String: String] = [:]
        let items = try await client.items(
            ["imports", "mlflow", "completed"], query: [("source", source), ("kind", kind)], max: .max)
        for item in items {
            if let id = item["id"]?.stringValue { found[id] = item["fingerprint"]?.stringValue }
        }
        return found
    }

    func complete(_ kind: String, id: String, fingerprint: String) async throws {
        try await send(
            "completed", [["id": .string(id), "fingerprint": .string(fingerprint)]], ["kind": .string(kind)])
    }

    /// Digest and size of every file under a folder, by the path relative to it.
    func files(_ folder: String) async throws -> [String: (digest: String, bytes: Int64)] {
        var found: [String: (digest: String, bytes: Int64)] = [:]
        let items = try await client.items(["imports", "mlflow", "files"], query: [("folder", folder)], max: .max)
        for item in items {
            guard let path = item["path"]?.stringValue, let digest = item["digest"]?.stringValue else { continue }
            let relative = String(decoding: path.utf8.dropFirst(folder.utf8.count + 1), as: UTF8.self)
            found[relative] = (digest, item["bytes"]?.intValue ?? 0)
        }
        return found
    }
}
