internal import Domain
internal import Foundation

/// The lists that an import reads.
extension MLflowServer {
    private static let experimentsPage = 1_000
    private static let runsPage = 200
    private static let pointsPage = 25_000
    private static let modelsPage = 100

    /// All experiments, deleted ones too.
    func experiments() async throws -> [JSONValue] {
        var found: [JSONValue] = []
        try await pages("experiments") { token in
            try await post(
                "mlflow/experiments/search",
                Self.body(["view_type": "ALL", "max_results": .int(Int64(Self.experimentsPage))], token))
        } each: {
            found += $0
        }
        return found
    }

    /// All runs of an experiment, deleted ones too, a page at a time.
    func runs(of experiment: String, each: ([JSONValue]) async throws -> Void) async throws {
        try await pages("runs") { token in
            try await post(
                "mlflow/runs/search",
                Self.body(
                    [
                        "experiment_ids": [.string(experiment)], "run_view_type": "ALL",
                        "max_results": .int(Int64(Self.runsPage)),
                        // A fixed order, so that runs that start meanwhile do not shift the pages.
                        "order_by": ["attributes.start_time ASC"],
                    ], token))
        } each: {
            try await each($0)
        }
    }

    /// Every point of one metric of a run, a page at a time.
    func history(of run: String, _ key: String, each: ([JSONValue]) async throws -> Void) async throws {
        try await pages("metrics") { token in
            try await get(
                "mlflow/metrics/get-history",
                [
                    ("run_id", run), ("metric_key", key), ("max_results", "\(Self.pointsPage)"), ("page_token", token),
                ])
        } each: {
            try await each($0)
        }
    }

    func loggedModels(of experiment: String) async throws -> [JSONValue] {
        var found: [JSONValue] = []
        try await pages("models") { token in
            try await post(
                "mlflow/logged-models/search",
                Self.body(
                    ["experiment_ids": [.string(experiment)], "max_results": .int(Int64(Self.modelsPage) / 2)], token))
        } each: {
            found += $0
        }
        return found
    }

    /// All registered models but prompts, which MLflow keeps among them.
    func registeredModels() async throws -> [JSONValue] {
        var found: [JSONValue] = []
        try await pages("registered_models") { token in
            try await get(
                "mlflow/registered-models/search", [("max_results", "\(Self.modelsPage)"), ("page_token", token)])
        } each: {
            found += $0
        }
        return found.filter { !Self.isPrompt($0) }
    }

    static func isPrompt(_ model: JSONValue) -> Bool {
        (model["tags"]?.arrayValue ?? []).contains { $0["key"] == "mlflow.prompt.is_prompt" && $0["value"] == "true" }
    }

    /// All versions of all models, in the order in which they were registered.
    func modelVersions() async throws -> [JSONValue] {
        var found: [JSONValue] = []
        try await pages("model_versions") { token in
            try await get("mlflow/model-versions/search", [("max_results", "1000"), ("page_token", token)])
        } each: {
            found += $0
        }
        return found.sorted { Self.order($0) < Self.order($1) }
    }

    private static func order(_ version: JSONValue) -> (Int64, String, Int64) {
        (
            version["creation_timestamp"]?.intValue ?? 0, version["name"]?.stringValue ?? "",
            Int64(version["version"]?.stringValue ?? "") ?? version["version"]?.intValue ?? 0
        )
    }

    private static func body(_ members: [String: JSONValue], _ token: String?) -> JSONValue {
        var members = members
        if let token { members["page_token"] = .string(token) }
        return .object(members)
    }
}
