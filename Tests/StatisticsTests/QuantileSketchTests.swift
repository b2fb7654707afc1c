import Foundation
import Statistics
import Testing

@Suite("Quantile sketch")
struct QuantileSketchTests {
    /// The sketch's documented bound for k = 200.
    let rankErrorMax = 0.0133

    @Test("ranks stay within the documented error, in ascending, descending and random order")
    func rankError() {
        var random = SplitMix64(seed: 7)
        let ascending = (0..<100_000).map(Double.init)
        for values in [ascending, ascending.reversed(), ascending.shuffled(using: &random)] {
            var sketch = QuantileSketch()
            for value in values { sketch.insert(value) }
            for share in stride(from: 0.01, through: 0.99, by: 0.01) {
                let trueRank = (sketch.quantile(share) + 1) / 100_000
                #expect(abs(trueRank - share) <= rankErrorMax)
                #expect(abs(sketch.rank(of: share * 100_000 - 1) - share) <= rankErrorMax)
            }
        }
    }

    @Test("a merge of a hundred sketches is as good as one, and loses no row")
    func merge() {
        var random = SplitMix64(seed: 9)
        let values = (0..<100_000).map(Double.init).shuffled(using: &random)
        var merged = QuantileSketch()
        for part in 0..<100 {
            var sketch = QuantileSketch(seed: UInt64(part))
            for index in stride(from: part, to: values.count, by: 100) { sketch.insert(values[index]) }
            merged.merge(sketch)
        }
        #expect(merged.count == 100_000)
        #expect(merged.minimum == 0 && merged.maximum == 99_999)
        for share in stride(from: 0.05, through: 0.95, by: 0.05) {
            #expect(abs((merged.quantile(share) + 1) / 100_000 - share) <= rankErrorMax)
        }
    }

    @Test("memory stays bounded whatever the stream")
    func memory() {
        var sketch = QuantileSketch()
        for value in 0..<1_000_000 { sketch.insert(Double(value % 1000)) }
        #expect(sketch.retainedCount < 800)
    }

    @Test("few values are kept exactly; NaN is not a value")
    func exact() {
        var sketch = QuantileSketch()
        for value in [3.0, 1, .nan, 2] { sketch.insert(value) }
        #expect(sketch.count == 3)
        #expect(sketch.quantiles([0, 0.5, 1]) == [1, 2, 3])
        #expect(sketch.rank(of: 2) == 2.0 / 3)
        #expect(QuantileSketch().quantile(0.5).isNaN)
    }

    @Test("equal seeds and streams give equal sketches, also after a round trip through JSON")
    func deterministic() throws {
        var a = QuantileSketch(seed: 5)
        var b = QuantileSketch(seed: 5)
        for value in 0..<5_000 {
            a.insert(Double(value))
            b.insert(Double(value))
        }
        var c = try JSONDecoder().decode(QuantileSketch.self, from: JSONEncoder().encode(a))
        for value in 0..<5_000 {
            a.insert(Double(value))
            b.insert(Double(value))
            c.insert(Double(value))
        }
        #expect(a == b)
        #expect(a == c)
        let empty = try JSONDecoder().decode(QuantileSketch.self, from: JSONEncoder().encode(QuantileSketch()))
        #expect(empty == QuantileSketch())
    }

    @Test("Kolmogorov-Smirnov from sketches lies within the sum of the rank errors of the exact one")
    func kolmogorovSmirnov() throws {
        var random = SplitMix64(seed: 3)
        let a = (0..<20_000).map { _ in Double.random(in: 0..<1, using: &random) }
        let b = (0..<20_000).map { _ in Double.random(in: 0.1..<1.1, using: &random) }
        var first = QuantileSketch(seed: 1)
        var second = QuantileSketch(seed: 2)
        for value in a { first.insert(value) }
        for value in b { second.insert(value) }
        let exact = try #require(KolmogorovSmirnov.test(a, b))
        let sketched = try #require(KolmogorovSmirnov.test(first, second))
        #expect(abs(exact.statistic - sketched.statistic) <= 2 * rankErrorMax)
    }
}
