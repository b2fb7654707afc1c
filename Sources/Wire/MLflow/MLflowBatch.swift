public import Domain

/// The body of `runs/log-batch`, read in one pass without a tree: a training loop sends thousands of values a second.
///
/// Reads what clients send: numbers as numbers, each member once, only members that are known. Any other body, right or wrong, is left to
/// `MLflowRequest`, which takes all that MLflow takes and names what is wrong.
public struct MLflowBatch: Sendable {
    public private(set) var runID = ""
    public private(set) var metrics: [MetricPoint] = []
    public private(set) var params: [(key: String, value: String)] = []
    public private(set) var tags: [(key: String, value: String)] = []

    /// - Returns: nil for a body that is left to `MLflowRequest`.
    public init?(_ body: [UInt8]) {
        var reader = JSONReader(body)
        do { guard try read(&reader) else { return nil } } catch { return nil }
    }

    private mutating func read(_ reader: inout JSONReader) throws(MartletError) -> Bool {
        var seen = Members()
        let isKnown = try Self.object(&reader) { reader, name throws(MartletError) in
            switch name {
            case "run_id" where seen.insert(.runID):
                runID = try reader.readString()
                return !runID.isEmpty
            case "metrics" where seen.insert(.metrics):
                return try Self.list(&reader, &metrics, most: TrackingLimits.batchMetricsMax, Self.metric)
            case "params" where seen.insert(.params):
                return try Self.list(&reader, &params, most: TrackingLimits.batchParamsMax, Self.pair)
            case "tags" where seen.insert(.tags):
                return try Self.list(&reader, &tags, most: TrackingLimits.batchTagsMax, Self.pair)
            default: return false
            }
        }
        guard isKnown, seen.contains(.runID),
            metrics.count + params.count + tags.count <= TrackingLimits.batchMetricsMax
        else { return false }
        try reader.expectEnd()
        return true
    }

    private static func metric(_ reader: inout JSONReader) throws(MartletError) -> MetricPoint? {
        var point = MetricPoint(key: "", value: 0, timestamp: Timestamp(milliseconds: 0), step: 0)
        var seen = Members()
        let isKnown = try object(&reader) { reader, name throws(MartletError) in
            switch name {
            case "key" where seen.insert(.key): point.key = try reader.readString()
            case "value" where seen.insert(.value):
                guard isNumber(reader.peek()) else { return false }
                point.value = reader.double(try reader.readNumber())
                return point.value.isFinite
            case "timestamp" where seen.insert(.timestamp):
                guard let integer = try integer(&reader) else { return false }
                point.timestamp = Timestamp(milliseconds: integer)
            case "step" where seen.insert(.step):
                guard let integer = try integer(&reader) else { return false }
                point.step = integer
            default: return false
            }
            return true
        }
        guard isKnown, seen.isSuperset(of: [.key, .value, .timestamp]), !point.key.isEmpty else { return nil }
        return point
    }

    private static func pair(_ reader: inout JSONReader) throws(MartletError) -> (key: String, value: String)? {
        var pair = (key: "", value: "")
        var seen = Members()
        let isKnown = try object(&reader) { reader, name throws(MartletError) in
            switch name {
            case "key" where seen.insert(.key): pair.key = try reader.readString()
            case "value" where seen.insert(.value): pair.value = try reader.readString()
            default: return false
            }
            return true
        }
        return isKnown && !pair.key.isEmpty ? pair : nil
    }

    // MARK: JSON

    private struct Members: OptionSet {
        var rawValue = 0
        static let runID = Self(rawValue: 1)
        static let metrics = Self(rawValue: 2)
        static let params = Self(rawValue: 4)
        static let tags = Self(rawValue: 8)
        static let key = Self(rawValue: 16)
        static let value = Self(rawValue: 32)
        static let timestamp = Self(rawValue: 64)
        static let step = Self(rawValue: 128)

        /// Whether it is the first.
        mutating func insert(_ member: Self) -> Bool {
            guard !contains(member) else { return false }
            rawValue |= member.rawValue
            return true
        }
    }

    /// - Returns: false as soon as `member` says that it does not know one.
    private static func object(
        _ reader: inout JSONReader, _ member: (inout JSONReader, MemberName) throws(MartletError) -> Bool
    ) throws(MartletError) -> Bool {
        guard reader.take(UInt8(ascii: "{")) else { return false }
        if reader.take(UInt8(ascii: "}")) { return true }
        repeat {
            guard reader.peek() == UInt8(ascii: "\"") else { return false }
            let name = MemberName(bytes: reader.bytes, from: reader.index + 1)
            reader.advance(by: name.length + 2)
            guard name.isWhole, reader.take(UInt8(ascii: ":")), try member(&reader, name) else { return false }
        } while reader.take(UInt8(ascii: ","))
        return reader.take(UInt8(ascii: "}"))
    }

    private static func list<Element>(
        _ reader: inout JSONReader, _ elements: inout [Element], most: Int,
        _ element: (inout JSONReader) throws(MartletError) -> Element?
    ) throws(MartletError) -> Bool {
        guard reader.take(UInt8(ascii: "[")) else { return false }
        if reader.take(UInt8(ascii: "]")) { return true }
        repeat {
            guard elements.count < most, let next = try element(&reader) else { return false }
            elements.append(next)
        } while reader.take(UInt8(ascii: ","))
        return reader.take(UInt8(ascii: "]"))
    }

    private static func integer(_ reader: inout JSONReader) throws(MartletError) -> Int64? {
        guard isNumber(reader.peek()) else { return nil }
        let number = try reader.readNumber()
        guard number.isInteger, !number.isTruncated, number.mantissa <= UInt64(Int64.max) else { return nil }
        return number.isNegative ? -Int64(number.mantissa) : Int64(number.mantissa)
    }

    private static func isNumber(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// A member's name where it stands, compared with the names that are known.
private struct MemberName {
    let bytes: [UInt8]
    let start: Int
    let length: Int
    /// Whether it ends with a quotation mark and has no escape.
    let isWhole: Bool

    init(bytes: [UInt8], from start: Int) {
        self.bytes = bytes
        self.start = start
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\""), bytes[end] != UInt8(ascii: "\\") { end += 1 }
        length = end - start
        isWhole = end < bytes.count && bytes[end] == UInt8(ascii: "\"")
    }

    static func ~= (name: StaticString, value: MemberName) -> Bool {
        guard name.utf8CodeUnitCount == value.length else { return false }
        return name.withUTF8Buffer { text in
            (0..<value.length).allSatisfy { text[$0] == value.bytes[value.start + $0] }
        }
    }
}
