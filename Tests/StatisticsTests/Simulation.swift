import Foundation
import Statistics

/// Seeded simulation of error levels.
enum Simulation {
    /// Long runs only where the soak tier sets its variable (script/soak).
    static var isLong: Bool { ProcessInfo.processInfo.environment["MARTLET_SOAK_SECONDS"] != nil }

    /// Repetitions: few in every test run, many in the soak tier.
    static func count(_ short: Int, long: Int) -> Int { isLong ? long : short }

    /// Whether so many rejections are possible at the level; wrong once in 10,000.
    static func isWithin(_ rejections: Int, of count: Int, level: Double) -> Bool {
        BinomialDistribution(trials: count, probability: level).survival(rejections - 1) > 1e-4
    }

    /// Standard normal by inversion.
    static func normal(_ random: inout SplitMix64) -> Double {
        NormalDistribution.quantile(Double.random(in: Double.leastNormalMagnitude..<1, using: &random))
    }

    static func bit(_ probability: Double, _ random: inout SplitMix64) -> Bool {
        Double.random(in: 0..<1, using: &random) < probability
    }
}
