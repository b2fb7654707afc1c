internal import Domain
internal import HTTPTypes
internal import Hummingbird

/// What MLflow's clients ask about the server itself, and its paths that Martlet does not have.
enum MLflowServerRoutes {
    /// The client's feature switches look at this; the API served is that of this version.
    static let compatibleVersion = "3.17.2"

    /// - Parameter isDirect: whether clients may send and fetch files at S3 itself.
    static func add(to router: Router<MartletRequestContext>, isDirect: Bool) {
        router.get("/health") { _, _ in plain("OK") }
        router.get("/version") { _, _ in plain(compatibleVersion) }
        router.get("/api/3.0/mlflow/server-info") { _, _ in
            try JSONResponse.make(
                [
                    "store_type": "SqlStore", "workspaces_enabled": false, "multipart_uploads_enabled": .bool(isDirect),
                    "multipart_downloads_enabled": .bool(isDirect), "presigned_upload_run_id_supported": false,
                ] as JSONValue)
        }
        for prefix in MLflowRoutes.prefixes + ["/api/3.0/mlflow", "/ajax-api/3.0/mlflow"] {
            for part in ["webhooks", "traces", "prompts", "gateway", "scorers", "assessments"] {
                for method in [HTTPRequest.Method.get, .post, .patch, .delete, .put] {
                    router.on(RouterPath("\(prefix)/\(part)"), method: method, use: refuse)
                    router.on(RouterPath("\(prefix)/\(part)/**"), method: method, use: refuse)
                }
            }
        }
    }

    @Sendable private static func refuse(
        _ request: Request, _ context: MartletRequestContext
    ) async throws -> Response {
        try context.require(.viewer, to: "read")
        throw MartletError(.unimplemented, "Martlet does not serve \(request.uri.path).")
    }

    private static func plain(_ text: String) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/plain; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
