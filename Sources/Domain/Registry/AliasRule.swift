/// Who may move one alias of one model. An alias without a rule is moved by every contributor.
public struct AliasRule: Sendable, Hashable, Codable {
    /// Roles and principals of one rule at most: it is read with every move, and a person must be able to read it.
    public static let namedMax = 50

    public var model: String
    public var alias: String
    /// Who holds one of these may move it; an administrator holds them all.
    public var roles: [Role]
    /// Names of principals who may move it.
    public var principals: [String]
    public var setBy: String
    public var setAt: Timestamp

    public init(
        model: String, alias: String, roles: [Role], principals: [String], setBy: String, setAt: Timestamp
    ) {
        self.model = model
        self.alias = alias
        self.roles = roles
        self.principals = principals
        self.setBy = setBy
        self.setAt = setAt
    }

    public func allows(_ principal: Principal) -> Bool {
        roles.contains { principal.may($0) } || principals.contains(principal.name)
    }

    /// - Throws: `permissionDenied`, naming who may and what to do.
    public func require(_ principal: Principal, to action: String) throws(MartletError) {
        guard !allows(principal) else { return }
        let allowed = roles.map { "the role \($0.rawValue)" } + principals
        throw MartletError(
            .permissionDenied,
            "\(principal.name) may not \(action): the alias '\(alias)' of '\(model)' is protected and moved only by \(allowed.joined(separator: ", ")). Ask one of them, or have an operator change the rule with: martlet alias protect"
        )
    }
}
