internal import Domain
internal import Hummingbird
internal import Lifecycle
internal import Storage
internal import Wire

/// `/api/v1/approvals`: requests that a version, or what a policy loosens, be approved; and the decisions on them.
struct ApprovalRoutes: Sendable {
    static let pageDefault = 100
    static let pageMax = 1_000

    private struct Item: Encodable {
        var id: Int64
        /// `model_version` or `policy`.
        var kind: String
        var model: String
        /// Of the model, or of its policy.
        var version: Int
        var state: Approval.State
        var requestedBy: String
        var requestedAt: Timestamp
        var role: Role
        var count: Int
        var policyVersion: Int
        var decisions: [Approval.Decision]
        /// What a request for a version rests on; in the answer to one request only.
        var readiness: ReadinessReport?

        init(_ approval: Approval, readiness: ReadinessReport? = nil) {
            id = approval.id
            kind = approval.subject.kind
            model = approval.subject.model
            version = approval.subject.version
            state = approval.state
            requestedBy = approval.requestedByName
            requestedAt = approval.requestedAt
            role = approval.rule.role
            count = approval.rule.count
            policyVersion = approval.policyVersion
            decisions = approval.decisions
            self.readiness = readiness
        }
    }

    let governance: GovernanceParts

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.get("approvals") { request, context in
            try context.require(.viewer, to: "list approvals")
            return try await page(request)
        }
        group.get("approvals/:id") { _, context in
            try context.require(.viewer, to: "read approvals")
            let id = try Self.id(context)
            return try JSONResponse.make(
                Item(
                    try await governance.approvalStore.approval(id),
                    readiness: try await governance.approvalStore.readiness(ofApproval: id)))
        }
        group.get("models/:name/versions/:version/approvals") { _, context in
            try context.require(.viewer, to: "read approvals")
            return try NativeRoutes.list(
                try await governance.approvalStore.approvals(of: try ModelRoutes.id(context)).map { Item($0) })
        }
        group.post("approvals") { request, context in
            let principal = try context.requirePrincipal()
            let fields = try await NativeRoutes.fields(request)
            let model = try fields.required("model")
            guard let version = try fields.integer("version").flatMap({ Int(exactly: $0) }), version > 0 else {
                throw MartletError.invalid("version is a number, 1 or more.", field: "version")
            }
            let approval = try await governance.approvals.request(
                ModelVersionID(model: model, version: version), by: principal)
            return try JSONResponse.make(Item(approval), status: .created)
        }
        for (verb, approves) in [("approve", true), ("reject", false)] {
            group.post("approvals/:id/\(verb)") { request, context in
                let principal = try context.requirePrincipal()
                let fields = try await NativeRoutes.fields(request)
                let decided = try await governance.approvals.decide(
                    try Self.id(context), approves: approves, reason: try fields.string("reason") ?? "",
                    by: principal)
                return try JSONResponse.make(Item(decided))
            }
        }
    }

    private func page(_ request: Request) async throws -> Response {
        let query = request.uri.queryParameters
        let limit = try query["limit"].map { text in
            guard let limit = Int(text), (1...Self.pageMax).contains(limit) else {
                throw MartletError.invalid("limit is a number from 1 to \(Self.pageMax).", field: "limit")
            }
            return limit
        }
        let before = try query["page_token"].map { text in
            guard let id = Int64(text) else {
                throw MartletError.invalid("The page token is not one.", field: "page_token")
            }
            return id
        }
        let state = try query["state"].map { text in
            guard let state = Approval.State(rawValue: String(text)) else {
                throw MartletError.invalid("state is pending, approved or rejected.", field: "state")
            }
            return state
        }
        let found = try await governance.approvalStore.approvals(
            model: query["model"].map(String.init), state: state, before: before, limit: limit ?? Self.pageDefault)
        return try NativeRoutes.list(
            found.map { Item($0) },
            nextPageToken: found.count == limit ?? Self.pageDefault ? found.last.map { "\($0.id)" } : nil)
    }

    private static func id(_ context: MartletRequestContext) throws -> Int64 {
        let text = try context.parameters.require("id")
        guard let id = Int64(text) else { throw MartletError.notFound("There is no approval \(text).") }
        return id
    }
}
