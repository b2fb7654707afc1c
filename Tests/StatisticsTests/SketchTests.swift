import Statistics
import Testing

@Suite("Counters, samples and moments in bounded memory")
struct SketchTests {
    /// About Zipf's law.
    private func words(_ count: Int, seed: UInt64) -> [String] {
        Recipe.uniforms(seed, count).map { "w\(Int(1 / (0.002 + $0)))" }
    }

    @Test("heavy hitters: no count too low, none too high by more than total / capacity, also when merged")
    func heavyHitters() {
        let words = words(20_000, seed: 1)
        var truth: [String: Int] = [:]
        for word in words { truth[word, default: 0] += 1 }
        var parts = [HeavyHitters](repeating: HeavyHitters(capacity: 50), count: 4)
        for (index, word) in words.enumerated() { parts[index % 4].insert(word) }
        var merged = parts[0]
        for part in parts.dropFirst() { merged.merge(part) }
        var whole = HeavyHitters(capacity: 50)
        for word in words { whole.insert(word) }
        for sketch in [whole, merged] {
            #expect(sketch.total == 20_000)
            #expect(sketch.errorMax <= 400)
            for (word, count) in truth { #expect(sketch.bounds(of: word).contains(count)) }
            for entry in sketch.top(50) { #expect(entry.error <= 400) }
            let frequent = truth.filter { $0.value > 400 }.map(\.key)
            #expect(!frequent.isEmpty)
            #expect(Set(sketch.top(50).map(\.value)).isSuperset(of: frequent))
        }
    }

    @Test("count-min never estimates too low and seldom too high, merged from parts as from the whole")
    func countMin() {
        let words = words(20_000, seed: 2)
        var truth: [String: Int] = [:]
        var whole = CountMinSketch(relativeError: 0.01, failure: 0.01)
        var first = whole
        var second = whole
        for (index, word) in words.enumerated() {
            truth[word, default: 0] += 1
            whole.insert(word.utf8)
            if index < 7_000 { first.insert(word.utf8) } else { second.insert(word.utf8) }
        }
        first.merge(second)
        #expect(first == whole)
        var tooHigh = 0
        for (word, count) in truth {
            let estimate = whole.estimate(word.utf8)
            #expect(estimate >= count)
            if estimate > count + 200 { tooHigh += 1 }
        }
        #expect(Double(tooHigh) <= max(2, 0.02 * Double(truth.count)))
    }

    @Test("a reservoir is a uniform sample, whole or merged from streams of unequal length")
    func reservoir() {
        let runs = 2_000
        var early = 0
        for run in 0..<runs {
            var first = Reservoir<Int>(capacity: 10, seed: UInt64(2 * run))
            var second = Reservoir<Int>(capacity: 10, seed: UInt64(2 * run + 1))
            for value in 0..<80 { first.insert(value) }
            for value in 80..<100 { second.insert(value) }
            first.merge(second)
            #expect(first.count == 100 && first.sample.count == 10 && Set(first.sample).count == 10)
            early += first.sample.count { $0 < 30 }
        }
        // Hypergeometric with mean 3 and variance 1.91.
        #expect(abs(Double(early) / Double(runs) - 3) < 4 * (1.91 / Double(runs)).squareRoot())
    }

    @Test(
        "a block of values has the moments of its values one by one, with what is not finite left out",
        arguments: [0, 1, 7, 8, 511, 513, 5_000])
    func blockMoments(count: Int) {
        var values = Recipe.draw("heavy", UInt64(count + 1), count).map { $0 + 1e6 }
        if count > 600 {
            values[100] = .nan
            values[600] = .infinity
            values[601] = 1e300
        }
        var single = Moments()
        for value in values { single.insert(value) }
        let block = Moments(values)
        #expect(block.count == single.count && block.minimum == single.minimum && block.maximum == single.maximum)
        #expect(abs(block.mean - single.mean) <= 1e-12 * abs(single.mean))
        #expect(abs(block.squaredDeviations - single.squaredDeviations) <= 1e-9 * single.squaredDeviations)
    }

    @Test("an equal-width histogram counts every value once, at once or one by one or merged")
    func histogram() {
        var values = Recipe.draw("normal", 3, 10_001)
        values[5] = .nan
        values[6] = .infinity
        values[7] = -1
        values[8] = 1
        var bulk = EqualWidthHistogram(low: -1, high: 1, bins: 13)
        bulk.insert(contentsOf: values.span)
        var single = EqualWidthHistogram(low: -1, high: 1, bins: 13)
        for value in values { single.insert(value) }
        #expect(bulk == single)
        #expect(bulk.total + bulk.below + bulk.above + bulk.missing == values.count)
        var merged = EqualWidthHistogram(low: -1, high: 1, bins: 13)
        let early = Array(values[..<4_000])
        let late = Array(values[4_000...])
        merged.insert(contentsOf: early.span)
        var rest = EqualWidthHistogram(low: -1, high: 1, bins: 13)
        rest.insert(contentsOf: late.span)
        merged.merge(rest)
        #expect(merged == bulk)
        #expect(bulk.edges.count == 14 && bulk.edges[0] == -1 && bulk.edges[13] == 1)
    }

    @Test("quantile bins count many values as they count one", arguments: [0, 1, 2, 9, 100])
    func bulkBins(edges: Int) {
        let values = Recipe.draw("heavy", 4, 5_000) + [.nan, .infinity, -.infinity]
        let bins = HistogramBins(edges: Array(Recipe.draw("heavy", 5, edges)))
        var bulk = [Int](repeating: 0, count: bins.count)
        let missing = bins.count(values.span, into: &bulk)
        var single = [Int](repeating: 0, count: bins.count)
        for value in values where !value.isNaN { single[bins.index(of: value)] += 1 }
        #expect(bulk == single && missing == 1)
    }

    @Test("long samples are sorted as short ones are, signs, zeros and infinities included")
    func sorting() {
        var values =
            Recipe.draw("heavy", 6, 5_000) + Recipe.draw("discrete", 7, 5_000) + [
                0, -0.0, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
            ]
        values.append(contentsOf: [1.7e308, -1.7e308])
        let sample = SortedSample(values)
        #expect(sample.nanCount == 1)
        #expect(sample.values == values.filter { !$0.isNaN }.sorted())
    }
}
