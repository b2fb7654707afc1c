internal import Foundation
internal import HTTPTypes

/// What a call has to name for a narrow key to make it. A call that has no rule is refused.
enum NarrowRule: Equatable {
    /// Reads nothing of anybody's work: names and numbers that clients need to find their way.
    case free
    case newExperiment
    case newRun, run
    case newLoggedModel
    case loggedModel(id: String)
    /// Reads its model, named by the field `name`, or makes it.
    case model
    case newVersion, ownVersion
    case artifact(path: String, isRead: Bool)
    case artifactList, runArtifact

    /// The rule of an MLflow call.
    init?(_ method: HTTPRequest.Method, _ path: String) {
        switch path {
        case "/get-artifact":
            self = .runArtifact
            return
        case "/model-versions/get-artifact":
            self = .model
            return
        default: break
        }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        guard parts.count > 3, parts[0] == "api" || parts[0] == "ajax-api" else { return nil }
        let rest = Array(parts.dropFirst(3))
        switch (parts[1], parts[2]) {
        case ("2.0", "mlflow"): self.init(call: rest, method)
        case ("3.0", "mlflow") where rest == ["server-info"]: self = .free
        case ("2.0", "mlflow-artifacts"): self.init(artifacts: rest, method)
        default: return nil
        }
    }

    private init?(call: [String], _ method: HTTPRequest.Method) {
        if call.first == "logged-models", call.count > 1 {
            guard let id = call[1].removingPercentEncoding else { return nil }
            switch (method, Array(call.dropFirst(2))) {
            case (.get, []), (.get, ["artifacts", "directories"]), (.patch, []), (.patch, ["tags"]),
                (.post, ["params"]):
                self = .loggedModel(id: id)
            default: return nil
            }
            return
        }
        guard let rule = Self.calls["\(method.rawValue) \(call.joined(separator: "/"))"] else { return nil }
        self = rule
    }

    private init?(artifacts rest: [String], _ method: HTTPRequest.Method) {
        guard rest.first == "artifacts" else { return nil }
        let isRead = method == .get || method == .head
        guard rest.count > 1 else {
            guard isRead else { return nil }
            self = .artifactList
            return
        }
        guard isRead || method == .put, let path = rest.dropFirst().joined(separator: "/").removingPercentEncoding
        else { return nil }
        self = .artifact(path: path, isRead: isRead)
    }

    private static let calls: [String: NarrowRule] = [
        "GET experiments/get": .free, "GET experiments/get-by-name": .free, "POST experiments/create": .newExperiment,
        "POST runs/create": .newRun, "GET runs/get": .run, "POST runs/update": .run, "POST runs/log-metric": .run,
        "POST runs/log-parameter": .run, "POST runs/set-tag": .run, "POST runs/log-batch": .run,
        "POST runs/log-inputs": .run, "POST runs/outputs": .run, "POST runs/log-model": .run,
        "GET metrics/get-history": .run, "GET artifacts/list": .run,
        "POST logged-models": .newLoggedModel,
        "POST registered-models/create": .model, "GET registered-models/get": .model,
        "GET registered-models/alias": .model, "GET registered-models/get-latest-versions": .model,
        "POST registered-models/get-latest-versions": .model,
        "POST model-versions/create": .newVersion, "GET model-versions/get": .model,
        "GET model-versions/get-download-uri": .model, "PATCH model-versions/update": .ownVersion,
        "POST model-versions/set-tag": .ownVersion,
    ]
}
