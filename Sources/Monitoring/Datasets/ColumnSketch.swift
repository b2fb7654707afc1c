internal import Domain
internal import Statistics

/// What is counted of one column in one pass, in bounded memory; sketches of parts add up to that of the whole.
struct ColumnSketch: Sendable, Hashable, Codable {
    /// Different values that are counted by name.
    static let categoriesMax = 200
    /// Longer values are counted under their beginning and a hash.
    static let categoryBytesMax = 200

    let name: String
    private(set) var missing = 0
    private(set) var integers = 0
    private(set) var numbers = 0
    private(set) var booleans = 0
    private(set) var timestamps = 0
    private(set) var texts = 0
    private(set) var nested = 0
    private var count = 0
    private var meanValue = 0.0
    private var squaredDeviations = 0.0
    /// Of numbers and timestamps.
    private(set) var quantiles = QuantileSketch()
    /// nil once there were more values than are counted by name, in a column of numbers: then they say nothing.
    private(set) var categories: CategoryCounter? = CategoryCounter(categoriesMax: categoriesMax)
    private var distinct = HyperLogLog()

    init(name: String, missing: Int = 0) {
        self.name = name
        self.missing = missing
    }

    var present: Int { integers + numbers + booleans + timestamps + texts + nested }
    var moments: Moments {
        Moments(
            count: count, mean: meanValue, squaredDeviations: squaredDeviations, minimum: quantiles.minimum,
            maximum: quantiles.maximum)
    }

    // MARK: counting

    mutating func insertMissing(_ times: Int = 1) { missing += times }

    /// A value as text, without the spaces around it.
    mutating func insert(_ cell: ArraySlice<UInt8>) {
        switch CellKind(cell) {
        case .missing:
            missing += 1
            return
        case .integer(let value):
            integers += 1
            insert(number: value)
        case .number(let value):
            numbers += 1
            insert(number: value)
        case .timestamp(let value):
            timestamps += 1
            insert(number: value)
        case .boolean: booleans += 1
        case .text: texts += 1
        }
        name(cell)
    }

    mutating func insert(_ value: JSONValue) {
        switch value {
        case .null: missing += 1
        case .bool(let flag):
            booleans += 1
            name(Array((flag ? "true" : "false").utf8)[...])
        case .int(let number):
            integers += 1
            insert(number: Double(number))
            name(Array(String(number).utf8)[...])
        case .double(let number) where number.isFinite:
            numbers += 1
            insert(number: number)
            name(Array(number.description.utf8)[...])
        case .double: missing += 1
        case .string(let text): insert(string: text)
        case .array, .object:
            nested += 1
            name(Array(value.canonicalText.utf8)[...])
        }
    }

    /// A string of JSON is no number, whatever it looks like; it may be a moment.
    private mutating func insert(string: String) {
        let bytes = Array(string.utf8)[...]
        if case .timestamp(let value) = CellKind(bytes) {
            timestamps += 1
            insert(number: value)
        } else if bytes.isEmpty {
            missing += 1
            return
        } else {
            texts += 1
        }
        name(bytes)
    }

    private mutating func insert(number: Double) {
        var moments = moments
        moments.insert(number)
        count = moments.count
        meanValue = moments.mean
        squaredDeviations = moments.squaredDeviations
        quantiles.insert(number)
    }

    private mutating func name(_ bytes: ArraySlice<UInt8>) {
        distinct.insert(bytes)
        guard categories != nil else { return }
        categories?.insert(Self.category(bytes))
        dropUselessCategories()
    }

    private static func category(_ bytes: ArraySlice<UInt8>) -> String {
        guard bytes.count > categoryBytesMax else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: bytes.prefix(categoryBytesMax), as: UTF8.self) + "… #"
            + String(HyperLogLog.hash(bytes), radix: 16)
    }

    private mutating func dropUselessCategories() {
        if let other = categories?.other, other > Self.categoriesMax, texts + booleans + nested == 0 {
            categories = nil
        }
    }

    /// Adds what the other one counted.
    mutating func merge(_ other: ColumnSketch) {
        missing += other.missing
        integers += other.integers
        numbers += other.numbers
        booleans += other.booleans
        timestamps += other.timestamps
        texts += other.texts
        nested += other.nested
        var moments = moments
        moments.merge(other.moments)
        count = moments.count
        meanValue = moments.mean
        squaredDeviations = moments.squaredDeviations
        quantiles.merge(other.quantiles)
        distinct.merge(other.distinct)
        if let more = other.categories {
            categories?.merge(more)
            dropUselessCategories()
        } else {
            categories = nil
        }
    }

    // MARK: reading

    /// Whether the number of different values is known exactly.
    var isDistinctExact: Bool { categories.map { $0.other == 0 } ?? false }
    var distinctCount: Int {
        if let categories, categories.other == 0 { return categories.counts.count }
        return min(distinct.estimate, present)
    }

    /// Few different values that come again: of 20 or fewer any, of more only where each comes twice on average.
    private var isCategorical: Bool {
        guard isDistinctExact else { return false }
        return distinctCount <= 20 || distinctCount * 2 <= present
    }

    /// 0…1; 0 without rows.
    var missingShare: Double { present + missing == 0 ? 0 : Double(missing) / Double(present + missing) }
    /// nil for values without an order.
    func mean(of kind: DatasetColumn.Kind) -> Double? { kind.isOrdered ? meanValue : nil }

    var kind: DatasetColumn.Kind {
        if present == 0 { return .empty }
        if integers + numbers == present { return numbers == 0 ? .integer : .number }
        if timestamps == present { return .timestamp }
        if booleans == present { return .boolean }
        if nested == present { return .nested }
        return isCategorical ? .categorical : .text
    }
}
