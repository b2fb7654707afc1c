public import Domain
public import Storage

/// All that `martlet serve` can be told, as plain values. `ServerSetting` lists their names; `LoadedConfiguration` reads them.
public struct ServerConfiguration: Sendable {
    /// Which planes this process serves. Control and inference may be two processes over one data directory.
    public enum Role: String, Sendable, CaseIterable {
        case all, control, inference

        var isControl: Bool { self != .inference }
        var isInference: Bool { self != .control }
    }
    public enum LogFormat: String, Sendable, CaseIterable { case text, json }

    public var host = "127.0.0.1"
    /// 0 takes a free port.
    public var port = 8080
    /// Where gRPC is answered; 0 takes a free port, nil turns it off.
    public var grpcPort: Int? = 8081
    public var dataDirectory: String
    /// Where PostgreSQL is, as libpq takes it: a secret, for it may hold a password. Nil keeps the databases as SQLite files in the
    /// data directory.
    public var databaseURL: String?
    public var role = Role.all
    /// No authentication; loopback only.
    public var isDevelopment = false
    /// PEM files of the certificate chain and its key; both or neither.
    public var tlsCertificate: String?
    public var tlsKey: String?
    /// PEM file of those who certify clients; nil asks no client for a certificate.
    public var tlsClientAuthority: String?
    /// A proxy in front ends TLS, so that plain HTTP on another address than loopback is meant.
    public var isBehindProxy = false
    /// Whether `/metrics` needs no key.
    public var isMetricsOpen = false

    /// Whether others' code (model conversion, retraining commands) runs, in confined child processes.
    public var guestsEnabled = false
    /// The user id of guests when the server is root; nil gives each one of its own.
    public var guestUserID: UInt32?
    /// What retraining commands may read even below folders that other users may not enter. Absolute.
    public var guestPaths: [String] = []
    /// What computes models.
    public var runtime = RuntimeChoice.onnxRuntime
    /// The Python of model conversion and of workers.
    public var python = "python3"
    /// Python workers at a time; a model whose worker gave its place to another's starts it anew when it is asked.
    public var pythonWorkers = 4
    /// Mebibytes of memory of one worker; past it the worker is ended.
    public var pythonWorkerMebibytes = 4_096

    /// Days after which windows, quality reports and recorded predictions go.
    public var observationDays = 30
    /// Whether searches take MLflow's own grammar alone, without OR and parentheses.
    public var isSearchStrict = false
    /// Whether webhooks may be sent to this machine and to private networks.
    public var webhooksReachPrivate = false
    /// Mebibytes of one artifact; a larger upload is refused.
    public var artifactMebibytesMax = 65_536
    /// `s3://bucket/prefix`; nil is the folder `artifacts` of the data directory.
    public var artifactStore: String?
    /// Of another S3 server than AWS's, for example `https://minio.example.org:9000`.
    public var s3Endpoint: String?
    /// nil takes `AWS_REGION`, `AWS_DEFAULT_REGION` or us-east-1.
    public var s3Region: String?
    public var s3Addressing = S3Location.Addressing.auto
    /// Clients may be sent to S3 itself by URLs that are signed for one request.
    public var presignsURLs = false
    /// Folder of files that models are loaded from where the artifacts are not files; nil is `cache` of the data directory.
    public var cacheDirectory: String?
    /// Mebibytes of that folder.
    public var cacheMebibytesMax = 10_240
    /// Master keys of encryption at rest, one base64 line each, the current one first; nil encrypts nothing.
    public var encryptionKeyFile: String?
    /// Connections at a time; more wait in the listen queue.
    public var connectionsMax = 4_096
    /// Seconds without a byte after which a connection closes; also how long a request's head may take.
    public var idleSeconds = 75
    /// Mebibytes of all request bodies that are in memory together; a request past it is refused with 503.
    public var bodyMebibytesMax = 256
    /// Threads that compute one run of a model.
    public var modelThreads = 1
    /// Mebibytes of cached answers, where policies ask for them.
    public var answerMebibytesMax = 64
    /// Mebibytes of the files of the models that are in memory together; 0 keeps all.
    public var modelMebibytesMax = 0
    /// Seconds that one prediction may take, waiting for a thread included; then it is answered with 504.
    public var predictionSeconds = 10
    /// Seconds that requests in flight get when the server stops.
    public var drainSeconds = 30

