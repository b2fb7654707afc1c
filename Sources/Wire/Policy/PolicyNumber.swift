internal import FoundationEssentials

/// Numbers of `martlet.yaml` with their units, both ways.
enum PolicyNumber {
    static let secondsPerUnit: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]
    static let bytesPerUnit: [(String, Int)] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)]

    /// A finite number; nil for anything else (so also for `inf` and hexadecimal, which Swift alone would take).
    static func parse(_ text: some StringProtocol) -> Double? {
        guard !text.isEmpty, text.utf8.count <= 32,
            text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || "+-.eE".utf8.contains($0) }),
            let value = Double(text), value.isFinite
        else { return nil }
        return value
    }

    static func share(_ text: String) -> Double? {
        text.hasSuffix("%") ? parse(text.dropLast()).map { $0 / 100 } : parse(text)
    }

    /// A percentage to a hundredth, the finest weight that an endpoint knows.
    static func percent(_ text: String) -> Double? {
        let percent = text.hasSuffix("%") ? parse(text.dropLast()) : parse(text).map { $0 * 100 }
        return percent.map { ($0 * 100).rounded() / 100 }
    }

    static func seconds(_ text: String) -> Double? {
        let digits = text.prefix { !$0.isLetter }
        let unit = text.dropFirst(digits.count)
        guard let factor = secondsPerUnit.first(where: { $0.0 == unit })?.1, let value = parse(digits) else {
            return nil
        }
        return factor == 0.001 ? value / 1000 : value * factor
    }

    static func bytes(_ text: String) -> Int? {
        guard let (unit, factor) = bytesPerUnit.first(where: { text.hasSuffix($0.0) }),
            let value = parse(text.dropLast(unit.count)), value >= 0, value * Double(factor) < Double(Int64.max / 2)
        else { return nil }
        return Int(value * Double(factor))
    }

    /// Without a fraction where there is none.
    static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    /// The largest unit that divides it.
    static func duration(_ seconds: Double) -> String {
        for (unit, factor) in secondsPerUnit.reversed() where factor >= 1 {
            let value = seconds / factor
            if value >= 1, value == value.rounded() { return text(value) + unit }
        }
        let milliseconds = seconds * 1000
        return milliseconds == milliseconds.rounded() ? text(milliseconds) + "ms" : text(seconds) + "s"
    }

    static func memory(_ bytes: Int) -> String {
        for (unit, factor) in bytesPerUnit.reversed() where bytes >= factor && bytes % factor == 0 {
            return "\(bytes / factor)\(unit)"
        }
        return "\(Double(bytes) / 1024)KiB"
    }
}
