internal import Domain

/// Outcomes of one version and role in one row of the table, since a row each would cost more than the predictions do.
///
/// The body is a byte for its form (1) and then, for each outcome: its id, its row, the milliseconds since the block's first, what was
/// predicted, and a byte that is 1 if eight bytes of a score follow. Integers are LEB128; a text is its length in bytes and its UTF-8.
struct OutcomeBlock {
    /// Outcomes of one block: with ids of some fifty characters, 64 KiB.
    static let rowsMax = 1_024
    /// From the first to the last: no block is looked through for an id that is not of its time.
    static let millisecondsMax: Int64 = 2_000
    private static let form: UInt8 = 1

    let endpoint: String
    let version: Int
    let role: Variant.Role
    let first: Timestamp
    let last: Timestamp
    let rowCount: Int
    let body: [UInt8]

    /// What the outcomes of one block have in common.
    private struct Group: Hashable {
        let endpoint: String
        let version: Int
        let role: Variant.Role
    }

    /// Those outcomes that have no business key, in as few blocks as hold them.
    static func blocks(of outcomes: [PredictionOutcome]) -> [OutcomeBlock] {
        var members: [Group: [Int]] = [:]
        for (index, outcome) in outcomes.enumerated() where outcome.businessKey == nil {
            let group = Group(endpoint: outcome.endpoint, version: outcome.version, role: outcome.role)
            members[group, default: []].append(index)
        }
        var blocks: [OutcomeBlock] = []
        for (group, members) in members {
            let places = members.map { (time: outcomes[$0].time.milliseconds, index: $0) }.sorted { $0.time < $1.time }
            var start = 0
            while start < places.count {
                var end = start + 1
                while end < places.count, end - start < rowsMax,
                    places[end].time - places[start].time <= millisecondsMax
                { end += 1 }
                blocks.append(OutcomeBlock(group, places[start..<end].map(\.index), of: outcomes))
                start = end
            }
        }
        return blocks
    }

    /// - Parameter indices: of the block's outcomes, by their time; one at least.
    private init(_ group: Group, _ indices: [Int], of outcomes: [PredictionOutcome]) {
        endpoint = group.endpoint
        version = group.version
        role = group.role
        first = outcomes[indices[0]].time
        last = outcomes[indices[indices.count - 1]].time
        rowCount = indices.count
        var body: [UInt8] = [Self.form]
        body.reserveCapacity(1 + 80 * indices.count)
        for index in indices {
            Self.append(outcomes[index].predictionID.rawValue, to: &body)
            Self.append(UInt64(outcomes[index].row), to: &body)
            Self.append(UInt64(outcomes[index].time.milliseconds - first.milliseconds), to: &body)
            Self.append(outcomes[index].predicted, to: &body)
            let score = outcomes[index].score
            body.append(score == nil ? 0 : 1)
            if let score { withUnsafeBytes(of: score.bitPattern.littleEndian) { body.append(contentsOf: $0) } }
        }
        self.body = body
    }

    /// A block as it was stored.
    init(
        endpoint: String, version: Int, role: Variant.Role, first: Timestamp, last: Timestamp, rowCount: Int,
        body: [UInt8]
    ) {
        self.endpoint = endpoint
        self.version = version
        self.role = role
        self.first = first
        self.last = last
        self.rowCount = rowCount
        self.body = body
    }

    /// Its outcomes of those predictions.
    ///
    /// - Throws: `decoding` if the body is not one.
    func outcomes(of ids: Set<PredictionID>) throws -> [PredictionOutcome] {
        var rest = body[...]
        guard rest.popFirst() == Self.form else { throw Self.broken }
        var found: [PredictionOutcome] = []
        for _ in 0..<rowCount {
            let id = PredictionID(rawValue: try Self.takeText(&rest))
            let row = try Self.takeInteger(&rest)
            let after = try Self.takeInteger(&rest)
            let predicted = try Self.takeText(&rest)
            guard let hasScore = rest.popFirst(), rest.count >= (hasScore == 0 ? 0 : 8) else { throw Self.broken }
            var score: Double?
            if hasScore != 0 {
                let bits = rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                score = Double(bitPattern: bits)
                rest = rest.dropFirst(8)
            }
            guard ids.contains(id) else { continue }
            found.append(
                PredictionOutcome(
                    predictionID: id, row: row, endpoint: endpoint, version: version, role: role,
                    time: Timestamp(milliseconds: first.milliseconds + Int64(after)), predicted: predicted,
                    score: score, businessKey: nil))
        }
        return found
    }

    private static let broken = StorageError(.decoding, "A block of outcomes is not as it was written.")

    private static func append(_ text: String, to body: inout [UInt8]) {
        append(UInt64(text.utf8.count), to: &body)
        body.append(contentsOf: text.utf8)
    }

    private static func append(_ value: UInt64, to body: inout [UInt8]) {
        var value = value
        while value >= 0x80 {
            body.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        body.append(UInt8(value))
    }

    private static func takeInteger(_ rest: inout ArraySlice<UInt8>) throws -> Int {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 63, by: 7) {
            guard let byte = rest.popFirst() else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return Int(value) }
        }
        throw broken
    }

    private static func takeText(_ rest: inout ArraySlice<UInt8>) throws -> String {
        let count = try takeInteger(&rest)
        guard count <= rest.count else { throw broken }
        defer { rest = rest.dropFirst(count) }
        return String(decoding: rest.prefix(count), as: UTF8.self)
    }
}
