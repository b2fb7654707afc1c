import Foundation
import Testing

@Suite("History, alias rules and permanent deletion at the command line")
struct CustodyTests {
    private let server: MartletProcess
    private let admin: String

    init() async throws {
        server = try await MartletProcess.start(authenticated: true)
        admin = try server.adminKey()
    }

    private func mlflow(_ method: String, _ path: String, _ body: String, key: String) async throws
        -> MartletProcess.Answer
    {
        try await server.send(method, "/api/2.0/mlflow/" + path, body: body, key: key)
    }

    /// A key of a new principal.
    private func key(_ name: String, _ role: String) async throws -> String {
        let made = try await server.martlet("principal", "create", name, "--role", role, key: admin)
        #expect(made.isSuccess, "\(made)")
        let issued = try await server.martlet("key", "create", name, "--output", "json", key: admin)
        let answer = try JSONSerialization.jsonObject(with: Data(issued.standardOutput.utf8)) as? [String: Any]
        return try #require(answer?["key"] as? String, "\(issued)")
    }

    private func version(key: String) async throws {
        let run = try await mlflow("POST", "runs/create", #"{"experiment_id": "0"}"#, key: key)
        let id = try #require(run.text.firstMatch(of: /"run_id":"([0-9a-f]{32})"/)).1
        let put = try await server.send(
            "PUT", "/api/2.0/mlflow-artifacts/artifacts/0/\(id)/artifacts/model/MLmodel", body: "flavors: {}", key: key)
        #expect(put.status == 200)
        let made = try await mlflow(
            "POST", "model-versions/create", #"{"name": "pump", "source": "runs:/\#(id)/model"}"#, key: key)
        #expect(made.status == 200, "\(made.text)")
    }

    @Test("who may move an alias is decided by its rule, and the history tells who moved it when")
    func aliases() async throws {
        let ada = try await key("ada", "contributor")
        let pia = try await key("pia", "approver")
        #expect(try await mlflow("POST", "registered-models/create", #"{"name": "pump"}"#, key: ada).status == 200)
        for _ in 1...2 { try await version(key: ada) }
        func move(_ version: Int, _ key: String) async throws -> Int {
            try await mlflow(
                "POST", "registered-models/alias", #"{"name": "pump", "alias": "prod", "version": "\#(version)"}"#,
                key: key
            ).status
        }
        #expect(try await move(1, ada) == 200)
        let between = Int(Date().timeIntervalSince1970 * 1000)
        let refused = try await server.martlet("alias", "protect", "pump", "prod", "--role", "approver", key: ada)
        #expect(refused.exitCode == 1 && refused.standardError.contains("operator"), "\(refused)")
        let protected = try await server.martlet(
            "alias", "protect", "pump", "prod", "--principal", "ada", "--role", "administrator", key: admin)
        #expect(protected.isSuccess, "\(protected)")
        #expect(try await move(2, admin) == 200)
        #expect(
            try await server.martlet("alias", "protect", "pump", "prod", "--role", "approver", key: admin).isSuccess)
        let denied = try await mlflow(
            "POST", "registered-models/alias", #"{"name": "pump", "alias": "prod", "version": "1"}"#, key: ada)
        #expect(denied.status == 403 && denied.text.contains("PERMISSION_DENIED") && denied.text.contains("approver"))
        // An approver alone may not write to the registry at all.
        #expect(try await move(1, pia) == 403)
        let list = try await server.martlet("alias", "list", "pump", key: pia)
        #expect(list.isSuccess && list.standardOutput.contains("approver"), "\(list)")
        let history = try await server.martlet("model", "history", "pump", "--alias", "prod", key: pia)
        #expect(history.isSuccess && history.standardOutput.contains("ada"), "\(history)")
        let then = try await server.martlet(
            "model", "history", "pump", "--alias", "prod", "--at", "\(between)", "--output", "json", key: pia)
        #expect(then.standardOutput.contains(#""value" : "1""#), "\(then)")
        let early = try await server.martlet("model", "history", "pump", "--at", "2020-03-03", key: pia)
        #expect(early.exitCode == 1 && early.standardError.contains("no registered model"), "\(early)")
        #expect(try await server.martlet("alias", "unprotect", "pump", "prod", key: admin).isSuccess)
        #expect(try await move(1, ada) == 200)
    }

    @Test("deleted runs and experiments go for good, after a dry run that says what would go; only for administrators")
    func collect() async throws {
        let ada = try await key("ada", "contributor")
        let made = try await mlflow("POST", "experiments/create", #"{"name": "trial"}"#, key: ada)
        let id = try #require(made.text.firstMatch(of: /"experiment_id":"([0-9]+)"/)).1
        let run = try await mlflow("POST", "runs/create", #"{"experiment_id": "\#(id)"}"#, key: ada)
        let runID = try #require(run.text.firstMatch(of: /"run_id":"([0-9a-f]{32})"/)).1
        let put = try await server.send(
            "PUT", "/api/2.0/mlflow-artifacts/artifacts/\(id)/\(runID)/artifacts/f", body: "file", key: ada)
        #expect(put.status == 200)
        #expect(
            try await mlflow("POST", "experiments/delete", #"{"experiment_id": "\#(id)"}"#, key: ada).status == 200)
        let denied = try await server.martlet("collect", "--dry-run", key: ada)
        #expect(denied.exitCode == 1 && denied.standardError.contains("administrator"), "\(denied)")
        let young = try await server.martlet("collect", "--output", "json", key: admin)
        #expect(young.standardOutput.contains(#""runs" : 0"#), "\(young)")
        let dry = try await server.martlet("collect", "--dry-run", "--older-than", "0s", key: admin)
        #expect(dry.isSuccess && dry.standardOutput.contains(String(runID)), "\(dry)")
        #expect(dry.standardOutput.contains("Would delete for good: 1 experiments, 1 runs"), "\(dry)")
        #expect(try await mlflow("GET", "runs/get?run_id=\(runID)", "", key: ada).status == 200)
        let done = try await server.martlet("collect", "--older-than", "0s", key: admin)
        #expect(done.isSuccess && done.standardOutput.contains("Deleted for good: 1 experiments, 1 runs"), "\(done)")
        #expect(try await mlflow("GET", "runs/get?run_id=\(runID)", "", key: ada).status == 404)
        #expect(try await mlflow("POST", "experiments/create", #"{"name": "trial"}"#, key: ada).status == 200)
        let unknown = try await server.martlet("collect", "--run", "none", key: admin)
        #expect(unknown.exitCode == 1 && unknown.standardError.contains("not found"), "\(unknown)")
    }
}