    /// Where OpenLineage events go; nil sends none.
    public var openLineageURL: String?
    /// The namespace of Martlet's jobs and data sets in these events.
    public var openLineageNamespace = "martlet"
    /// Secret: sent to that URL as a bearer token, and shown nowhere.
    public var openLineageAPIKey: String?

    /// The folder of models to serve without a registry; nil serves what is registered.
    public var modelRepository: String?
    /// The name of the one model that the folder holds; nil where each of its folders is a model.
    public var modelName: String?
    /// Seconds between two looks at the folder; 0 looks when it is told to.
    public var repositoryPollSeconds = 0
    /// API keys of a server without a registry; nil makes one, in the data directory.
    public var keyFile: String?

    public var logFormat = LogFormat.text
    /// trace, debug, info, notice, warning, error or critical.
    public var logLevel = "info"

    public init(dataDirectory: String) {
        self.dataDirectory = dataDirectory
    }

    /// Whether clients reach it by HTTPS.
    var isSecure: Bool { tlsCertificate != nil || isBehindProxy }

    /// Only what is loopback for certain: a name such as `127.example.org` is somebody's address.
    static func isLoopback(_ host: String) -> Bool {
        if host == "localhost" || host == "::1" { return true }
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers[0] == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }

    /// What is wrong with the settings together; empty if nothing is.
    public var problems: [MartletError] {
        var problems: [MartletError] = []
        let isLoopback = Self.isLoopback(host)
        problems += artifactProblems + repositoryProblems
        if let grpcPort, grpcPort == port, port != 0, role.isInference {
            problems.append(.invalid("grpc-port and port are both \(port): each needs its own.", field: "grpc-port"))
        }
        if (tlsCertificate == nil) != (tlsKey == nil) {
            problems.append(.invalid("tls-certificate and tls-key go together.", field: "tls-certificate"))
        }
        if tlsClientAuthority != nil, tlsCertificate == nil {
            problems.append(
                .invalid(
                    "tls-client-authority needs tls-certificate and tls-key.", field: "tls-client-authority"))
        }
        if isDevelopment, !isLoopback {
            problems.append(
                .invalid("dev has no authentication and serves loopback only; \(host) is not.", field: "host"))
        }
        if !isLoopback, !isSecure, !isDevelopment {
            problems.append(
                .invalid(
                    "\(host) is reached from other machines, and API keys must not travel in the clear: give --tls-certificate and --tls-key, or --behind-proxy if a proxy in front ends TLS.",
                    field: "host"))
        }
        if let url = openLineageURL, !url.hasPrefix("https://"), !url.hasPrefix("http://") {
            problems.append(
                .invalid("openlineage-url begins with https:// or http://, not as “\(url)”.", field: "openlineage-url"))
        }
        return problems
    }

    /// What is wrong with where artifacts are kept.
    private var artifactProblems: [MartletError] {
        guard let artifactStore else {
            guard presignsURLs else { return [] }
            return [.invalid("presigned-urls needs artifact-store to be s3://….", field: "presigned-urls")]
        }
        do {
            _ = try S3Location(
                url: artifactStore, endpoint: s3Endpoint, region: s3Region ?? "us-east-1", addressing: s3Addressing)
        } catch {
            return [error]
        }
        guard !presignsURLs || encryptionKeyFile == nil else {
            return [
                .invalid(
                    "presigned-urls and encryption-key-file exclude each other: what S3 hands out itself, Martlet cannot decrypt.",
                    field: "presigned-urls")
            ]
        }
        return []
    }

    /// - Throws: `invalidArgument`, the first of the problems.
    public func validate() throws(MartletError) {
        if let problem = problems.first { throw problem }
    }
}
