/// What a bin that holds nothing counts in measures with a logarithm of its share.
public enum EmptyBins: Sendable, Hashable {
    /// As half an observation, so its share is 0.5 / n: the more rows were seen, the more an empty bin says.
    case halfCount
    /// As this share, on either side; Evidently's 1e-4 (it takes less where some share is smaller). Not renormalised.
    case share(Double)
    /// As nothing: an empty current bin adds 0, an empty reference bin makes the measure infinite, as in `scipy.special.rel_entr`.
    case exact

    /// The share of a bin of `count` of `total`.
    func share(of count: Int, total: Double) -> Double {
        switch self {
        case .halfCount: max(Double(count), 0.5) / total
        case .share(let least): count == 0 ? least : Double(count) / total
        case .exact: Double(count) / total
        }
    }
}
