internal import Domain
internal import Hummingbird
internal import Logging
internal import Storage

/// `/backup`: everything that a new server needs to go on where this one is. Holds keys, so administrators only.
final class BackupRoutes: Sendable {
    private let services: Services
    /// One at a time: each copies the databases.
    private let isRunning = BackupTurn.Flag()

    init(services: Services) {
        self.services = services
    }

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.post("backup") { [self] _, context in
            let actor = try context.require(.administrator, to: "make backups")
            return try await backup(actor, try BackupTurn(isRunning))
        }
    }

    private func backup(_ actor: Principal, _ turn: BackupTurn) async throws -> Response {
        let now = services.clock.now()
        try await services.audit.append(AuditDraft(actor: actor, action: "backup.create", subject: "server"), at: now)
        let plan = try await BackupPlan.prepare(
            dataDirectory: services.configuration.dataDirectory, registry: services.registry,
            observations: services.observations, at: now)
        turn.take(plan)
        // The body may never be asked for, if the client is gone: the turn ends with the last that holds it, written or not.
        let body = ResponseBody { [self, turn] writer in
            defer { turn.end() }
            do {
                try await plan.write { try await writer.write(ByteBuffer(bytes: $0)) }
            } catch {
                // The status is long sent; the client notices that the archive has no end.
                services.logger.error("a backup broke off", metadata: ["error": "\(error)"])
                throw error
            }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "application/x-tar", .cacheControl: "no-store"], body: body)
    }
}
