import Statistics
import Testing

@Suite("Sequential tests keep their level however often one looks")
struct SequentialLevelTests {
    @Test(
        "a canary with the baseline's error rate is rejected no more often than the level, looked at after every event")
    func armLevel() {
        var random = SplitMix64(seed: 1)
        let runs = Simulation.count(300, long: 10_000)
        let rejections = (0..<runs).count { _ in
            var test = ArmRateTest(share: 0.1)
            for _ in 0..<400 {
                test.insert(isCanary: Simulation.bit(0.1, &random))
                if test.rejects(at: 0.05) { return true }
            }
            return false
        }
        #expect(Simulation.isWithin(rejections, of: runs, level: 0.05), "\(rejections) of \(runs)")
    }

    @Test(
        "a doubled error rate at a tenth of the traffic is found within half as many requests again as one fixed look needs"
    )
    func armPower() {
        var random = SplitMix64(seed: 2)
        let runs = Simulation.count(200, long: 5_000)
        // Baseline 1 %, canary 2 %, share 10 %: z-test for two proportions, one-sided 5 %, power 90 % (Fleiss 1981).
        let fixed = 24_700.0
        var requests: [Double] = []
        for _ in 0..<runs {
            var test = ArmRateTest(share: 0.1)
            var seen = 0.0
            for _ in 0..<2_000 {
                // Requests until the next error of either arm: geometric, here by its mean.
                seen += 1 / (0.1 * 0.02 + 0.9 * 0.01)
                test.insert(isCanary: Simulation.bit(0.002 / 0.011, &random))
                if test.rejects(at: 0.05) { break }
            }
            requests.append(test.rejects(at: 0.05) ? seen : .infinity)
        }
        #expect(SortedSample(requests).quantile(0.5) <= 1.5 * fixed)
        #expect(Double(requests.count { $0.isFinite }) >= 0.9 * Double(runs))
    }

    @Test("a proportion's sequence covers it at all times together")
    func proportionCoverage() {
        var random = SplitMix64(seed: 3)
        let runs = Simulation.count(200, long: 5_000)
        let misses = (0..<runs).count { _ in
            var sequence = ProportionSequence()
            for _ in 0..<500 {
                sequence.insert(Simulation.bit(0.2, &random))
                if sequence.evidence(against: 0.2).rejects(at: 0.05) { return true }
            }
            return false
        }
        #expect(Simulation.isWithin(misses, of: runs, level: 0.05), "\(misses) of \(runs)")
    }

    @Test("means of bounded, skewed values stay within their empirical Bernstein sequence, which narrows")
    func boundedMean() {
        var random = SplitMix64(seed: 4)
        let runs = Simulation.count(100, long: 3_000)
        var widths = 0.0
        let misses = (0..<runs).count { _ in
            var sequence = BoundedMeanSequence(lowerBound: 0, upperBound: 4)
            for _ in 0..<2_000 {
                let u = Double.random(in: 0..<1, using: &random)
                sequence.insert(4 * u * u * u)
            }
            widths += sequence.interval.width
            // The interval is the intersection of all before, so its last state tells of all.
            return !sequence.interval.contains(1)
        }
        #expect(Simulation.isWithin(misses, of: runs, level: 0.05), "\(misses) of \(runs)")
        #expect(widths / Double(runs) < 0.5)
    }

    @Test("a bet against a mean that holds loses, against one that is exceeded it wins")
    func betting() {
        var random = SplitMix64(seed: 5)
        let runs = Simulation.count(200, long: 5_000)
        func rejections(_ rate: Double) -> Int {
            (0..<runs).count { _ in
                var test = BettingTest(meanAllowed: 0.1)
                for _ in 0..<500 {
                    test.insert(Simulation.bit(rate, &random) ? 1 : 0)
                    if test.rejects(at: 0.05) { return true }
                }
                return false
            }
        }
        let wrong = rejections(0.1)
        #expect(Simulation.isWithin(wrong, of: runs, level: 0.05), "\(wrong) of \(runs)")
        #expect(rejections(0.2) > runs * 9 / 10)
    }

    @Test("mixture SPRT and asymptotic sequence of a normal mean")
    func means() {
        var random = SplitMix64(seed: 6)
        let runs = Simulation.count(150, long: 3_000)
        var asymptoticMisses = 0
        let rejections = (0..<runs).count { _ in
            var test = MixtureSPRT(variance: 1, mixingVariance: 0.05)
            var moments = Moments()
            var isRejected = false
            var isMissed = false
            for index in 1...500 {
                let value = Simulation.normal(&random)
                test.insert(value)
                moments.insert(value)
                isRejected = isRejected || test.rejects(at: 0.05)
                // Asymptotic: from a first look with enough values.
                if index >= 50, let interval = AsymptoticSequence.interval(moments, tightestAt: 200) {
                    isMissed = isMissed || !interval.contains(0)
                }
            }
            if isMissed { asymptoticMisses += 1 }
            return isRejected
        }
        #expect(Simulation.isWithin(rejections, of: runs, level: 0.05), "\(rejections) of \(runs)")
        #expect(Simulation.isWithin(asymptoticMisses, of: runs, level: 0.05), "\(asymptoticMisses) of \(runs)")
    }

    @Test("a right sample ratio is not called wrong, a wrong one is")
    func sampleRatio() {
        var random = SplitMix64(seed: 7)
        let runs = Simulation.count(200, long: 5_000)
        func rejections(_ rate: Double) -> Int {
            (0..<runs).count { _ in
                var test = SampleRatioTest(shares: [0.1, 0.9])
                for _ in 0..<60 {
                    for _ in 0..<20 { test.insert(arm: Simulation.bit(rate, &random) ? 0 : 1) }
                    if test.rejects(at: 0.05) { return true }
                }
                return false
            }
        }
        let wrong = rejections(0.1)
        #expect(Simulation.isWithin(wrong, of: runs, level: 0.05), "\(wrong) of \(runs)")
        #expect(rejections(0.2) > runs * 9 / 10)
    }

    @Test(
        "online FDR holds over 500 tests of which one in five finds something",
        arguments: [OnlineFDR.Rule.lord, .saffron(candidate: 0.5)])
    func online(rule: OnlineFDR.Rule) {
        var random = SplitMix64(seed: 8)
        let runs = Simulation.count(20, long: 300)
        var shareSum = 0.0
        var found = 0
        for _ in 0..<runs {
            var procedure = OnlineFDR(level: 0.1, rule: rule)
            var wrong = 0
            for _ in 0..<500 {
                let isReal = Simulation.bit(0.2, &random)
                let u = Double.random(in: Double.leastNormalMagnitude..<1, using: &random)
                let pValue = isReal ? NormalDistribution.survival(NormalDistribution.inverseSurvival(u) + 3.5) : u
                if procedure.insert(pValue), !isReal { wrong += 1 }
            }
            shareSum += Double(wrong) / Double(max(1, procedure.discoveries.count))
            found += procedure.discoveries.count
        }
        #expect(shareSum / Double(runs) <= 0.13)
        #expect(found > runs * 20)
    }

    @Test("the always-valid p-value never rises and follows the best evidence")
    func alwaysValid() {
        var pValue = AlwaysValidPValue()
        var test = MixtureSPRT(variance: 1, mixingVariance: 1)
        var last = 1.0
        for value in [3.0, 3, 3, -9, -9, 0] {
            test.insert(value)
            pValue.observe(test)
            #expect(pValue.value <= last)
            last = pValue.value
        }
        #expect(last < 0.01)
        #expect(MultipleTesting.eBenjaminiHochberg([100, 1, 30, 0], level: 0.1) == [0, 2])
    }
}
