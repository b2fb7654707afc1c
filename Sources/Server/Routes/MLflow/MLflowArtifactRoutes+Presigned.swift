internal import Domain
internal import Foundation
internal import Hummingbird
internal import Storage
internal import Wire

/// Uploads in parts and downloads on the direct way between client and S3, where that is configured.
extension MLflowArtifactRoutes {
    @Sendable func beginUpload(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        let principal = try context.require(.contributor, to: "store artifacts")
        let presigned = try direct()
        let fields = try await NativeRoutes.fields(request)
        guard let parts = try fields.integer("num_parts") else { throw MLflowRequest.missing("num_parts") }
        let upload = try await presigned.begin(
            try target(request, fields, call: "create"), parts: Int(clamping: parts), by: principal)
        let credentials = upload.urls.enumerated().map { index, url -> JSONValue in
            ["url": .string(url), "part_number": .int(Int64(index + 1)), "headers": [:]]
        }
        return JSONResponse.bytes(
            JSONPrinter.print(["upload_id": .string(upload.id), "credentials": .array(credentials)]))
    }

    @Sendable func completeUpload(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        let principal = try context.require(.contributor, to: "store artifacts")
        let presigned = try direct()
        let fields = try await NativeRoutes.fields(request)
        let parts = try fields.objects("parts").map { part -> (number: Int, tag: String) in
            guard let number = try part.integer("part_number") else { throw MLflowRequest.missing("parts.part_number") }
            return (Int(clamping: number), try part.required("etag"))
        }
        try await presigned.complete(
            try fields.required("upload_id"), path: try target(request, fields, call: "complete"), parts: parts,
            by: principal)
        return JSONResponse.bytes("{}".utf8)
    }

    @Sendable func abortUpload(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        let principal = try context.require(.contributor, to: "store artifacts")
        let presigned = try direct()
        let fields = try await NativeRoutes.fields(request)
        try await presigned.abort(
            try fields.required("upload_id"), path: try target(request, fields, call: "abort"), by: principal)
        return JSONResponse.bytes("{}".utf8)
    }

    @Sendable func downloadURL(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        try context.require(.viewer, to: "read artifacts")
        let presigned = try direct()
        let (url, bytes) = try await presigned.downloadURL(
            try Self.path(request, after: "\(Self.base)/presigned/"))
        return JSONResponse.bytes(
            JSONPrinter.print(["url": .string(url), "headers": [:], "file_size": .int(bytes)]))
    }

    /// - Throws: `unimplemented`, on which MLflow's client falls back to plain PUT and GET.
    private func direct() throws(MartletError) -> PresignedArtifacts {
        guard let presigned else {
            throw MartletError(.unimplemented, "Multipart upload is not supported for the current artifact repository")
        }
        return presigned
    }

    /// The folder that the URL names, and in it the base name of the client's own path.
    private func target(_ request: Request, _ fields: MLflowRequest, call: String) throws -> String {
        let start = "\(Self.base)/mpu/\(call)"
        let folder = try Self.path(request, after: start).split(separator: "/").joined(separator: "/")
        let local = try fields.required("path")
        guard let name = local.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last else {
            throw MartletError.invalid("path names no file.", field: "path")
        }
        return folder.isEmpty ? String(name) : "\(folder)/\(name)"
    }
}
