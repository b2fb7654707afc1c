/// What a test holds against the hypothesis of no difference.
public enum Alternative: String, Sendable, Hashable, CaseIterable {
    case twoSided
    /// The first sample tends to smaller values, shares or means than the second.
    case less
    /// The first sample tends to greater ones.
    case greater
}
