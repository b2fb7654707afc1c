import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Storage
import Testing

@testable import Server

/// Two narrow keys and a whole one over the real routes.
@Suite("What a narrow key may name")
struct NarrowKeyTests {
    private let server: FilledServer
    private let mine: String
    private let sibling: String
    private let whole: String

    init() async throws {
        server = try await FilledServer(isFilled: false)
        let accounts = server.services.accounts
        let keys = server.services.keys
        _ = try await accounts.create(name: "con", roles: [.contributor], actor: .system)
        mine = try await keys.issue(for: "con", label: "", onlyModel: "mine", actor: .system).text
        sibling = try await keys.issue(for: "con", label: "", onlyModel: "mine", actor: .system).text
        whole = try await keys.issue(for: "con", label: "", actor: .system).text
    }

    private struct Answer {
        var status: Int
        var json: JSONValue?
        var isRefused: Bool { status == 403 && (json?["error_code"] ?? json?["code"]) == "PERMISSION_DENIED" }
    }

    private func call(
        _ key: String, _ method: HTTPRequest.Method, _ path: String, _ fields: JSONValue? = nil, bytes: String? = nil
    ) async throws -> Answer {
        let body =
            try fields.map { ByteBuffer(bytes: try JSONEncoder().encode($0)) } ?? bytes.map(ByteBuffer.init(string:))
        return try await Application(router: Bootstrap.makeRouter(server.services)).test(.router) { client in
            try await client.execute(
                uri: path.hasPrefix("/") ? path : "/api/2.0/mlflow/" + path, method: method,
                headers: [.authorization: "Bearer " + key, .contentType: "application/json"], body: body
            ) { response in
                Answer(
                    status: Int(response.status.code),
                    json: try? JSONDecoder().decode(JSONValue.self, from: Data(String(buffer: response.body).utf8)))
            }
        }
    }

    private func run(_ key: String) async throws -> (id: String, root: String) {
        let info = try await call(key, .post, "runs/create", ["experiment_id": "0"]).json?["run"]?["info"]
        let id = try #require(info?["run_id"]?.stringValue)
        return (id, "0/\(id)/artifacts")
    }

    private func loggedModel(_ key: String) async throws -> String {
        let answer = try await call(key, .post, "logged-models", ["experiment_id": "0", "name": "model"])
        return try #require(answer.json?["model"]?["info"]?["model_id"]?.stringValue, "\(answer)")
    }

    private static let artifacts = "/api/2.0/mlflow-artifacts/artifacts"

    @Test("it logs into runs and logged models that it made, and registers versions of its model from them")
    func own() async throws {
        let (id, root) = try await run(mine)
        let model = try await loggedModel(mine)
        let metric: JSONValue = ["key": "recall", "value": 0.9, "timestamp": 1, "model_id": .string(model)]
        let calls: [(HTTPRequest.Method, String, JSONValue?)] = [
            (.get, "runs/get?run_id=\(id)", nil),
            (.post, "runs/log-batch", ["run_id": .string(id), "metrics": [metric]]),
            (.post, "runs/set-tag", ["run_id": .string(id), "key": "a", "value": "b"]),
            (.post, "runs/outputs", ["run_id": .string(id), "models": [["model_id": .string(model)]]]),
            (.patch, "logged-models/\(model)", ["status": "LOGGED_MODEL_READY"]),
            (.get, "logged-models/\(model)", nil),
            (.get, "artifacts/list?run_id=\(id)", nil),
            (.get, "experiments/get-by-name?experiment_name=Default", nil),
            (.post, "registered-models/create", ["name": "mine"]),
            (.post, "runs/update", ["run_id": .string(id), "status": "FINISHED"]),
        ]
        for (method, path, fields) in calls {
            let answer = try await call(mine, method, path, fields)
            #expect(answer.status == 200, "\(path): \(answer)")
        }
        #expect(try await call(mine, .put, "\(Self.artifacts)/\(root)/m/model.bin", bytes: "x").status == 200)
        #expect(try await call(mine, .get, "\(Self.artifacts)/\(root)/m/model.bin").status == 200)
        let made = try await call(
            mine, .post, "model-versions/create",
            ["name": "mine", "source": .string("runs:/\(id)/m"), "run_id": .string(id)])
        #expect(made.status == 200, "\(made)")
        let version: JSONValue = ["name": "mine", "version": "1", "description": "It warns."]
        #expect(try await call(mine, .patch, "model-versions/update", version).status == 200)
        #expect(try await call(mine, .get, "\(Self.artifacts)/versions/mine/1/model.bin").status == 200)
        #expect(try await call(sibling, .patch, "model-versions/update", version).isRefused)
    }

