import Domain

/// Moments as text, in UTC: pages are pure, and know no time zone of a reader.
struct TimeText {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private let year: Int64
    private let month: Int
    private let day: Int64
    private let secondOfDay: Int64

    init(_ time: Timestamp) {
        let civil = CivilTime(time)
        year = civil.year
        month = civil.month
        day = Int64(civil.day)
        secondOfDay = Int64(civil.secondOfDay)
    }

    /// `2026-11-20T14:03:22Z`
    var iso: String { "\(Self.padded(year, 4))-\(Self.padded(Int64(month)))-\(Self.padded(day))T\(clock)Z" }
    /// `2026-11-20 14:03:22`
    var full: String { "\(Self.padded(year, 4))-\(Self.padded(Int64(month)))-\(Self.padded(day)) \(clock)" }
    /// `14:03:22`
    var clock: String { hourMinute + ":" + Self.padded(secondOfDay % 60) }
    /// `14:03`
    var hourMinute: String { Self.padded(secondOfDay / 3600) + ":" + Self.padded(secondOfDay / 60 % 60) }
    /// `20 Nov`
    var dayMonth: String { "\(day) \(Self.months[month - 1])" }

    /// `just now`, `5 min ago`, `3 h ago`, `in 2 min`; beyond a month the date.
    static func relative(_ time: Timestamp, now: Timestamp) -> String {
        let seconds = now.seconds(since: time)
        let magnitude = seconds.magnitude
        let text: String
        switch magnitude {
        case ..<5: return "just now"
        case ..<60: text = "\(Int(magnitude)) s"
        case ..<3600: text = "\(Int(magnitude / 60)) min"
        case ..<86_400: text = "\(Int(magnitude / 3600)) h"
        case ..<(31 * 86_400): text = "\(Int(magnitude / 86_400)) d"
        default: return String(TimeText(time).full.prefix(10))
        }
        return seconds < 0 ? "in " + text : text + " ago"
    }

    /// A `time` element that reads relatively and tells the exact moment on hover and to machines.
    static func ago(_ moment: Timestamp, now: Timestamp) -> HTML {
        let text = TimeText(moment)
        return time(Attribute("datetime", text.iso), .title(text.full + " UTC")) { relative(moment, now: now) }
    }

    /// A `time` element with date and clock time.
    static func exact(_ moment: Timestamp) -> HTML {
        let text = TimeText(moment)
        return time(Attribute("datetime", text.iso), .class("exact")) { text.full }
    }

    private static func padded(_ value: Int64, _ width: Int = 2) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
