internal import Domain
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Storage
internal import Wire

/// The artifact proxy: bodies are streamed both ways and never held whole.
struct MLflowArtifactRoutes: Sendable {
    static let base = "/mlflow-artifacts"
    let artifacts: ArtifactStore
    /// nil where clients are not sent to S3 itself.
    var presigned: PresignedArtifacts?

    static func add(to router: Router<MartletRequestContext>, services: Services) {
        let routes = MLflowArtifactRoutes(
            artifacts: services.artifacts, presigned: services.artifactParts.presigned)
        for prefix in ["/api/2.0", "/ajax-api/2.0"] {
            let files = RouterPath("\(prefix)\(base)/artifacts/**")
            router.get(RouterPath("\(prefix)\(base)/artifacts"), use: routes.list)
            router.get(files, use: routes.download)
            router.head(files, use: routes.download)
            router.put(files, use: routes.upload)
            router.delete(files, use: routes.delete)
            router.post(RouterPath("\(prefix)\(base)/mpu/create/**"), use: routes.beginUpload)
            router.post(RouterPath("\(prefix)\(base)/mpu/complete/**"), use: routes.completeUpload)
            router.post(RouterPath("\(prefix)\(base)/mpu/abort/**"), use: routes.abortUpload)
            // Without a folder: into the root of the store.
            router.post(RouterPath("\(prefix)\(base)/mpu/create"), use: routes.beginUpload)
            router.post(RouterPath("\(prefix)\(base)/mpu/complete"), use: routes.completeUpload)
            router.post(RouterPath("\(prefix)\(base)/mpu/abort"), use: routes.abortUpload)
            router.get(RouterPath("\(prefix)\(base)/presigned/**"), use: routes.downloadURL)
        }
        router.get("/get-artifact") { request, context in
            try context.require(.viewer, to: "read artifacts")
            let query = MLflowRequest(query: QueryItems.parse(request.uri.query))
            let id = try query.string("run_id") ?? (try query.required("run_uuid"))
            let path = try MLflowRoutes.relativePath(try query.required("path"))
            let uri = try await services.runs.run(id).artifactURI
            return try await routes.send(try routes.under(uri, path), request)
        }
        router.get("/model-versions/get-artifact") { request, context in
            try context.require(.viewer, to: "read artifacts")
            let query = MLflowRequest(query: QueryItems.parse(request.uri.query))
            guard let number = try query.integer("version") else { throw MLflowRequest.missing("version") }
            let id = ModelVersionID(model: try query.required("name"), version: Int(clamping: number))
            let file = try MLflowRoutes.relativePath(try query.required("path"))
            _ = try await services.registryStore.version(id)
            return try await routes.send(VersionPath(id, file: file).text, request)
        }
    }

    /// The listing calls of runs and logged models.
    static func listing(_ artifacts: ArtifactStore, uri: String, path: String) async throws -> JSONValue {
        let root = try root(uri)
        let folder = path.isEmpty ? root : root + "/" + path
        let entries = try await artifacts.list(folder)
        var members: [String: JSONValue] = ["root_uri": .string(uri)]
        if !entries.isEmpty {
            members["files"] = .array(entries.map { file($0, path: path.isEmpty ? $0.path : path + "/" + $0.path) })
        }
        return .object(members)
    }

    /// - Throws: `invalidArgument` for a place that the server does not keep.
    private static func root(_ uri: String) throws(MartletError) -> String {
        guard let root = ArtifactPath.path(uri: uri) else {
            throw .invalid("The artifacts are at \(uri), which Martlet does not keep: read them there.", field: "path")
        }
        return root
    }

    private static func file(_ entry: ArtifactStore.Entry, path: String) -> JSONValue {
        var members: [String: JSONValue] = ["path": .string(path), "is_dir": .bool(entry.isDirectory)]
        if !entry.isDirectory { members["file_size"] = .int(entry.bytes) }
        return .object(members)
    }

    func under(_ uri: String, _ path: String) throws(MartletError) -> String { try Self.root(uri) + "/" + path }

    @Sendable private func list(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        try context.require(.viewer, to: "list artifacts")
        let folder = QueryItems.parse(request.uri.query).first { $0.key == "path" }?.value ?? ""
        let entries = try await artifacts.list(folder.hasSuffix("/") ? String(folder.dropLast()) : folder)
        let files = entries.map { Self.file($0, path: $0.path) }
        return JSONResponse.bytes(JSONPrinter.print(files.isEmpty ? [:] : ["files": .array(files)]))
    }

    @Sendable private func upload(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        let principal = try context.require(.contributor, to: "store artifacts")
        try await artifacts.put(try path(request), request.body, by: principal)
        return JSONResponse.bytes([])
    }

    @Sendable private func delete(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        let principal = try context.require(.contributor, to: "delete artifacts")
        try await artifacts.delete(try path(request), by: principal)
        return JSONResponse.bytes("{}".utf8)
    }

    @Sendable private func download(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        try context.require(.viewer, to: "read artifacts")
        return try await send(try path(request), request)
    }

    /// The artifact's path: what follows `/artifacts/`, decoded once.
    private func path(_ request: Request) throws -> String {
        try Self.path(request, after: "\(Self.base)/artifacts/")
    }

    static func path(_ request: Request, after start: String) throws -> String {
        let whole = request.uri.path
        guard let range = whole.firstRange(of: start),
            let path = String(whole[range.upperBound...]).removingPercentEncoding
        else { throw MartletError.invalid("Invalid path: its percent-encoding cannot be read.", field: "path") }
        return path
    }

    /// Streams a blob, or the one range of it that was asked for.
    func send(_ path: String, _ request: Request) async throws -> Response {
        let blob = try await artifacts.blob(path)
        let name = path.split(separator: "/").last.map(String.init) ?? "artifact"
        var headers: HTTPFields = [
            .contentType: ContentType.of(name), .contentDisposition: ContentDisposition.attachment(name),
            .acceptRanges: "bytes", .eTag: "\"\(blob.digest)\"",
        ]
        headers[.xContentTypeOptions] = "nosniff"
        var range = 0..<blob.bytes
        var status = HTTPResponse.Status.ok
        if let text = request.headers[.range] {
            guard let asked = ByteRange.parse(text, of: blob.bytes) else {
                headers[.contentRange] = "bytes */\(blob.bytes)"
                return Response(status: .rangeNotSatisfiable, headers: headers)
            }
            range = asked
            status = .partialContent
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(blob.bytes)"
        }
        let blobs = artifacts.blobs
        let wanted = range
        // A digest that does not match throws before the last bytes are written, so that the connection is cut.
        let body = ResponseBody(contentLength: Int(wanted.upperBound - wanted.lowerBound)) { writer in
            try await blobs.stream(blob, range: wanted) { try await writer.write($0) }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }
}