    @Test("runs, logged models and artifacts of others are closed to it, those of another key of the same model too")
    func others() async throws {
        let (own, ownRoot) = try await run(mine)
        for other in [whole, sibling] {
            let (id, root) = try await run(other)
            let model = try await loggedModel(other)
            _ = try await call(whole, .put, "\(Self.artifacts)/0/x", bytes: "x")
            let metric: JSONValue = ["key": "recall", "value": 1, "timestamp": 1, "model_id": .string(model)]
            let calls: [(HTTPRequest.Method, String, JSONValue?)] = [
                (.get, "runs/get?run_id=\(id)", nil),
                (.post, "runs/log-metric", ["run_id": .string(id), "key": "recall", "value": 1, "timestamp": 1]),
                (.post, "runs/log-metric", ["run_uuid": .string(id), "key": "recall", "value": 1, "timestamp": 1]),
                (
                    .post, "runs/log-metric",
                    ["run_id": .string(own), "run_uuid": .string(id), "key": "r", "value": 1, "timestamp": 1]
                ),
                (.post, "runs/log-batch", ["run_id": .string(own), "metrics": [metric]]),
                (.post, "runs/outputs", ["run_id": .string(own), "models": [["model_id": .string(model)]]]),
                (.post, "runs/set-tag", ["run_id": .string(id), "key": "a", "value": "b"]),
                (.post, "runs/update", ["run_id": .string(id), "status": "FAILED"]),
                (.get, "artifacts/list?run_id=\(id)", nil),
                (.get, "/get-artifact?run_id=\(id)&path=a", nil),
                (.get, "/get-artifact?run_id=\(own)&run_uuid=\(id)&path=a", nil),
                (.get, "logged-models/\(model)", nil),
                (.patch, "logged-models/\(model)/tags", ["tags": [["key": "a", "value": "b"]]]),
                (.post, "logged-models", ["experiment_id": "0", "source_run_id": .string(id)]),
                (.put, "\(Self.artifacts)/\(root)/m/model.bin", nil),
                (.get, "\(Self.artifacts)/\(root)/m/model.bin", nil),
                (.get, "\(Self.artifacts)/\(ownRoot)x/model.bin", nil),
                (.get, "\(Self.artifacts)?path=\(root)", nil), (.get, Self.artifacts, nil),
                (.post, "model-versions/create", ["name": "mine", "source": .string("runs:/\(id)/m")]),
                (.post, "model-versions/create", ["name": "mine", "source": .string("models:/\(model)")]),
                (.post, "model-versions/create", ["name": "mine", "source": "models:/theirs/1"]),
                (.post, "model-versions/create", ["name": "mine", "source": "s3://elsewhere/m"]),
                (
                    .post, "model-versions/create",
                    ["name": "mine", "source": .string("mlflow-artifacts:/\(root)/m")]
                ),
                (
                    .post, "model-versions/create",
                    ["name": "mine", "source": .string("mlflow-artifacts:/\(ownRoot)/../../\(id)/artifacts/m")]
                ),
            ]
            for (method, path, fields) in calls {
                let answer = try await call(mine, method, path, fields)
                #expect(answer.isRefused, "\(method) \(path): \(answer)")
            }
        }
    }

    @Test(
        "what has no rule is closed to it: other models, searches, experiments, aliases, feedback and all that destroys"
    )
    func closed() async throws {
        let (id, _) = try await run(mine)
        #expect(try await call(mine, .post, "registered-models/create", ["name": "mine"]).status == 200)
        let calls: [(HTTPRequest.Method, String, JSONValue)] = [
            (.post, "registered-models/create", ["name": "other"]),
            (.get, "registered-models/get?name=other", [:]), (.get, "registered-models/search", [:]),
            (.get, "model-versions/search", [:]), (.get, "model-versions/get?name=other&version=1", [:]),
            (.post, "registered-models/alias", ["name": "mine", "alias": "a", "version": "1"]),
            (.post, "model-versions/transition-stage", ["name": "mine", "version": "1", "stage": "Production"]),
            (.post, "runs/search", ["experiment_ids": ["0"]]), (.post, "logged-models/search", [:]),
            (.post, "experiments/update", ["experiment_id": "0", "new_name": "x"]),
            (.post, "experiments/set-experiment-tag", ["experiment_id": "0", "key": "a", "value": "b"]),
            (.post, "experiments/create", ["name": "e", "artifact_location": "mlflow-artifacts:/0"]),
            (.post, "runs/delete", ["run_id": .string(id)]), (.delete, "registered-models/delete", ["name": "mine"]),
            (.post, "/api/v1/feedback", ["items": []]), (.get, "/api/v1/models/other", [:]),
            (.post, "/api/2.0/mlflow-artifacts/mpu/create/0/x", [:]),
            (.get, "/api/2.0//mlflow/runs/get?run_id=\(id)", [:]),
        ]
        for (method, path, fields) in calls {
            let answer = try await call(mine, method, path, fields)
            #expect(answer.isRefused, "\(method) \(path): \(answer)")
        }
        #expect(try await call(mine, .post, "experiments/create", ["name": "retrained"]).status == 200)
    }
}
