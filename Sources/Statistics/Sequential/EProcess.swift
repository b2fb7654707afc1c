/// The running evidence against a hypothesis: an e-value at every moment, valid however often and whenever one looks.
///
/// While the hypothesis holds, the chance that the e-value ever reaches 1/α is at most α (Ville 1939; Ramdas and others 2023, "Game-theoretic
/// statistics and safe anytime-valid inference"). So reject at 1/α, and the least of 1/e so far is an always-valid p-value.
public protocol EProcess: Sendable {
    /// The natural logarithm of the e-value now.
    var logEValue: Double { get }
}

extension EProcess {
    /// 0…∞: what a bettor against the hypothesis, starting from 1, owns now.
    public var eValue: Double { Elementary.exp(logEValue) }

    /// Whether the evidence now rejects the hypothesis at level α.
    public func rejects(at level: Double) -> Bool { logEValue >= -Elementary.log(level) }
}

/// The least 1/e so far: a p-value that may be looked at after every observation (Johari, Koomen, Pekelis and Walsh 2022).
public struct AlwaysValidPValue: Sendable, Hashable, Codable {
    /// 0…1; never rises.
    public private(set) var value = 1.0

    public init() {}

    public mutating func observe(_ process: some EProcess) {
        value = min(value, Elementary.exp(-process.logEValue))
    }
}
