import Domain

/// Reads comma-separated values (RFC 4180) out of pieces of any size: quoted fields, doubled quotes, line feeds inside quotes,
/// CRLF or LF, an optional byte-order mark. Blank lines are skipped. Memory: one row.
struct CSVParser: Sendable {
    /// More columns than any table that a person looks at.
    static let columnsMax = 4_096
    /// A longer field is free text or a mistake.
    static let fieldBytesMax = 1 << 20

    private enum State {
        case rowStart, fieldStart, plain, quoted
        /// After a quote inside a quoted field: the field's end, or the first of two.
        case quoteInQuoted
    }

    /// The bytes of all fields of the row, one after the other.
    private(set) var bytes: [UInt8] = []
    /// Where each field ends in `bytes`.
    private(set) var ends: [Int] = []
    private var state = State.rowStart
    /// Bytes of the input before the present one.
    private var offset = 0
    private var fieldOffset = 0
    private var mark: [UInt8] = []
    private var isMarkDone = false

    /// Reads on from `position`, which moves with it.
    ///
    /// - Returns: true when a row is complete (`fieldCount`, `field`), false when the piece is used up.
    /// - Throws: `invalidArgument` for too many columns or too long a field.
    mutating func next(_ piece: [UInt8], from position: inout Int) throws(MartletError) -> Bool {
        if !isMarkDone { skipMark(piece, &position) }
        if state == .rowStart {
            bytes.removeAll(keepingCapacity: true)
            ends.removeAll(keepingCapacity: true)
        }
        while position < piece.count {
            let byte = piece[position]
            position += 1
            offset += 1
            if try take(byte) { return true }
        }
        return false
    }

    /// At the end of the input.
    ///
    /// - Returns: whether there is a last row that no line end closed.
    mutating func end() throws(MartletError) -> Bool {
        switch state {
        case .rowStart: return false
        case .quoted:
            throw .invalid("A quoted field that begins at byte \(fieldOffset) of the CSV has no end.")
        case .fieldStart, .plain, .quoteInQuoted:
            try endField()
            state = .rowStart
            return true
        }
    }

    var fieldCount: Int { ends.count }

    func field(_ index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// All fields of the row as text.
    var texts: [String] { ends.indices.map { String(decoding: field($0), as: UTF8.self) } }

    // MARK: one byte

    /// - Returns: whether it ended a row.
    private mutating func take(_ byte: UInt8) throws(MartletError) -> Bool {
        switch (state, byte) {
        case (.rowStart, 0x0a), (.rowStart, 0x0d): return false
        case (.rowStart, _):
            state = .fieldStart
            fieldOffset = offset - 1
            return try take(byte)
        case (.fieldStart, UInt8(ascii: "\"")): state = .quoted
        case (.quoted, UInt8(ascii: "\"")): state = .quoteInQuoted
        case (.quoted, _): try append(byte)
        case (.quoteInQuoted, UInt8(ascii: "\"")):
            state = .quoted
            try append(byte)
        case (_, UInt8(ascii: ",")):
            try endField()
            state = .fieldStart
            fieldOffset = offset
        case (_, 0x0a), (_, 0x0d):
            try endField()
            state = .rowStart
            return true
        default:
            // What follows a closing quote up to the separator is taken as it stands, as Python's reader does.
            state = .plain
            try append(byte)
        }
        return false
    }

    private mutating func append(_ byte: UInt8) throws(MartletError) {
        bytes.append(byte)
        guard bytes.count - (ends.last ?? 0) <= Self.fieldBytesMax else {
            throw .invalid("The field at byte \(fieldOffset) of the CSV is longer than \(Self.fieldBytesMax) bytes.")
        }
    }

    private mutating func endField() throws(MartletError) {
        ends.append(bytes.count)
        guard ends.count <= Self.columnsMax else {
            throw .invalid("A row of the CSV has more than \(Self.columnsMax) columns.")
        }
    }

    /// The byte-order mark may come in pieces too.
    private mutating func skipMark(_ piece: [UInt8], _ position: inout Int) {
        let whole: [UInt8] = [0xef, 0xbb, 0xbf]
        while position < piece.count, mark.count < 3, piece[position] == whole[mark.count] {
            mark.append(piece[position])
            position += 1
            offset += 1
        }
        guard mark.count == 3 || position < piece.count else { return }
        isMarkDone = true
        if mark.count < 3 {
            // It was none: its bytes belong to the first field. Half a mark is no legal UTF-8 and no separator.
            bytes += mark
            if !mark.isEmpty { state = .plain }
        }
    }
}
