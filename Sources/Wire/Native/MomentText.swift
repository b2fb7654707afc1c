public import Domain

/// A moment as people write it in a request: milliseconds since 1970, a date, or a date with a time (ISO 8601).
public enum MomentText {
    /// A date alone means the end of that day in UTC, so that what happened on the day counts.
    ///
    /// - Throws: `invalidArgument` with the forms that are read.
    public static func parse(_ text: String, field: String) throws(MartletError) -> Timestamp {
        if let milliseconds = Int64(text) { return Timestamp(milliseconds: milliseconds) }
        guard let moment = date(text) else {
            throw .invalid(
                "“\(text.prefix(40))” is no moment. Write 2026-03-03 (the end of that day, UTC), 2026-03-03T14:00:00Z, or milliseconds since 1970.",
                field: field)
        }
        return moment
    }

    private static func date(_ text: String) -> Timestamp? {
        guard let match = text.wholeMatch(of: pattern), let year = Int64(match.1), let month = Int64(match.2),
            let day = Int64(match.3), (1...12).contains(month), (1...daysOf(month, year)).contains(day)
        else { return nil }
        let midnight = days(year, month, day) * 86_400_000
        guard let hourText = match.4, let minuteText = match.5 else {
            return Timestamp(milliseconds: midnight + 86_400_000 - 1)
        }
        guard let hour = Int64(hourText), let minute = Int64(minuteText), hour < 24, minute < 60 else { return nil }
        let second = match.6.flatMap { Int64($0) } ?? 0
        guard second < 60 else { return nil }
        // Digits beyond the third are cut.
        let fraction = match.7.map { String($0.prefix(3)) } ?? ""
        let thousandths = Int64(fraction + String(repeating: "0", count: 3 - fraction.count)) ?? 0
        let time = ((hour * 60 + minute) * 60 + second) * 1000 + thousandths
        guard let offset = offset(match.8) else { return nil }
        return Timestamp(milliseconds: midnight + time - offset)
    }

    /// Milliseconds east of UTC; no zone is UTC.
    private static func offset(_ zone: Substring?) -> Int64? {
        guard let zone, zone != "Z", zone != "z" else { return 0 }
        let digits = zone.dropFirst().filter { $0 != ":" }
        guard let hours = Int64(digits.prefix(2)), let minutes = Int64(digits.suffix(2)), hours < 24, minutes < 60
        else { return nil }
        return (hours * 60 + minutes) * 60_000 * (zone.hasPrefix("-") ? -1 : 1)
    }

    private static var pattern:
        Regex<(Substring, Substring, Substring, Substring, Substring?, Substring?, Substring?, Substring?, Substring?)>
    {
        /([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?([Zz]|[+-][0-9]{2}:?[0-9]{2})?)?/
    }

    private static func daysOf(_ month: Int64, _ year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970: Howard Hinnant, "chrono-compatible low-level date algorithms", for years from 0 on.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
