import Domain
import Foundation
import TestSupport
import Testing

@testable import Serving

@Suite("How many predictions a principal may ask for")
struct RequestLimiterTests {
    private let clock = ManualClock()
    private let start = ContinuousClock.now

    private func principal(_ limits: RequestLimits?, _ id: String = "p-1") -> Principal {
        Principal(id: .init(rawValue: id), name: "ada", roles: [.viewer], limits: limits)
    }

    private func refusal(
        _ limiter: RequestLimiter, _ principal: Principal, at seconds: Double = 0
    ) throws -> MartletError? {
        let limits = try #require(principal.limits)
        do throws(MartletError) {
            try limiter.admit(principal, limits, at: start + .seconds(seconds))
            return nil
        } catch { return error }
    }

    @Test("a burst passes, then as many as the rate has; a refusal tells when there is room and costs nothing")
    func bucket() throws {
        let limiter = RequestLimiter(clock: clock)
        let ada = principal(RequestLimits(requestsPerSecond: 2, burst: 3))
        for _ in 0..<3 { #expect(try refusal(limiter, ada) == nil) }
        for _ in 0..<5 {
            let refused = try #require(try refusal(limiter, ada))
            #expect(refused.code == .resourceExhausted && refused.retryAfter == .seconds(0.5))
        }
        #expect(try refusal(limiter, ada, at: 0.5) == nil)
        #expect(try refusal(limiter, ada, at: 0.6) != nil)
        // Never more than the burst, however long it was quiet.
        for _ in 0..<3 { #expect(try refusal(limiter, ada, at: 1000) == nil) }
        #expect(try refusal(limiter, ada, at: 1000) != nil)
        #expect(limiter.refusals == .init(byRate: 7, byDay: 0))
    }

    @Test("without a burst a bucket holds a second's requests, and at least one")
    func capacity() {
        #expect(RequestLimits(requestsPerSecond: 2.5).capacity == 3)
        #expect(RequestLimits(requestsPerSecond: 0.01).capacity == 1)
    }

    @Test("a day's requests end at midnight UTC; each principal has its own; a change of limits counts on")
    func day() throws {
        let limiter = RequestLimiter(clock: clock)
        let ada = principal(RequestLimits(requestsPerDay: 2))
        for _ in 0..<2 { #expect(try refusal(limiter, ada) == nil) }
        let refused = try #require(try refusal(limiter, ada))
        let untilMidnight = 86_400 - clock.now().milliseconds / 1000 % 86_400
        #expect(refused.retryAfter == .seconds(untilMidnight))
        #expect(try refusal(limiter, principal(RequestLimits(requestsPerDay: 2), "p-2")) == nil)
        #expect(try refusal(limiter, principal(RequestLimits(requestsPerDay: 3))) == nil)
        clock.advance(seconds: Double(untilMidnight))
        #expect(try refusal(limiter, ada) == nil)
    }

    @Test("who has no limits, and nobody, is admitted and not counted")
    func unlimited() throws {
        let limiter = RequestLimiter(clock: clock)
        for _ in 0..<1000 { try limiter.admit(principal(nil)) }
        try limiter.admit(nil)
        #expect(limiter.refusals == .init())
    }

    @Test("a restart begins no new day")
    func restart() throws {
        let path = NSTemporaryDirectory() + "martlet-requests-\(UUID().uuidString).json"
        let ada = principal(RequestLimits(requestsPerSecond: 100, burst: 5, requestsPerDay: 3))
        let before = RequestLimiter(clock: clock, path: path)
        for _ in 0..<2 { #expect(try refusal(before, ada) == nil) }
        try before.keep()
        let after = RequestLimiter(clock: clock, path: path)
        #expect(try refusal(after, ada) == nil)
        #expect(try refusal(after, ada)?.message.contains("3 predictions today") == true)
    }

    @Test("limits out of range are refused by name")
    func validation() {
        let cases: [(RequestLimits, String)] = [
            (RequestLimits(requestsPerSecond: 0), "requests_per_second"), (RequestLimits(burst: 2), "burst"),
            (RequestLimits(requestsPerSecond: 1, burst: 0), "burst"),
            (RequestLimits(requestsPerDay: -1), "requests_per_day"),
            (RequestLimits(requestsPerSecond: .nan), "requests_per_second"),
        ]
        for (limits, field) in cases {
            #expect(throws: MartletError.self) { try limits.validate() }
            do { try limits.validate() } catch { #expect(error.field == field) }
        }
    }
}
