internal import Domain

/// What the test call sends: MLflow's own examples.
enum WebhookExample {
    static func data(of event: WebhookEvent) -> [String: JSONValue] {
        let name: JSONValue = "example_model"
        switch (event.entity, event.action) {
        case (.registeredModel, _):
            return [
                "name": name, "tags": ["example_key": "example_value"], "description": "An example registered model",
            ]
        case (.modelVersion, _):
            return [
                "name": name, "version": "1", "source": "models:/123", "run_id": "abcd1234abcd5678",
                "tags": ["example_key": "example_value"], "description": "An example model version",
            ]
        case (.modelVersionTag, .set):
            return ["name": name, "version": "1", "key": "example_key", "value": "example_value"]
        case (.modelVersionTag, _): return ["name": name, "version": "1", "key": "example_key"]
        case (.modelVersionAlias, .created): return ["name": name, "alias": "example_alias", "version": "1"]
        case (.modelVersionAlias, _): return ["name": name, "alias": "example_alias"]
        }
    }
}
