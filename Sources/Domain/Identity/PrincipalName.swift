/// The rule for names of principals.
public enum PrincipalName {
    public static let charactersMax = 64
    /// HTTP Basic takes these as "no name, the key says who"; no principal may be called so.
    public static let placeholders: Set<String> = ["token", "key"]
    /// What the audit chain calls the server itself; no principal may be mistaken for it.
    public static let reserved: Set<String> = placeholders.union([
        "system", Principal.system.name, Principal.rolloutController.name, Principal.monitor.name,
        Principal.retraining.name,
    ])

    /// Letters, digits, dot, underscore, hyphen and @ of ASCII, beginning with a letter or digit. No colon: HTTP Basic
    /// ends the name there.
    ///
    /// - Throws: `invalidArgument` with the rule that is broken.
    public static func validate(_ name: String) throws(MartletError) {
        let isLegal = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "@"):
                true
            default: false
            }
        }
        guard (1...charactersMax).contains(name.utf8.count), isLegal,
            let first = name.first, first.isLetter || first.isNumber
        else {
            throw .invalid(
                "A principal's name has 1 to \(charactersMax) letters, digits, '.', '_', '-' or '@' and begins with a letter or digit.",
                field: "name")
        }
        guard !reserved.contains(name.lowercased()) else {
            throw .invalid("The name \(name) is reserved.", field: "name")
        }
    }
}
