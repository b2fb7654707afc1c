import Domain
import Testing
import Wire

@Suite("Moments as people write them")
struct MomentTextTests {
    @Test(
        "dates, times with zones, fractions and milliseconds are read",
        arguments: [
            ("1970-01-01", 86_399_999), ("1970-01-01T00:00:00Z", 0), ("2026-03-03", 1_772_582_399_999),
            ("2026-03-03T14:00:00Z", 1_772_546_400_000), ("2026-03-03T15:00+01:00", 1_772_546_400_000),
            ("2026-03-03 14:00:00.25", 1_772_546_400_250), ("2024-02-29T00:00Z", 1_709_164_800_000),
            ("1772546400000", 1_772_546_400_000), ("1969-12-31T23:59:59.999Z", -1),
        ])
    func read(_ text: String, _ milliseconds: Int64) throws {
        #expect(try MomentText.parse(text, field: "at").milliseconds == milliseconds)
    }

    @Test(
        "what is no moment is refused",
        arguments: [
            "", "yesterday", "2026-3-3", "2026-02-29", "2026-13-01", "2026-00-10", "2026-03-03T25:00Z",
            "2026-03-03T14", "2026-03-03T14:00:00+99:00", "2026-03-03T14:00:61Z", "99999999999999999999",
        ])
    func refused(_ text: String) {
        #expect(throws: MartletError.self) { try MomentText.parse(text, field: "at") }
    }
}
