import Foundation
import Statistics
import Testing

@Suite("Distinct values estimated")
struct HyperLogLogTests {
    private func sketch(_ range: Range<Int>) -> HyperLogLog {
        var sketch = HyperLogLog()
        for value in range { sketch.insert("value \(value)".utf8) }
        return sketch
    }

    @Test("within four standard errors from ten to a million", arguments: [10, 1_000, 5_000, 30_000, 1_000_000])
    func error(_ count: Int) {
        let estimate = Double(sketch(0..<count).estimate)
        #expect(abs(estimate - Double(count)) <= max(1, 4 * 0.023 * Double(count)), "\(estimate) of \(count)")
    }

    @Test("repeats change nothing, and parts add up to the whole, also through JSON")
    func merge() throws {
        var first = sketch(0..<6_000)
        let whole = sketch(0..<9_000)
        let stored = try JSONDecoder().decode(
            HyperLogLog.self, from: try JSONEncoder().encode(sketch(3_000..<9_000)))
        first.merge(stored)
        #expect(first == whole)
        first.merge(first)
        #expect(first == whole)
    }

    @Test("what is no sketch is refused")
    func damaged() {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(HyperLogLog.self, from: Data("\"000\"".utf8)) }
    }
}
