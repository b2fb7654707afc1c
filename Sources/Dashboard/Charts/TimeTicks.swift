import Domain

/// Round moments on a time axis.
enum TimeTicks {
    /// Minutes of the steps tried, from one minute to four weeks.
    private static let stepMinutes: [Int64] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10_080, 40_320]

    /// Moments and their labels: clock times within a day or two, dates beyond.
    static func ticks(from start: Timestamp, to end: Timestamp, atMost count: Int) -> [(Timestamp, String)] {
        let span = end.milliseconds - start.milliseconds
        guard span > 0 else { return [(start, TimeText(start).hourMinute)] }
        let limit = Int64(max(1, count))
        let step = (stepMinutes.first { span / ($0 * 60_000) < limit } ?? span / 60_000 / limit + 1) * 60_000
        var moment = (start.milliseconds / step) * step
        if moment < start.milliseconds { moment += step }
        var result: [(Timestamp, String)] = []
        while moment <= end.milliseconds, result.count <= count {
            let time = Timestamp(milliseconds: moment)
            result.append((time, step >= 86_400_000 ? TimeText(time).dayMonth : TimeText(time).hourMinute))
            moment += step
        }
        return result
    }
}
