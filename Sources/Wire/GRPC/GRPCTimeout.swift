/// The field `grpc-timeout`: one to eight digits and a unit.
public enum GRPCTimeout {
    /// - Returns: nil for what is no timeout.
    public static func nanoseconds(_ text: String) -> Int64? {
        let digits = text.utf8.dropLast()
        guard (1...8).contains(digits.count), let unit = text.utf8.last else { return nil }
        var count: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            count = count * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        switch unit {
        case UInt8(ascii: "n"): return count
        case UInt8(ascii: "u"): return count * 1_000
        case UInt8(ascii: "m"): return count * 1_000_000
        case UInt8(ascii: "S"): return count * 1_000_000_000
        case UInt8(ascii: "M"): return count * 60_000_000_000
        case UInt8(ascii: "H"):
            // 99,999,999 hours are more nanoseconds than an Int64 has.
            let (product, overflow) = count.multipliedReportingOverflow(by: 3_600_000_000_000)
            return overflow ? .max : product
        default: return nil
        }
    }
}
