/// A moment as date and clock time in UTC, by the Gregorian calendar; the inverse is `Timestamp.init(civil…)`.
public struct CivilTime: Sendable, Hashable {
    public var year: Int64
    /// 1…12.
    public var month: Int
    /// 1…31.
    public var day: Int
    /// 0…86,399.
    public var secondOfDay: Int
    /// 0…999.
    public var millisecond: Int

    /// Days to civil date: Howard Hinnant, "chrono-compatible low-level date algorithms". O(1).
    public init(_ time: Timestamp) {
        let seconds = Self.floorDivision(time.milliseconds, 1000)
        let days = Self.floorDivision(seconds, 86_400)
        millisecond = Int(time.milliseconds - seconds * 1000)
        secondOfDay = Int(seconds - days * 86_400)
        let shifted = days + 719_468
        let era = Self.floorDivision(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * monthIndex + 2) / 5 + 1)
        month = Int(monthIndex < 10 ? monthIndex + 3 : monthIndex - 9)
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days from 1970-01-01 to a date of the Gregorian calendar (the same source). O(1).
    static func days(year: Int64, month: Int, day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = floorDivision(shifted, 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func floorDivision(_ value: Int64, _ by: Int64) -> Int64 {
        let quotient = value / by
        return value % by < 0 ? quotient - 1 : quotient
    }
}
