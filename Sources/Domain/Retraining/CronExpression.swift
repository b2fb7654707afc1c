/// A five-field cron expression, judged in UTC: minute, hour, day of month, month, day of week (0 and 7 are Sunday).
///
/// Takes `*`, numbers, ranges `a-b`, steps `*/n`, `a-b/n`, and lists with commas; no names. As in POSIX cron, when both day fields
/// are restricted a day counts if either matches.
public struct CronExpression: Sendable, Hashable {
    /// A search for the next time gives up after this many days: 29 February comes within eight years.
    static let daysMax = 366 * 9

    public let text: String
    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    private let restrictsDays: Bool
    private let restrictsWeekdays: Bool

    /// - Throws: `invalidArgument`, naming the field and what it may hold.
    public init(_ text: String) throws(MartletError) {
        let fields = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard fields.count == 5, text.utf8.count <= 100 else {
            throw .invalid("A schedule has five fields: minute hour day-of-month month day-of-week, such as 0 3 * * 1.")
        }
        self.text = text
        minutes = try Self.field(fields[0], "minute", 0...59)
        hours = try Self.field(fields[1], "hour", 0...23)
        days = try Self.field(fields[2], "day of month", 1...31)
        months = try Self.field(fields[3], "month", 1...12)
        weekdays = Set(try Self.field(fields[4], "day of week", 0...7).map { $0 % 7 })
        restrictsDays = !fields[2].hasPrefix("*")
        restrictsWeekdays = !fields[4].hasPrefix("*")
    }

    /// The first matching minute after `time`; nil where none comes within nine years (30 February).
    public func next(after time: Timestamp) -> Timestamp? {
        let minute = (time.milliseconds / 60_000) + 1
        var day = Int(minute / 1440)
        var minuteOfDay = Int(minute % 1440)
        for _ in 0..<Self.daysMax {
            if matches(day: day) {
                while minuteOfDay < 1440 {
                    if hours.contains(minuteOfDay / 60), minutes.contains(minuteOfDay % 60) {
                        return Timestamp(milliseconds: (Int64(day) * 1440 + Int64(minuteOfDay)) * 60_000)
                    }
                    minuteOfDay += 1
                }
            }
            day += 1
            minuteOfDay = 0
        }
        return nil
    }

    private func matches(day: Int) -> Bool {
        let (month, dayOfMonth) = Self.civil(daysSince1970: day)
        guard months.contains(month) else { return false }
        // 1970-01-01 was a Thursday.
        let byWeekday = weekdays.contains((day + 4) % 7)
        let byDay = days.contains(dayOfMonth)
        return restrictsDays && restrictsWeekdays ? byDay || byWeekday : byDay && byWeekday
    }

    /// Howard Hinnant's days-to-civil algorithm, for days from 1970 on.
    private static func civil(daysSince1970: Int) -> (month: Int, day: Int) {
        let shifted = daysSince1970 + 719_468
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        return (shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func field(_ text: String, _ name: String, _ range: ClosedRange<Int>) throws(MartletError) -> Set<
        Int
    > {
        func refused() -> MartletError {
            .invalid(
                "The \(name) of a schedule takes *, numbers from \(range.lowerBound) to \(range.upperBound), ranges a-b, "
                    + "steps /n and lists with commas; it is \(text).")
        }
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = halves.first, let step = halves.count == 1 ? 1 : Int(halves[1]), step >= 1 else {
                throw refused()
            }
            let ends = first.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            let span: ClosedRange<Int>
            if first == "*" {
                span = range
            } else if let low = ends.first.flatMap({ Int($0) }), let high = ends.last.flatMap({ Int($0) }), low <= high,
                range.contains(low), range.contains(high)
            {
                span = low...(ends.count == 1 && halves.count == 2 ? range.upperBound : high)
            } else {
                throw refused()
            }
            values.formUnion(stride(from: span.lowerBound, through: span.upperBound, by: min(step, 60)))
        }
        return values
    }
}
