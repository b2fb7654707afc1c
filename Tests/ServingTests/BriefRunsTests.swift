import Testing

@testable import Serving

@Suite("Which runs are known to be brief")
struct BriefRunsTests {
    @Test("a size is known after enough brief runs, smaller ones with it, larger ones not")
    func learns() {
        let brief = BriefRuns()
        for _ in 0..<(BriefRuns.seenMin - 1) { brief.learn(elements: 30, took: .microseconds(20)) }
        #expect(!brief.isKnown(elements: 30))
        brief.learn(elements: 30, took: .microseconds(20))
        #expect(brief.isKnown(elements: 30) && brief.isKnown(elements: 1) && !brief.isKnown(elements: 31))
        brief.learn(elements: 300, took: .microseconds(80))
        #expect(brief.isKnown(elements: 300))
        brief.learn(elements: 3_000, took: .microseconds(900))
        #expect(brief.isKnown(elements: 300) && !brief.isKnown(elements: 3_000))
    }

    @Test("small runs count after a large one")
    func smallAfterLarge() {
        let brief = BriefRuns()
        brief.learn(elements: 3_000, took: .microseconds(50))
        for _ in 1..<BriefRuns.seenMin { brief.learn(elements: 30, took: .microseconds(20)) }
        #expect(brief.isKnown(elements: 30) && brief.isKnown(elements: 3_000))
    }

    @Test("one long run ends the trust")
    func forgets() {
        let brief = BriefRuns()
        for _ in 0..<20 { brief.learn(elements: 30, took: .microseconds(20)) }
        brief.learn(elements: 5, took: .milliseconds(3))
        #expect(!brief.isKnown(elements: 1))
    }

    @Test("runs that are not brief are never known")
    func slow() {
        let brief = BriefRuns()
        for _ in 0..<100 { brief.learn(elements: 30, took: .microseconds(500)) }
        #expect(!brief.isKnown(elements: 1))
    }
}
