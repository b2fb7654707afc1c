internal import ArgumentParser

/// Serving a folder of models without a registry.
struct RepositoryServeOptions: ParsableArguments {
    @Option(
        help:
            "Folder of models, MODEL/VERSION/model.onnx with an optional MODEL/config.pbtxt, to serve without a registry and a database."
    )
    var modelRepository: String?
    @Option(help: "The folder holds one model, VERSION/model.onnx or model.onnx itself, of this name.")
    var modelName: String?
    @Option(help: "Seconds between two looks at the folder; 0 waits for calls to load (default: 0).")
    var repositoryPollSeconds: String?
    @Option(
        help:
            "API keys, a line each: NAME ROLES KEY, the key as it is or as sha256:DIGEST (default: DATA-DIR/admin-key, made at the first start)."
    )
    var keyFile: String?

    /// What was given as text, by the name of the setting.
    var texts: [(String, String?)] {
        [
            ("model-repository", modelRepository), ("model-name", modelName),
            ("repository-poll-seconds", repositoryPollSeconds), ("key-file", keyFile),
        ]
    }
}
