internal import Domain
internal import Foundation
internal import Hummingbird
internal import Storage
internal import Wire

/// `/audit`: pages of events, and the export that `martlet audit verify` reads.
struct AuditRoutes: Sendable {
    let store: AuditStore
    let signer: AuditSigner
    let clock: any WallClock

    init(services: Services) {
        store = services.audit
        signer = services.auditSigner
        clock = services.clock
    }

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.get("audit") { request, context in
            try context.require(.viewer, to: "read the audit chain")
            let query = MLflowRequest(query: QueryItems.parse(request.uri.query))
            let limit = Int(clamping: try query.integer("max_results") ?? 100)
            let events = try await store.auditEvents(
                matching: AuditFilter(
                    actorName: try query.string("actor"), actionPrefix: try query.string("action"),
                    subjectPrefix: try query.string("subject")),
                before: try query.integer("page_token"), limit: limit)
            let next = events.count == limit ? events.last.map { String($0.sequence) } : nil
            return try NativeRoutes.list(events, nextPageToken: next)
        }
        group.get("audit/export") { _, context in
            let actor = try context.require(.administrator, to: "export the audit chain")
            let now = clock.now()
            try await store.append(AuditDraft(actor: actor, action: "audit.export", subject: "audit"), at: now)
            let last = try await store.checkpoint(signer: signer, at: now)?.sequence ?? 0
            return export(through: last)
        }
    }

    /// JSON lines: a header with the public key, then events and checkpoints in the order of their sequence.
    private func export(through last: Int64) -> Response {
        let (store, publicKey) = (store, signer.publicKey)
        let body = ResponseBody { writer in
            try await writer.write(
                Self.line(["martlet_audit": 1, "public_key": .string(publicKey), "through": .int(last)]))
            var sequence: Int64 = 0
            while sequence < last {
                let events = try await store.events(after: sequence, through: last)
                guard let end = events.last?.sequence else { break }
                let checkpoints = try await store.checkpoints(after: sequence, through: end)
                var buffer = ByteBuffer()
                for event in events {
                    buffer.writeImmutableBuffer(try Self.line(["event": event]))
                    for checkpoint in checkpoints where checkpoint.sequence == event.sequence {
                        buffer.writeImmutableBuffer(try Self.line(["checkpoint": checkpoint]))
                    }
                }
                try await writer.write(buffer)
                sequence = end
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "application/jsonl", .cacheControl: "no-store"], body: body)
    }

    private static func line(_ value: some Encodable) throws -> ByteBuffer {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var buffer = ByteBuffer(bytes: try encoder.encode(value))
        buffer.writeInteger(UInt8(ascii: "\n"))
        return buffer
    }

    private static func line(_ value: JSONValue) throws -> ByteBuffer {
        var buffer = ByteBuffer(bytes: JSONPrinter.print(value))
        buffer.writeInteger(UInt8(ascii: "\n"))
        return buffer
    }
}
