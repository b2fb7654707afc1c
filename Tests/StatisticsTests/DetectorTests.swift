import Foundation
import Statistics
import Testing

@Suite("Detectors by themselves")
struct DetectorTests {
    @Test("run lengths of CUSUM are those of the published tables, and its calibration inverts them")
    func cusumRunLength() {
        // Siegmund 1985 and R's spc: k = 0.5, h = 4 and 5.
        for (threshold, shift, isTwoSided, expected) in [
            (4.0, 0.0, true, 167.68), (5, 0, true, 465.44), (5, 0, false, 930.89), (5, 1, false, 10.38),
            (4, 1, true, 8.38),
        ] {
            let length = CUSUM.runLength(
                allowance: 0.5, threshold: threshold, shift: shift, isTwoSided: isTwoSided)
            #expect(abs(length / expected - 1) < 2e-3, "\(threshold) \(shift): \(length)")
        }
        let chart = CUSUM(mean: 10, deviation: 2, runLength: 1_000)
        let length = CUSUM.runLength(allowance: 0.5, threshold: chart.threshold)
        #expect(abs(length - 1_000) < 1e-5)
    }

    @Test("a simulated CUSUM runs as long as calibrated, and finds a shift of one deviation soon")
    func cusumSimulated() {
        var random = SplitMix64(seed: 11)
        var chart = CUSUM(mean: 5, deviation: 2, runLength: 200)
        let values = Simulation.count(40_000, long: 2_000_000)
        let alarms = (0..<values).count { _ in chart.insert(5 + 2 * Simulation.normal(&random)) == .drift }
        // Run lengths are about geometric: the count of alarms about Poisson.
        let expected = Double(values) / 200
        #expect(abs(Double(alarms) - expected) < 4 * expected.squareRoot())
        var shifted = CUSUM(mean: 5, deviation: 2, runLength: 200)
        let delay = (1...1000).first { _ in shifted.insert(7 + 2 * Simulation.normal(&random)) == .drift }
        #expect((delay ?? 1000) < 60)
    }

    @Test("a Bernoulli CUSUM's run length is exact: at least what was asked, and what is simulated")
    func bernoulli() throws {
        let chart = try #require(BernoulliCUSUM(rate: 0.1, raisedRate: 0.2, runLength: 500))
        #expect(chart.runLength >= 500 && chart.runLength < 1_000)
        let less = BernoulliCUSUM.runLength(
            rate: 0.1, successesPerFailure: chart.successesPerFailure, threshold: chart.threshold - 1)
        #expect(less < 500)
        // One failure alarms: a geometric waiting time.
        #expect(agree(BernoulliCUSUM.runLength(rate: 0.02, successesPerFailure: 5, threshold: 4), 50))
        var random = SplitMix64(seed: 12)
        var detector = chart
        let values = 200_000
        let alarms = (0..<values).count { _ in detector.insert(Simulation.bit(0.1, &random) ? 1 : 0) == .drift }
        let expected = Double(values) / chart.runLength
        #expect(abs(Double(alarms) - expected) < 4 * expected.squareRoot(), "\(alarms), not \(expected)")
        #expect(BernoulliCUSUM(rate: 0.2, raisedRate: 0.1, runLength: 10) == nil)
    }

    @Test(
        "KSWIN finds a change of shape within its window, equal seeds agree, and it alarms as seldom as its p-value says"
    )
    func kswin() {
        var random = SplitMix64(seed: 13)
        let before = (0..<300).map { _ in Simulation.normal(&random) }
        let after = (0..<100).map { _ in 3 * Simulation.normal(&random) + 2 }
        var first = KSWIN(seed: 5)
        var second = KSWIN(seed: 5)
        let values = before + after
        let drifts = first.drifts(in: values.span)
        #expect(drifts.contains { (300..<360).contains($0) })
        #expect(second.drifts(in: values.span) == drifts)
        var constant = KSWIN()
        let ones = [Double](repeating: 1, count: 500)
        #expect(constant.drifts(in: ones.span).isEmpty)
    }

    @Test(
        "ADWIN as in the paper keeps what is younger than the change; its state survives JSON in the middle of a stream"
    )
    func adwin() throws {
        let values = StreamRecipe(kind: "bits", seed: 14, pieces: [[2000, 0.1], [2000, 0.6]]).values
        var keeping = ADWIN(aftermath: .keepsRecent)
        let drifts = keeping.drifts(in: values.span)
        #expect(drifts.first.map { (2000..<2100).contains($0) } ?? false)
        #expect(keeping.width > 1_500 && abs(keeping.mean - 0.6) < 0.05)
        var whole = ADWIN()
        let expected = whole.drifts(in: values.span)
        var half = ADWIN()
        let early = Array(values[..<2010])
        let late = Array(values[2010...])
        var found = half.drifts(in: early.span)
        half = try JSONDecoder().decode(ADWIN.self, from: JSONEncoder().encode(half))
        let later = half.drifts(in: late.span)
        found += later.map { $0 + 2010 }
        #expect(found == expected)
        #expect(half == whole)
    }

    @Test("NaN changes no detector, and a signal is given once")
    func nan() {
        var detectors: [any DriftDetector] = [
            ADWIN(), DDM(), EDDM(), HDDMA(), HDDMW(), PageHinkley(), KSWIN(),
            CUSUM(mean: 0, deviation: 1, threshold: 4),
        ]
        for index in detectors.indices {
            for _ in 0..<100 { #expect(detectors[index].insert(.nan) == .none) }
        }
        var cusum = CUSUM(mean: 0, deviation: 1, threshold: 4)
        #expect(cusum.insert(10) == .drift)
        #expect(cusum.insert(0) == .none)
    }
}
