extension Timestamp {
    /// ISO 8601 in UTC to the second, for example `2026-11-20T14:03:22Z`.
    public var iso8601: String {
        let civil = CivilTime(self)
        return "\(Self.padded(civil.year, 4))-\(Self.padded(Int64(civil.month), 2))-\(Self.padded(Int64(civil.day), 2))"
            + "T\(Self.clock(civil))Z"
    }

    /// As `iso8601`, to the millisecond: `2026-11-20T14:03:22.125Z`.
    public var iso8601Milliseconds: String {
        String(iso8601.dropLast()) + "." + Self.padded(Int64(CivilTime(self).millisecond), 3) + "Z"
    }

    /// Reads `2026-11-20`, `2026-11-20T14:03`, `2026-11-20 14:03:22.125`, each of the latter two with or without `Z`, `+02:00` or
    /// `+0200`; without an offset it is taken for UTC. Digits beyond the millisecond are dropped.
    ///
    /// - Returns: nil for any other text, and for a date or time that does not exist.
    public init?(iso8601 text: some Sequence<UInt8>) {
        var reader = ISO8601Reader(Array(text))
        guard let milliseconds = reader.read() else { return nil }
        self.init(milliseconds: milliseconds)
    }

    private static func clock(_ civil: CivilTime) -> String {
        [civil.secondOfDay / 3600, civil.secondOfDay / 60 % 60, civil.secondOfDay % 60]
            .map { padded(Int64($0), 2) }.joined(separator: ":")
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// A cursor over the bytes of a date.
private struct ISO8601Reader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func read() -> Int64? {
        guard let year = digits(4), take("-"), let month = digits(2), take("-"), let day = digits(2),
            (1...12).contains(month), day >= 1, day <= Self.days(in: month, year)
        else { return nil }
        let date = CivilTime.days(year: Int64(year), month: month, day: day) * 86_400_000
        if position == bytes.count { return date }
        guard take("T") || take(" ") || take("t"), let time = clock(), let offset = offset(), position == bytes.count
        else { return nil }
        return date + time - offset
    }

    /// Milliseconds of the day.
    private mutating func clock() -> Int64? {
        guard let hour = digits(2), hour < 24, take(":"), let minute = digits(2), minute < 60 else { return nil }
        var milliseconds = Int64(hour * 3600 + minute * 60) * 1000
        guard take(":") else { return milliseconds }
        guard let second = digits(2), second < 60 else { return nil }
        milliseconds += Int64(second) * 1000
        guard take(".") || take(",") else { return milliseconds }
        var scale: Int64 = 100
        let start = position
        while position < bytes.count, (48...57).contains(bytes[position]) {
            milliseconds += Int64(bytes[position] - 48) * scale
            scale /= 10
            position += 1
        }
        return position > start ? milliseconds : nil
    }

    /// Milliseconds that the clock is ahead of UTC.
    private mutating func offset() -> Int64? {
        if position == bytes.count || take("Z") || take("z") { return 0 }
        let isAhead = take("+")
        guard isAhead || take("-"), let hours = digits(2), hours < 24 else { return nil }
        _ = take(":")
        let minutes = position == bytes.count ? 0 : digits(2)
        guard let minutes, minutes < 60 else { return nil }
        return Int64(hours * 3600 + minutes * 60) * (isAhead ? 1000 : -1000)
    }

    private mutating func digits(_ count: Int) -> Int? {
        guard position + count <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + count] {
            guard (48...57).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        position += count
        return value
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    private static func days(in month: Int, _ year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        default: 31
        }
    }
}
