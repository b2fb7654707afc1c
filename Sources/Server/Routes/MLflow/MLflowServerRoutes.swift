internal import Domain
internal import HTTPTypes
internal import Hummingbird

/// What MLflow's clients ask about the server itself, and its paths that Martlet does not have.
enum MLflowServerRoutes {
    /// The client's feature switches look at this; the API served is that of this version.
    static let compatibleVersion = "3.17.2"

    /// Families of MLflow's calls that are not Martlet's: tracing, generative models, the gateway, labelling, workspaces.
    static let unserved = [
        "traces", "unified-traces", "get-online-trace-details", "get-trace-artifact", "assessments", "prompts",
        "prompt-optimization", "gateway", "gateway-proxy", "scorers", "datasets", "genai", "issues", "jobs",
        "label-schemas", "review-queues", "workspaces", "promptlab", "demo", "ui-telemetry",
    ]

    /// - Parameter isDirect: whether clients may send and fetch files at S3 itself.
    static func add(to router: Router<MartletRequestContext>, isDirect: Bool) {
        router.get("/health") { _, _ in plain("OK") }
        router.get("/version") { _, _ in plain(compatibleVersion) }
        addOthers(to: router)
        for prefix in ["/api/3.0", "/ajax-api/3.0"] {
            router.get(RouterPath("\(prefix)/mlflow/server-info")) { _, _ in
                try JSONResponse.make(
                    [
                        "store_type": "SqlStore", "workspaces_enabled": false, "trace_archival_enabled": false,
                        "multipart_uploads_enabled": .bool(isDirect), "multipart_downloads_enabled": .bool(isDirect),
                        "presigned_upload_run_id_supported": false, "presigned_upload_model_id_supported": false,
                        "features_enabled": ["gateway": false],
                    ] as JSONValue)
            }
        }
        for prefix in MLflowRoutes.prefixes + ["/api/3.0/mlflow", "/ajax-api/3.0/mlflow"] {
            for part in Self.unserved {
                for method in [HTTPRequest.Method.get, .post, .patch, .delete, .put] {
                    router.on(RouterPath("\(prefix)/\(part)"), method: method, use: refuse)
                    router.on(RouterPath("\(prefix)/\(part)/**"), method: method, use: refuse)
                }
            }
        }
    }

    /// GraphQL and the prompt laboratory stand beside the families.
    private static func addOthers(to router: Router<MartletRequestContext>) {
        for path in ["/graphql", "/ajax-api/2.0/mlflow/runs/create-promptlab-run"] {
            router.post(RouterPath(path), use: refuse)
        }
        router.get("/graphql", use: refuse)
    }

    @Sendable private static func refuse(
        _ request: Request, _ context: MartletRequestContext
    ) async throws -> Response {
        try context.require(.viewer, to: "read")
        throw MartletError(.unimplemented, "Martlet does not implement \(request.uri.path.prefix(200)).")
    }

    private static func plain(_ text: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
