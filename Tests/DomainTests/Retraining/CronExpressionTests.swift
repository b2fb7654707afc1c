import Domain
import Foundation
import Testing

@Suite("Cron expressions in UTC")
struct CronExpressionTests {
    private func next(_ text: String, after: String) throws -> String? {
        let start = try Date(after, strategy: .iso8601)
        let time = Timestamp(milliseconds: Int64(start.timeIntervalSince1970 * 1000))
        return try CronExpression(text).next(after: time).map {
            Date(timeIntervalSince1970: Double($0.milliseconds) / 1000).formatted(.iso8601)
        }
    }

    @Test("the next time is the first matching minute after the given one")
    func nextTimes() throws {
        #expect(try next("* * * * *", after: "2026-03-01T10:00:00Z") == "2026-03-01T10:01:00Z")
        #expect(try next("0 3 * * 1", after: "2026-03-01T10:00:00Z") == "2026-03-02T03:00:00Z")
        #expect(try next("*/15 8-9 * * *", after: "2026-03-01T09:45:00Z") == "2026-03-02T08:00:00Z")
        #expect(try next("0 0 29 2 *", after: "2026-03-01T10:00:00Z") == "2028-02-29T00:00:00Z")
        #expect(try next("30 12 1 * 7", after: "2026-03-02T00:00:00Z") == "2026-03-08T12:30:00Z")
        #expect(try next("0 0 31 12 *", after: "2026-12-31T00:00:00Z") == "2027-12-31T00:00:00Z")
        #expect(try next("0 0 30 2 *", after: "2026-03-01T10:00:00Z") == nil)
    }

    @Test(
        "what is no expression is refused",
        arguments: [
            "", "* * * *", "60 * * * *", "a * * * *", "5-1 * * * *", "*/0 * * * *", "* * 0 * *", "* * * * 8",
            ", * * * *",
        ])
    func refused(text: String) {
        #expect(throws: MartletError.self) { try CronExpression(text) }
    }
}
