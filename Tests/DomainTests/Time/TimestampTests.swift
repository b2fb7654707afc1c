import Domain
import Testing

@Suite("Moments in time")
struct TimestampTests {
    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    @Test("moments move by seconds, forth and back")
    func moves() {
        #expect(at(1_000).adding(seconds: 1.5) == at(2_500))
        #expect(at(1_000).adding(seconds: -2) == at(-1_000))
        #expect(at(2_500).seconds(since: at(1_000)) == 1.5)
    }

    @Test("a client's times at the ends of what can be said stop at the ends")
    func ends() {
        #expect(at(.max).adding(seconds: 1) == at(.max))
        #expect(at(.min).adding(seconds: -1) == at(.min))
        #expect(at(0).adding(seconds: 1e300) == at(.max))
        #expect(at(0).adding(seconds: -.infinity) == at(.min))
        #expect(at(.max).seconds(since: at(.min)) > 1e16)
        #expect(at(.min).seconds(since: at(.max)) < -1e16)
    }
}
