internal import Domain
internal import Storage

/// One setting of `martlet serve`: a flag `--name`, a variable `MARTLET_NAME` and a key `name` of the file.
public struct ServerSetting: Sendable {
    public var name: String
    /// What it is, with unit, range and default.
    public var summary: String
    /// The text of its value.
    public var text: @Sendable (ServerConfiguration) -> String
    /// Takes a value from text.
    let read: @Sendable (String, inout ServerConfiguration) throws(MartletError) -> Void

    /// The environment variable, for example `MARTLET_DATA_DIR`.
    public var variable: String { "MARTLET_" + name.uppercased().replacing("-", with: "_") }

    public static func named(_ name: String) -> ServerSetting? { all.first { $0.name == name } }

    public static let all: [ServerSetting] = [
        .text("host", "Address to listen on. Default 127.0.0.1.", \.host),
        .number("port", "Port to listen on; 0 takes a free one. Default 8080.", 0...65_535, \.port),
        ServerSetting(
            name: "grpc-port", summary: "Port of gRPC; 0 takes a free one, none turns it off. Default 8081.",
            text: { $0.grpcPort.map(String.init) ?? "none" },
            read: { (text, configuration) throws(MartletError) in
                if text == "none" {
                    configuration.grpcPort = nil
                    return
                }
                guard let port = Int(text), (0...65_535).contains(port) else {
                    throw .invalid(
                        "grpc-port is a whole number from 0 to 65535, or none, not '\(text)'.", field: "grpc-port")
                }
                configuration.grpcPort = port
            }),
        .text("data-dir", "Folder of databases, artifacts and keys. Default $XDG_DATA_HOME/martlet.", \.dataDirectory),
        ServerSetting(
            name: "database-url",
            summary: "postgresql://USER@HOST:PORT/DATABASE, in place of SQLite files in data-dir. Secret.",
            // It may hold a password.
            text: { $0.databaseURL == nil ? "" : "(hidden)" },
            read: { (text, configuration) throws(MartletError) in
                configuration.databaseURL = text.isEmpty ? nil : text
            }),
        .choice("role", "Planes to serve: all, control or inference. Default all.", \.role),
        .flag("dev", "No authentication, loopback only. Default false.", \.isDevelopment),
        .optionalText("tls-certificate", "PEM file with the certificate chain; serves HTTPS.", \.tlsCertificate),
        .optionalText("tls-key", "PEM file with the certificate's private key.", \.tlsKey),
        .optionalText(
            "tls-client-authority",
            "PEM file with certificates of authorities; clients must show a certificate of one of them, besides their key.",
            \.tlsClientAuthority),
        .flag(
            "behind-proxy", "A proxy in front ends TLS and sets X-Forwarded-For. Default false.", \.isBehindProxy),
        .flag("metrics-open", "/metrics needs no key. Default false.", \.isMetricsOpen),
        .flag(
            "enable-guests",
            "Run model conversion, Python workers and retraining commands, confined. Default false.", \.guestsEnabled),
        .choice(
            "runtime",
            "What computes models: onnxruntime, or openvino for those that it can load. Default onnxruntime.",
            \.runtime),
        .text("python", "Python of model conversion and of workers. Default python3.", \.python),
        .number(
            "python-workers", "Python workers at a time, 1 to 256. Default 4.", 1...256, \.pythonWorkers),
        .number(
            "python-worker-mebibytes", "Mebibytes of memory of one Python worker, 256 to 1048576. Default 4096.",
            256...1_048_576, \.pythonWorkerMebibytes),
        ServerSetting(
            name: "guest-paths",
            summary: "Absolute paths, with : between, that retraining commands may read below closed folders.",
            text: { $0.guestPaths.joined(separator: ":") },
            read: { (text, configuration) throws(MartletError) in
                let paths = text.split(separator: ":").map(String.init)
                guard paths.allSatisfy({ $0.hasPrefix("/") }) else {
                    throw .invalid("guest-paths takes absolute paths with : between.", field: "guest-paths")
                }
                configuration.guestPaths = paths
            }),
        ServerSetting(
            name: "guest-user", summary: "User id of guests if the server runs as root. Default: one for each.",
            text: { $0.guestUserID.map(String.init) ?? "" },
            read: { (text, configuration) throws(MartletError) in
                guard let id = UInt32(text), id > 0 else {
                    throw .invalid("guest-user is a user id above 0, not '\(text)'.", field: "guest-user")
                }
                configuration.guestUserID = id
            }),
        .number(
            "observation-days", "Days that windows and recorded predictions are kept, 1 to 3650. Default 30.",
            1...3_650, \.observationDays),
        .number(
            "artifact-mebibytes-max", "Mebibytes of one artifact, 1 to 1048576. Default 65536.", 1...1_048_576,
            \.artifactMebibytesMax),
        .optionalText(
            "artifact-store", "s3://BUCKET/PREFIX. Default: the folder artifacts of the data directory.",
            \.artifactStore),
        .optionalText("s3-endpoint", "URL of an S3 server other than AWS's.", \.s3Endpoint),
        .optionalText(
            "s3-region", "Region of the bucket. Default AWS_REGION, AWS_DEFAULT_REGION or us-east-1.", \.s3Region),
        .choice(
            "s3-addressing", "Bucket in the path or the host: auto, path or virtual. Default auto.", \.s3Addressing),
        .flag(
            "presigned-urls", "Clients may send and fetch large files at S3 itself. Default false.", \.presignsURLs),
        .optionalText(
            "cache-dir",
            "Folder of model files in use, where artifacts are in S3 or encrypted. Default DATA-DIR/cache.",
            \.cacheDirectory),
        .number(
            "cache-mebibytes-max", "Mebibytes of that folder, 1 to 1048576. Default 10240.", 1...1_048_576,
            \.cacheMebibytesMax),
        .optionalText(
            "encryption-key-file", "File of master keys (base64 lines, current first); encrypts at rest.",
            \.encryptionKeyFile),
        .flag(
            "strict-search", "Filters take MLflow's own grammar alone, without OR and parentheses. Default false.",
            \.isSearchStrict),
        .flag(
            "webhook-private-addresses",
            "Webhooks may be sent to this machine and to private networks. Default false.", \.webhooksReachPrivate),
        .number(
            "connections-max", "Connections at a time, 1 to 100000. Default 4096.", 1...100_000, \.connectionsMax),
        .number(
            "idle-seconds", "Seconds until a silent connection closes, 1 to 3600. Default 75.", 1...3_600,
            \.idleSeconds),
        .number(
            "body-mebibytes-max", "Mebibytes of all request bodies in memory together, 1 to 1048576. Default 256.",
            1...1_048_576, \.bodyMebibytesMax),
        .number(
            "model-threads",
            "Threads that compute one run of a model, 1 to 256: more for few large models, where the processors would idle. Default 1.",
            1...256, \.modelThreads),
        .number(
            "answer-mebibytes-max",
            "Mebibytes of cached answers, for endpoints whose policy has cache: true, 1 to 1048576. Default 64.",
            1...1_048_576, \.answerMebibytesMax),
        .number(
            "model-mebibytes-max",
            "Mebibytes of model files in memory together, 0 to 1048576; those called longest ago leave. Default 0: all stay.",
            0...1_048_576, \.modelMebibytesMax),
        .number(
            "prediction-seconds", "Seconds that one prediction may take, 1 to 3600. Default 10.", 1...3_600,
            \.predictionSeconds),
        .number(
            "drain-seconds", "Seconds that requests in flight get when the server stops, 1 to 3600. Default 30.",
            1...3_600, \.drainSeconds),
        .optionalText(
            "openlineage-url",
            "Where OpenLineage events are posted, for example https://host/api/v1/lineage. Default: none.",
            \.openLineageURL),
        .text(
            "openlineage-namespace", "Namespace of the jobs and data sets in these events. Default martlet.",
            \.openLineageNamespace),
        ServerSetting(
            name: "openlineage-api-key",
            summary: "Secret: bearer token for openlineage-url. Give it by environment or file, not as a flag.",
            text: { $0.openLineageAPIKey == nil ? "" : "(secret)" },
            read: { (text, configuration) throws(MartletError) in
                configuration.openLineageAPIKey = text.isEmpty ? nil : text
            }),
        .optionalText(
            "model-repository", "Folder of models, MODEL/VERSION/model.onnx, to serve without a registry.",
            \.modelRepository),
        .optionalText(
            "model-name", "The folder holds one model, VERSION/model.onnx or model.onnx, of this name.", \.modelName),
        .number(
            "repository-poll-seconds",
            "Seconds between two looks at that folder, 0 to 86400; 0 waits for calls. Default 0.", 0...86_400,
            \.repositoryPollSeconds),
        .optionalText(
            "key-file",
            "File of API keys without a registry: NAME ROLES KEY a line. Default: DATA-DIR/admin-key, which is made.",
            \.keyFile),
        .choice("log-format", "text or json. Default text.", \.logFormat),
        ServerSetting(
            name: "log-level", summary: "trace, debug, info, notice, warning, error or critical. Default info.",
            text: { $0.logLevel },
            read: { (text, configuration) throws(MartletError) in
                let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
                guard levels.contains(text) else {
                    throw .invalid(
                        "log-level is one of \(levels.joined(separator: ", ")), not '\(text)'.", field: "log-level")
                }
                configuration.logLevel = text
            }),
    ]
}

