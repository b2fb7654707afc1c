/// Which version of a data set is meant: the newest, one by its number, or one by the beginning of its digest.
public enum DatasetVersionSelector: Sendable, Hashable {
    case newest
    case number(Int)
    /// 8…64 lower-case hexadecimal digits.
    case digest(String)

    /// Numbers have up to six digits; anything of eight hexadecimal digits or more is a digest.
    ///
    /// - Throws: `invalidArgument` for what is neither.
    public init(_ text: String) throws(MartletError) {
        let lower = text.lowercased()
        if text == "newest" || text.isEmpty {
            self = .newest
        } else if text.utf8.count <= 6, let number = Int(text), number > 0 {
            self = .number(number)
        } else if (DatasetLimits.digestPrefixMin...64).contains(lower.utf8.count),
            lower.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        {
            self = .digest(lower)
        } else {
            throw .invalid(
                "“\(text.prefix(80))” names no version: give its number, or \(DatasetLimits.digestPrefixMin) or more digits of its digest.",
                field: "version")
        }
    }
}
