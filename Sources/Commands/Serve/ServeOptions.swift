internal import ArgumentParser
internal import Foundation
internal import Server

/// The settings of the server as flags. All are optional: what is not given here comes from the environment, the file or
/// the default.
struct ServeOptions: ParsableArguments {
    @Option(help: "YAML file of settings (default: $XDG_CONFIG_HOME/martlet/config.yaml if it is there).")
    var config: String?
    @Option(help: "Address to listen on (default: 127.0.0.1).") var host: String?
    @Option(help: "Port to listen on; 0 takes a free one (default: 8080).") var port: String?
    @Option(help: "Port of gRPC; 0 takes a free one, none turns it off (default: 8081).") var grpcPort: String?
    @Option(help: "Folder of databases, artifacts and keys.") var dataDir: String?
    @Option(
        help:
            "postgresql://USER@HOST:PORT/DATABASE, in place of SQLite files. A password is better given by PGPASSFILE or MARTLET_DATABASE_URL, which other users cannot see."
    )
    var databaseUrl: String?
    @Option(help: "Planes to serve: all, control or inference.") var role: String?
    @Flag(help: "No authentication; loopback only.") var dev = false
    @Option(help: "PEM file with the certificate chain; with --tls-key serves HTTPS.") var tlsCertificate: String?
    @Option(help: "PEM file with the certificate's private key.") var tlsKey: String?
    @Option(help: "PEM file with authorities; clients must show a certificate of one of them, besides their key.")
    var tlsClientAuthority: String?
    @Flag(help: "A proxy in front ends TLS: allow plain HTTP on an address other than loopback.") var behindProxy =
        false
    @Flag(help: "/metrics needs no key.") var metricsOpen = false
    @Flag(help: "Run others' code (model conversion, Python workers, retraining commands) in confined child processes.")
    var enableGuests = false
    @Option(
        help: "What computes models: onnxruntime (the default), or openvino for networks and ONNX Runtime for the rest."
    )
    var runtime: String?
    @Option(
        help:
            "Python of conversion, with mlflow, scikit-learn, skl2onnx and onnxruntime, and of workers, with what models import."
    )
    var python: String?
    @Option(help: "Python workers at a time (default: 4).") var pythonWorkers: String?
    @Option(help: "Mebibytes of memory of one Python worker (default: 4096).") var pythonWorkerMebibytes: String?
    @Option(help: "Absolute paths, with : between, that retraining commands may read below closed folders.")
    var guestPaths: String?
    @Option(help: "User id of guests if the server runs as root.") var guestUser: String?
    @Option(help: "Days that windows and recorded predictions are kept (default: 30).") var observationDays: String?
    @Option(help: "Mebibytes of one artifact at most (default: 65536).") var artifactMebibytesMax: String?
    @OptionGroup(title: "Artifacts") var artifacts: ArtifactServeOptions
    @OptionGroup(title: "Model repository") var repository: RepositoryServeOptions
    @Flag(help: "Filters take MLflow's own grammar alone, without OR and parentheses.") var strictSearch = false
    @Flag(help: "Webhooks may be sent to this machine and to private networks.") var webhookPrivateAddresses = false
    @Option(help: "Connections at a time (default: 4096).") var connectionsMax: String?
    @Option(help: "Seconds until a silent connection closes (default: 75).") var idleSeconds: String?
    @Option(help: "Seconds that one prediction may take (default: 10).") var predictionSeconds: String?
    @Option(help: "Mebibytes of all request bodies in memory together (default: 256).")
    var bodyMebibytesMax: String?
    @Option(help: "Threads that compute one run of a model; more for few large models (default: 1).")
    var modelThreads: String?
    @Option(help: "Mebibytes of cached answers, for endpoints whose policy asks for them (default: 64).")
    var answerMebibytesMax: String?
    @Option(help: "Mebibytes of model files in memory together; 0 keeps all models there (default: 0).")
    var modelMebibytesMax: String?
    @Option(help: "Seconds that requests in flight get when the server stops (default: 30).") var drainSeconds: String?
    @Option(help: "Where OpenLineage events are posted; its key is MARTLET_OPENLINEAGE_API_KEY.") var openlineageUrl:
        String?
    @Option(help: "Namespace of the jobs and data sets in OpenLineage events (default: martlet).")
    var openlineageNamespace: String?
    @Option(help: "Form of the log on standard error: text or json.") var logFormat: String?
    @Option(help: "trace, debug, info, notice, warning, error or critical.") var logLevel: String?

    /// What was given, by the name of the setting.
    var given: [String: String] {
        var given: [String: String] = [:]
        let texts: [(String, String?)] = [
            ("host", host), ("port", port), ("grpc-port", grpcPort), ("data-dir", dataDir),
            ("database-url", databaseUrl), ("role", role),
            ("tls-certificate", tlsCertificate),
            ("tls-key", tlsKey), ("tls-client-authority", tlsClientAuthority), ("python", python), ("runtime", runtime),
            ("python-workers", pythonWorkers), ("python-worker-mebibytes", pythonWorkerMebibytes),
            ("guest-user", guestUser), ("guest-paths", guestPaths),
            ("observation-days", observationDays), ("artifact-mebibytes-max", artifactMebibytesMax),
            ("connections-max", connectionsMax), ("idle-seconds", idleSeconds), ("drain-seconds", drainSeconds),
            ("prediction-seconds", predictionSeconds), ("body-mebibytes-max", bodyMebibytesMax),
            ("model-threads", modelThreads), ("model-mebibytes-max", modelMebibytesMax),
            ("answer-mebibytes-max", answerMebibytesMax),
            ("openlineage-url", openlineageUrl), ("openlineage-namespace", openlineageNamespace),
            ("log-format", logFormat), ("log-level", logLevel),
        ]
        for (name, text) in texts + artifacts.texts + repository.texts { given[name] = text }
        let flags = [
            ("dev", dev), ("behind-proxy", behindProxy), ("metrics-open", metricsOpen), ("enable-guests", enableGuests),
            ("presigned-urls", artifacts.presignedUrls),
            ("strict-search", strictSearch), ("webhook-private-addresses", webhookPrivateAddresses),
        ]
        for (name, isSet) in flags where isSet { given[name] = "true" }
        return given
    }

    func load() async -> LoadedConfiguration {
        var loaded = await LoadedConfiguration.load(
            flags: given, environment: ProcessInfo.processInfo.environment, file: config)
        // A path is meant as seen from here; a bare name is looked up in PATH.
        if loaded.configuration.python.contains("/") {
            loaded.configuration.python = URL(filePath: loaded.configuration.python).path
        }
        return loaded
    }
}
