internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

/// Files by the run or logged model that they belong to, whose bodies are not JSON.
extension MLflowRoutes {
    /// What a browser may upload in one call, as MLflow has it. Larger files go through the proxy.
    private static let uploadBytesMax = 10 << 20

    func addFiles(to table: MLflowRouteTable) {
        let files = MLflowArtifactRoutes(artifacts: artifacts)
        table.group.get("logged-models/{model_id}/artifacts/files") { request, context in
            try context.require(.viewer, to: "read artifacts")
            let query = MLflowRequest(query: QueryItems.parse(request.uri.query))
            guard let path = try query.string("artifact_file_path"), !path.isEmpty else {
                throw MartletError.invalid(
                    "Request must include the \"artifact_file_path\" query parameter.", field: "artifact_file_path")
            }
            let file = try Self.relativePath(path)
            let model = try await loggedModels.model(try context.parameters.require("model_id"))
            return try await files.send(try files.under(model.artifactURI, file), request)
        }
        table.group.post("upload-artifact") { request, context in
            let principal = try context.require(.contributor, to: "store artifacts")
            let query = MLflowRequest(query: QueryItems.parse(request.uri.query))
            guard let id = try query.string("run_uuid"), !id.isEmpty else {
                throw MartletError.invalid("Request must specify run_uuid.", field: "run_uuid")
            }
            guard let path = try query.string("path"), !path.isEmpty else {
                throw MartletError.invalid("Request must specify path.", field: "path")
            }
            let file = try Self.relativePath(path)
            let body: ByteBuffer
            do { body = try await request.body.collect(upTo: Self.uploadBytesMax) } catch {
                throw MartletError.invalid("Artifact size is too large. Max size is 10MB.", field: "path")
            }
            guard body.readableBytes > 0 else {
                throw MartletError.invalid("Request must specify data.", field: "path")
            }
            let uri = try await runs.run(id).artifactURI
            let single = AsyncStream<ByteBuffer> { stream in
                stream.yield(body)
                stream.finish()
            }
            try await artifacts.put(try files.under(uri, file), single, by: principal)
            return JSONResponse.bytes([])
        }
    }
}