extension ServerSetting {
    private typealias Path<Value> = any WritableKeyPath<ServerConfiguration, Value> & Sendable

    private static func text(_ name: String, _ summary: String, _ path: Path<String>) -> ServerSetting {
        ServerSetting(
            name: name, summary: summary, text: { $0[keyPath: path] },
            read: { (text, configuration) throws(MartletError) in
                guard !text.isEmpty else { throw .invalid("\(name) is empty.", field: name) }
                configuration[keyPath: path] = text
            })
    }

    private static func optionalText(_ name: String, _ summary: String, _ path: Path<String?>) -> ServerSetting {
        ServerSetting(
            name: name, summary: summary, text: { $0[keyPath: path] ?? "" },
            read: { (text, configuration) throws(MartletError) in
                configuration[keyPath: path] = text.isEmpty ? nil : text
            })
    }

    private static func flag(_ name: String, _ summary: String, _ path: Path<Bool>) -> ServerSetting {
        ServerSetting(
            name: name, summary: summary, text: { String($0[keyPath: path]) },
            read: { (text, configuration) throws(MartletError) in
                switch text.lowercased() {
                case "true", "yes", "on", "1": configuration[keyPath: path] = true
                case "false", "no", "off", "0": configuration[keyPath: path] = false
                default: throw .invalid("\(name) is true or false, not '\(text)'.", field: name)
                }
            })
    }

    private static func number(
        _ name: String, _ summary: String, _ range: ClosedRange<Int>, _ path: Path<Int>
    ) -> ServerSetting {
        ServerSetting(
            name: name, summary: summary, text: { String($0[keyPath: path]) },
            read: { (text, configuration) throws(MartletError) in
                guard let number = Int(text), range.contains(number) else {
                    throw .invalid(
                        "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'.",
                        field: name)
                }
                configuration[keyPath: path] = number
            })
    }

    private static func choice<Value: RawRepresentable & CaseIterable & Sendable>(
        _ name: String, _ summary: String, _ path: Path<Value>
    ) -> ServerSetting where Value.RawValue == String {
        ServerSetting(
            name: name, summary: summary, text: { $0[keyPath: path].rawValue },
            read: { (text, configuration) throws(MartletError) in
                guard let value = Value(rawValue: text) else {
                    let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
                    throw .invalid("\(name) is one of \(names), not '\(text)'.", field: name)
                }
                configuration[keyPath: path] = value
            })
    }
}
