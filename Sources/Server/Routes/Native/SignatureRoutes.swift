internal import Domain
internal import Hummingbird
internal import Lifecycle
internal import Storage
internal import Wire

/// `/models/{name}/versions/{version}/signatures`: OpenSSF model signatures of a version.
struct SignatureRoutes: Sendable {
    let signing: SigningParts
    let policies: PolicyStore
    let preparer: VersionPreparer
    let publisher: SnapshotPublisher

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.get("signing-key") { _, context in
            try context.require(.viewer, to: "read the server's public key")
            let key = signing.store.serverKey
            return try JSONResponse.make(["key_id": key.id, "public_key": key.pem])
        }
        let version = group.group("models/:name/versions/:version")
        version.get("signatures") { _, context in
            try context.require(.viewer, to: "read signatures")
            return try NativeRoutes.list(try await signing.store.signatures(of: try ModelRoutes.id(context)))
        }
        version.get("signatures/:key") { _, context in
            try context.require(.viewer, to: "read signatures")
            let id = try ModelRoutes.id(context)
            let key = try ModelRoutes.text("key", context)
            guard let signature = try await signing.store.signatures(of: id).first(where: { $0.keyID == key }) else {
                throw MartletError.notFound("The version \(id) has no signature of the key \(key).")
            }
            return JSONResponse.bytes(
                signature.bundle.utf8, contentType: "application/vnd.dev.sigstore.bundle.v0.3+json")
        }
        version.post("signatures") { request, context in try await add(request, context) }
        version.get("verification") { _, context in
            try context.require(.viewer, to: "verify signatures")
            let id = try ModelRoutes.id(context)
            let rule = try await policies.policyInForce(id.model)?.policy.signing
            return try JSONResponse.make(
                try await signing.verifier.verify(id, publicKeys: rule?.publicKeys ?? [], readsFiles: true))
        }
    }

    /// A bundle made elsewhere, with its public key; without one the server signs.
    private func add(_ request: Request, _ context: MartletRequestContext) async throws -> Response {
        let fields = try MLflowRequest(
            body: Array(buffer: try await request.body.collect(upTo: Self.bodyBytesMax)))
        let id = try ModelRoutes.id(context)
        let signature: VersionSignature
        if let bundle = try fields.string("bundle") {
            let actor = try context.require(.contributor, to: "sign versions")
            signature = try await signing.store.add(
                Array(bundle.utf8), publicKey: try fields.required("public_key"), to: id, by: actor)
        } else {
            let actor = try context.require(.administrator, to: "have the server sign versions")
            signature = try await signing.store.signByServer(id, by: actor)
        }
        try await preparer.prepareAgain(id)
        try await publisher.publish()
        return try JSONResponse.make(signature, status: .created)
    }

    /// A bundle of 10,000 files has some 3 MB, and JSON in JSON has more.
    static let bodyBytesMax = 32 << 20
}
