internal import Domain
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Storage

/// `/api/v1/datasets`: data sets, their versions by content, and what changed from one to another.
struct DatasetRoutes: Sendable {
    /// The list of a version's files; 10,000 of them are some two megabytes.
    static let bodyBytesMax = 8 << 20
    /// Items of one page.
    static let pageDefault = 100

    /// A version with what a run logs to name it, and the runs that did.
    private struct Detail: Encodable {
        var version: DatasetVersion
        var runDigest: String
        var sourceURI: String
        var usedBy: [DatasetUse]
    }

    private struct Added: Encodable {
        var version: DatasetVersion
        var runDigest: String
        var sourceURI: String
        /// False where the data set had this content already.
        var isNew: Bool
    }

    private struct Deleted: Encodable {
        var numbers: [Int]
    }

    let intake: DatasetIntake
    var datasets: DatasetStore { intake.datasets }

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.get("datasets", use: list)
        group.get("datasets/:name/versions", use: versions)
        group.get("datasets/:name/versions/:version", use: show)
        group.get("datasets/:name/versions/:version/files/**", use: download)
        group.get("datasets/:name/diff", use: diff)
        group.post("datasets/:name/files", use: upload)
        group.post("datasets/:name/versions", use: addVersion)
        group.delete("datasets/:name/versions/:version", use: deleteVersion)
        group.delete("datasets/:name", use: delete)
    }

    // MARK: reading

    @Sendable private func list(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        try context.require(.viewer, to: "list data sets")
        let found = try await datasets.summaries(
            after: Self.query("page_token", request), limit: Self.pageDefault + 1)
        let page = Array(found.prefix(Self.pageDefault))
        return try NativeRoutes.list(page, nextPageToken: found.count > page.count ? page.last?.name : nil)
    }

    @Sendable private func versions(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        try context.require(.viewer, to: "read data sets")
        let token = try Self.query("page_token", request).map { text in
            guard let number = Int(text) else { throw MartletError.invalid("Not a page token.", field: "page_token") }
            return number
        }
        let found = try await datasets.versions(
            try Self.name(context), before: token, limit: Self.pageDefault + 1)
        let page = Array(found.prefix(Self.pageDefault))
        return try NativeRoutes.list(
            page, nextPageToken: found.count > page.count ? page.last.map { String($0.id.number) } : nil)
    }

    @Sendable private func show(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        try context.require(.viewer, to: "read data sets")
        let version = try await datasets.version(try Self.name(context), try Self.selector(context))
        return try JSONResponse.make(
            Detail(
                version: version, runDigest: version.id.runDigest, sourceURI: version.id.sourceURI,
                usedBy: try await datasets.uses(of: version.id, limit: Self.pageDefault)))
    }

    @Sendable private func diff(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        try context.require(.viewer, to: "read data sets")
        guard let from = Self.query("from", request) else {
            throw MartletError.invalid("Say from which version: from=NUMBER or from=DIGEST.", field: "from")
        }
        return try JSONResponse.make(
            try await intake.compare(
                try Self.name(context), try DatasetVersionSelector(from),
                try DatasetVersionSelector(Self.query("to", request) ?? "newest")))
    }

    @Sendable private func download(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        try context.require(.viewer, to: "read data sets")
        let version = try await datasets.version(try Self.name(context), try Self.selector(context))
        guard let path = context.parameters.getCatchAll().joined(separator: "/").removingPercentEncoding,
            let file = version.files.first(where: { $0.path == path })
        else { throw MartletError.notFound("The version has no such file.") }
        let name = file.path.split(separator: "/").last.map(String.init) ?? "data"
        var headers: HTTPFields = [
            .contentType: ContentType.of(name), .contentDisposition: ContentDisposition.attachment(name),
            .eTag: "\"\(file.digest)\"",
        ]
        headers[.xContentTypeOptions] = "nosniff"
        let (blobs, blob) = (intake.blobs, BlobStore.Blob(digest: file.digest, bytes: file.bytes))
        // A digest that does not match throws before the last bytes are written, so that the connection is cut.
        let body = ResponseBody(contentLength: Int(file.bytes)) { writer in
            try await blobs.stream(blob) { try await writer.write($0) }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    // MARK: changing

    @Sendable private func upload(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        try context.require(.contributor, to: "add data sets")
        try DatasetLimits.checkName(try Self.name(context))
        guard let path = Self.query("path", request) else {
            throw MartletError.invalid("Say under which path: path=data.csv.", field: "path")
        }
        let taken = try await intake.take(
            request.body, path: path, format: try Self.format(Self.query("format", request), field: "format"))
        return try JSONResponse.make(taken, status: .created)
    }

    @Sendable private func addVersion(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        let actor = try context.require(.contributor, to: "add data sets")
        let value = try JSONRequest.value(try await request.body.collect(upTo: Self.bodyBytesMax))
        let files = try (value["files"]?.arrayValue ?? []).map { file in
            guard let path = file["path"]?.stringValue, let digest = file["digest"]?.stringValue else {
                throw MartletError.invalid("Each file has a path, a digest and a format.", field: "files")
            }
            return DatasetIntake.Named(
                path: path, digest: digest, format: try Self.format(file["format"]?.stringValue, field: "files"))
        }
        guard (1...DatasetLimits.filesMax).contains(files.count) else {
            throw MartletError.invalid(
                "A version of a data set has 1 to \(DatasetLimits.filesMax) files.", field: "files")
        }
        let added = try await intake.version(
            of: try Self.name(context), files, source: value["source"]?.stringValue, by: actor)
        let id = added.version.id
        return try JSONResponse.make(
            Added(version: added.version, runDigest: id.runDigest, sourceURI: id.sourceURI, isNew: added.isNew),
            status: added.isNew ? .created : .ok)
    }

    @Sendable private func deleteVersion(
        _ request: Request, _ context: MartletRequestContext
    ) async throws -> Response {
        let actor = try context.require(.contributor, to: "delete data sets")
        return try JSONResponse.make(
            Deleted(
                numbers: try await datasets.delete(
                    try Self.name(context), try Self.selector(context), by: actor)))
    }

    @Sendable private func delete(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        let actor = try context.require(.contributor, to: "delete data sets")
        return try JSONResponse.make(
            Deleted(numbers: try await datasets.delete(try Self.name(context), nil, by: actor)))
    }

    // MARK: parameters

    private static func query(_ name: String, _ request: Request) -> String? {
        QueryItems.parse(request.uri.query).first { $0.key == name }?.value
    }

    private static func name(_ context: MartletRequestContext) throws -> String {
        try ModelRoutes.text("name", context)
    }

    private static func selector(_ context: MartletRequestContext) throws -> DatasetVersionSelector {
        try DatasetVersionSelector(try ModelRoutes.text("version", context))
    }

    private static func format(_ text: String?, field: String) throws(MartletError) -> DatasetVersion.Format {
        guard let text, let format = DatasetVersion.Format(rawValue: text) else {
            throw .invalid("The format is csv, jsonl or parquet.", field: field)
        }
        return format
    }
}
