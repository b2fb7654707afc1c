internal import Domain
internal import Hummingbird
internal import Lifecycle
internal import NIOCore
internal import Storage
internal import Wire

/// `/api/v1/policies`: the contract of each model, version by version.
struct PolicyRoutes: Sendable {
    /// A policy version with the policy as `martlet.yaml` writes it.
    private struct Item: Encodable {
        var model: String
        var version: Int
        var state: PolicyVersion.State
        var author: String
        var appliedAt: Timestamp
        var inForceAt: Timestamp?
        var loosens: [String]
        /// Defaults written out.
        var policy: JSONValue
        /// As it was written.
        var document: String

        init(_ version: PolicyVersion) {
            model = version.model
            self.version = version.version
            state = version.state
            author = version.authorName
            appliedAt = version.appliedAt
            inForceAt = version.inForceAt
            loosens = version.loosens
            policy = PolicyDocument.encode(version.policy)
            document = version.document
        }
    }

    let governance: GovernanceParts

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.get("policies") { _, context in
            try context.require(.viewer, to: "list policies")
            return try NativeRoutes.list(try await governance.policies.policiesInForce().map(Item.init))
        }
        group.post("policies") { request, context in
            let principal = try context.requirePrincipal()
            let text = try await Self.text(request)
            let kept = try await governance.policyService.apply(
                try Self.parse(text), document: text, by: principal)
            return try JSONResponse.make(Item(kept), status: .created)
        }
        group.get("policies/:name") { _, context in
            try context.require(.viewer, to: "read policies")
            let model = try ModelRoutes.text("name", context)
            guard let policy = try await governance.policies.policyInForce(model) else {
                throw MartletError.notFound("The model \(model) has no policy in force.")
            }
            return try JSONResponse.make(Item(policy))
        }
        group.get("policies/:name/versions") { _, context in
            try context.require(.viewer, to: "read policies")
            let model = try ModelRoutes.text("name", context)
            return try NativeRoutes.list(try await governance.policies.policyVersions(model).map(Item.init))
        }
        group.get("policies/:name/versions/:version") { _, context in
            try context.require(.viewer, to: "read policies")
            let id = try ModelRoutes.id(context)
            return try JSONResponse.make(Item(try await governance.policies.policyVersion(id.model, id.version)))
        }
    }

    private static func text(_ request: Request) async throws -> String {
        let buffer: ByteBuffer
        do {
            buffer = try await request.body.collect(upTo: PolicyDocument.bytesMax)
        } catch is NIOTooManyBytesError {
            throw MartletError(.payloadTooLarge, "A policy has at most \(PolicyDocument.bytesMax) bytes.")
        }
        guard let text = String(validating: buffer.readableBytesView, as: UTF8.self) else {
            throw MartletError.invalid("The policy is not a text in UTF-8.")
        }
        return text
    }

    /// - Throws: `invalidArgument` with every problem, each with its line.
    private static func parse(_ text: String) throws(MartletError) -> Policy {
        switch PolicyDocument.parse(text) {
        case .success(let policy): return policy
        case .failure(let refusal):
            throw MartletError.invalid(
                refusal.problems.map(\.description).joined(separator: "\n"), field: refusal.problems.first?.field)
        }
    }
}
