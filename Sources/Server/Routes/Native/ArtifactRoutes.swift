internal import Domain
internal import Hummingbird
internal import Storage
internal import Wire

/// `/artifacts/verify` and `/encryption`: what lies in the artifact store, read and rewritten page by page. Each call works some
/// seconds and says where to go on, so that nothing runs unseen and a client that goes away stops it.
struct ArtifactRoutes: Sendable {
    /// Seconds of one call.
    static let seconds = 5.0

    let parts: ArtifactParts
    let observations: Database

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.get("artifacts/verify") { request, context in
            try context.require(.viewer, to: "verify artifacts")
            let query = MLflowRequest(query: QueryItems.parse(request.uri.query))
            let verifier = ArtifactVerifier(store: parts.store)
            let page = try await verifier.page(after: try query.string("after"), seconds: Self.seconds)
            return try JSONResponse.make(VerifyAnswer(page: page, total: try await verifier.count()))
        }
        group.get("encryption") { _, context in
            try context.require(.administrator, to: "see which keys encrypt")
            return try JSONResponse.make(try await parts.keyStore.status())
        }
        group.post("encryption/rotate") { _, context in
            let actor = try context.require(.administrator, to: "rotate keys")
            guard let keys = parts.keys else { throw DataKeyStore.notConfigured }
            let rewrapped = try await parts.keyStore.rotate(keys, by: actor)
            return try JSONResponse.make(RotateAnswer(rewrapped: rewrapped, status: try await parts.keyStore.status()))
        }
        group.post("encryption/migrate") { request, context in
            try context.require(.administrator, to: "encrypt what is stored")
            let fields = try await NativeRoutes.fields(request)
            let migrator = EncryptionMigrator(
                artifacts: parts.store, observations: observations, cipher: parts.cipher)
            return try JSONResponse.make(
                try await migrator.step(after: try fields.string("after"), seconds: Self.seconds))
        }
    }

    private struct VerifyAnswer: Encodable {
        var page: ArtifactVerifier.Page
        /// Blobs in all, now.
        var total: Int
    }

    private struct RotateAnswer: Encodable {
        var rewrapped: Int
        var status: EncryptionStatus
    }
}
