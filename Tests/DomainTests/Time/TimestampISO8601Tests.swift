import Domain
import Testing

@Suite("Moments as text")
struct TimestampISO8601Tests {
    @Test(
        "a moment and its text are the same moment",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_795_219_200_125, "2026-11-21T00:00:00.125Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        ] as [(Int64, String)])
    func roundTrip(_ milliseconds: Int64, _ text: String) {
        #expect(Timestamp(milliseconds: milliseconds).iso8601Milliseconds == text)
        #expect(Timestamp(iso8601: text.utf8) == Timestamp(milliseconds: milliseconds))
    }

    @Test(
        "the forms that data hold are read; an offset moves the moment",
        arguments: [
            ("2014-07-01 00:30:00", "2014-07-01T00:30:00Z"), ("2014-07-01", "2014-07-01T00:00:00Z"),
            ("2014-07-01T12:00", "2014-07-01T12:00:00Z"), ("2014-07-01T12:00:00+02:00", "2014-07-01T10:00:00Z"),
            ("2014-07-01T12:00:00-0530", "2014-07-01T17:30:00Z"),
            ("2014-07-01T12:00:00.999999Z", "2014-07-01T12:00:00Z"),
        ])
    func forms(_ text: String, _ expected: String) {
        #expect(Timestamp(iso8601: text.utf8)?.iso8601 == expected)
    }

    @Test(
        "what is no moment is none",
        arguments: [
            "", "2014", "2014-13-01", "2014-02-29", "2014-02-28T24:00", "2014-02-28T10:60", "2014-02-28x", "12-34-5678",
            "2014-02-28T10:00:00+25:00", "2014-02-28T10:00:00Z ",
        ])
    func refused(_ text: String) {
        #expect(Timestamp(iso8601: text.utf8) == nil)
    }
}
