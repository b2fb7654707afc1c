import Statistics
import Testing

@Suite("Sequential methods agree with their definitions, computed elsewhere")
struct SequentialGoldenTests {
    @Test("e-values of a proportion, two- and one-sided")
    func proportion() throws {
        for c in try GoldenCase.all("proportion_e") {
            var sequence = ProportionSequence(priorSuccesses: c.p[0], priorFailures: c.p[1])
            sequence.insert(successes: Int(c.p[2]), of: Int(c.p[3]))
            for (key, side) in [("two", ProportionSequence.Side.twoSided), ("greater", .greater), ("less", .less)] {
                try c.expect(sequence.logEValue(against: c.p[4], side: side), key, relative: 1e-8, absolute: 1e-8)
            }
        }
    }

    @Test("the ends of a proportion's sequence are where its e-value meets the level")
    func interval() {
        var sequence = ProportionSequence()
        sequence.insert(successes: 37, of: 400)
        let interval = sequence.interval(confidence: 0.95)
        #expect(interval.contains(37.0 / 400))
        for end in [interval.lower, interval.upper] {
            #expect(agree(sequence.evidence(against: end).eValue, 20, tolerance: 1e-9))
        }
        #expect(ProportionSequence().interval() == Interval(lower: 0, upper: 1))
    }

    @Test("the mixture of sample ratios, and the fixed test beside it")
    func sampleRatio() throws {
        for c in try GoldenCase.all("sample_ratio") {
            let shares = try #require(c.x)
            var test = SampleRatioTest(shares: shares)
            for (arm, rows) in c.counts.1.enumerated() { test.insert(arm: arm, rows: rows) }
            try c.expect(test.logEValue, "log_e", relative: 1e-9, absolute: 1e-8)
            try c.expectPValue(test.fixedTest?.pValue, "p")
        }
    }

    @Test("the closed form of the mixture SPRT is its integral, and its interval ends at its level")
    func mixture() throws {
        for c in try GoldenCase.all("mixture_sprt") {
            let value = c.p[4] / c.p[3]
            var test = MixtureSPRT(mean: c.p[0], variance: c.p[1], mixingVariance: c.p[2])
            for _ in 0..<Int(c.p[3]) { test.insert(value) }
            try c.expect(test.logEValue, "log_e", relative: 1e-8, absolute: 1e-8)
            var edge = MixtureSPRT(mean: test.interval().lower, variance: c.p[1], mixingVariance: c.p[2])
            for _ in 0..<Int(c.p[3]) { edge.insert(value) }
            #expect(agree(edge.eValue, 20, tolerance: 1e-6))
        }
    }

    @Test("group sequential bounds agree with another integration, one- and two-sided, for every spending function")
    func groupSequential() throws {
        let spending: [String: AlphaSpending] = [
            "obf": .obrienFleming, "pocock": .pocock, "power2": .power(2), "hsd-4": .hwangShihDeCani(-4),
        ]
        for c in try GoldenCase.all("group_sequential") {
            let information = try #require(c.x)
            let function = try #require(spending[c.name ?? ""])
            let design = try #require(
                GroupSequentialDesign(
                    information: information, level: c.p[0], isTwoSided: c.p[1] == 2, spending: function))
            for (bound, expected) in zip(design.bounds, try c.list("bounds")) {
                #expect(agree(bound, try #require(expected), tolerance: 1e-7), "\(c.description)")
            }
            let spent = design.exitProbabilities(drift: 0).reduce(0, +)
            #expect(agree(spent, c.p[0], tolerance: 1e-9))
        }
    }

    @Test("the bounds of O'Brien and Fleming's kind are those of ldbounds, and power grows with the drift")
    func published() throws {
        // Lan and DeMets' function at five equal looks, two-sided 5 %, as R's ldbounds prints them.
        let design = try #require(GroupSequentialDesign(information: [0.2, 0.4, 0.6, 0.8, 1]))
        for (bound, expected) in zip(design.bounds, [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]) {
            #expect(abs(bound - expected) < 2e-4)
        }
        let fixed = try #require(GroupSequentialDesign(information: [1], level: 0.05))
        #expect(agree(fixed.bounds[0], 1.959963984540054))
        let power = design.exitProbabilities(drift: 3.24).reduce(0, +)
        #expect(power > 0.88 && power < 0.9)
        #expect(GroupSequentialDesign(information: [0.5, 0.5]) == nil)
    }
}
