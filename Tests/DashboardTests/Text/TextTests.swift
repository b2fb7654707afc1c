import Domain
import Testing

@testable import Dashboard

@Suite struct TextTests {
    @Test(
        "numbers read with at most four significant figures",
        arguments: [
            (0.0, "0"), (0.83124, "0.8312"), (1.0, "1"), (12.5, "12.5"), (12_480.4, "12,480"), (-0.5, "−0.5"),
            (0.000_012, "1.2e-5"), (.nan, "–"), (.infinity, "∞"), (999.96, "1,000"), (1e15, "1e15"),
        ])
    func significant(_ value: Double, _ expected: String) {
        #expect(NumberText.significant(value) == expected)
    }

    @Test("shares, sizes and durations carry their units")
    func units() {
        #expect(NumberText.percent(0.1234) == "12.3\u{a0}%")
        #expect(NumberText.bytes(999) == "999\u{a0}B")
        #expect(NumberText.bytes(1_482_220) == "1.48\u{a0}MB")
        #expect(NumberText.milliseconds(nil) == "–")
        #expect(NumberText.duration(seconds: 5400) == "1.5\u{a0}h")
        #expect(NumberText.counted(1, "row") == "1 row")
        #expect(NumberText.count(Int64.min) == "−9,223,372,036,854,775,808")
    }

    @Test(
        "moments read as UTC, before 1970 and on leap days too",
        arguments: [
            (Int64(0), "1970-01-01 00:00:00"), (951_782_400_000, "2000-02-29 00:00:00"), (-1, "1969-12-31 23:59:59"),
            (1_795_219_200_000, "2026-11-21 00:00:00"), (4_107_542_399_999, "2100-02-28 23:59:59"),
        ])
    func moments(_ milliseconds: Int64, _ expected: String) {
        #expect(TimeText(Timestamp(milliseconds: milliseconds)).full == expected)
    }

    @Test("the time since is told in the largest whole unit, and a time ahead as such")
    func relative() {
        let now = Timestamp(milliseconds: 1_000_000_000)
        #expect(TimeText.relative(now.adding(seconds: -150), now: now) == "2 min ago")
        #expect(TimeText.relative(now, now: now) == "just now")
        #expect(TimeText.relative(now.adding(seconds: 7200), now: now) == "in 2 h")
    }

    @Test("JSON is shown indented, keys ascending, and cut at a hostile depth")
    func json() {
        #expect(JSONText.indented(["b": 1, "a": ["x\n"]]) == "{\n  \"a\": [\n    \"x\\n\"\n  ],\n  \"b\": 1\n}")
        let deep = (0..<5000).reduce(JSONValue.null) { inner, _ in .array([inner]) }
        #expect(JSONText.indented(deep).contains("…"))
    }
}
