public import Domain

/// The body of `POST /api/v1/feedback`: one entry, a list of them, or `{"items": [...]}`.
public struct FeedbackDocument: Sendable {
    /// What was learned about one row, before its prediction is looked up.
    public struct Entry: Sendable, Hashable {
        public var predictionID: PredictionID?
        public var businessKey: String?
        /// Needed with a business key alone.
        public var endpoint: String?
        public var row: Int
        public var label: String?
        public var override: String?
        public var kpis: [String: Double]
    }

    /// Entries in one request: one transaction that is still short.
    public static let entriesMax = 1_000
    /// Of labels, overrides, keys, endpoint names and names of business figures.
    static let textBytesMax = 1_024
    /// As inference accepts it.
    static let businessKeyBytesMax = 256
    static let kpisMax = 32
    static let rowMax = 10_000_000

    private static let keys: Set<String> = [
        "prediction_id", "business_key", "endpoint", "row", "label", "override", "kpis",
    ]

    public let entries: [Entry]

    /// - Throws: `invalidArgument`, naming the entry and field, or `payloadTooLarge` for too many entries.
    public init(_ body: JSONValue) throws(MartletError) {
        let items: [JSONValue]
        if let list = body.arrayValue ?? body["items"]?.arrayValue { items = list } else { items = [body] }
        guard items.count <= Self.entriesMax else {
            throw MartletError(
                .payloadTooLarge, "At most \(Self.entriesMax) entries are taken at once; these are \(items.count).")
        }
        guard !items.isEmpty else { throw MartletError.invalid("The list of feedback is empty.") }
        var entries: [Entry] = []
        for (index, item) in items.enumerated() { entries.append(try Self.entry(item, index)) }
        self.entries = entries
    }

    private static func entry(_ item: JSONValue, _ index: Int) throws(MartletError) -> Entry {
        guard let members = item.objectValue else {
            throw MartletError.invalid("Entry \(index) is not an object.", field: "[\(index)]")
        }
        if let unknown = members.keys.filter({ !keys.contains($0) }).min() {
            throw MartletError.invalid(
                "Entry \(index) has the unknown field \(unknown.prefix(100)); allowed are "
                    + keys.sorted().joined(separator: ", ") + ".", field: "[\(index)].\(unknown.prefix(100))")
        }
        let entry = Entry(
            predictionID: try text(members, "prediction_id", index).map(PredictionID.init(rawValue:)),
            businessKey: try text(members, "business_key", index, bytesMax: businessKeyBytesMax),
            endpoint: try text(members, "endpoint", index), row: try row(members, index),
            label: try scalar(members, "label", index), override: try scalar(members, "override", index),
            kpis: try kpis(members, index))
        if entry.predictionID == nil, entry.businessKey == nil || entry.endpoint == nil {
            throw MartletError.invalid(
                "Entry \(index) names no prediction: give prediction_id, or business_key and endpoint.",
                field: "[\(index)].prediction_id")
        }
        if entry.label == nil, entry.override == nil, entry.kpis.isEmpty {
            throw MartletError.invalid(
                "Entry \(index) says nothing: give label, override or kpis.", field: "[\(index)]")
        }
        return entry
    }

    private static func text(
        _ members: [String: JSONValue], _ name: String, _ index: Int, bytesMax: Int = textBytesMax
    ) throws(MartletError) -> String? {
        guard let value = members[name], value != .null else { return nil }
        // No database takes a NUL in text: refused here, where the field is known.
        guard let text = value.stringValue, !text.isEmpty, text.utf8.count <= bytesMax, !text.utf8.contains(0) else {
            throw MartletError.invalid(
                "\(name) of entry \(index) must be a text of 1 to \(bytesMax) bytes without NUL.",
                field: "[\(index)].\(name)")
        }
        return text
    }

    /// A class or number, however it is written.
    private static func scalar(
        _ members: [String: JSONValue], _ name: String, _ index: Int
    ) throws(MartletError) -> String? {
        switch members[name] {
        case nil, .null: return nil
        case .int(let number): return String(number)
        case .double(let number): return "\(number)"
        case .bool(let flag): return flag ? "1" : "0"
        case .string: return try text(members, name, index)
        default:
            throw MartletError.invalid(
                "\(name) of entry \(index) must be a text, a number or a truth value.", field: "[\(index)].\(name)")
        }
    }

    private static func row(_ members: [String: JSONValue], _ index: Int) throws(MartletError) -> Int {
        guard let value = members["row"], value != .null else { return 0 }
        guard let row = value.intValue, (0...Int64(rowMax)).contains(row) else {
            throw MartletError.invalid(
                "row of entry \(index) must be a whole number from 0 to \(rowMax).", field: "[\(index)].row")
        }
        return Int(row)
    }

    private static func kpis(_ members: [String: JSONValue], _ index: Int) throws(MartletError) -> [String: Double] {
        guard let value = members["kpis"], value != .null else { return [:] }
        guard let named = value.objectValue, named.count <= kpisMax else {
            throw MartletError.invalid(
                "kpis of entry \(index) must be an object of at most \(kpisMax) numbers.", field: "[\(index)].kpis")
        }
        var kpis: [String: Double] = [:]
        for (name, value) in named {
            guard let number = value.doubleValue, number.isFinite, !name.isEmpty, name.utf8.count <= textBytesMax,
                !name.utf8.contains(0)
            else {
                throw MartletError.invalid(
                    "kpis of entry \(index) must have a name and a finite number each.", field: "[\(index)].kpis")
            }
            kpis[name] = number
        }
        return kpis
    }
}
