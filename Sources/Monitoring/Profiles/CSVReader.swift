import Domain

/// Reads comma-separated values (RFC 4180) row by row out of bytes: quoted fields, doubled quotes, line feeds inside quotes,
/// CRLF or LF, an optional byte-order mark. Blank lines are skipped.
struct CSVReader: Sequence {
    /// More columns than any table that a person looks at.
    static let columnsMax = 4_096
    /// A longer field is free text or a mistake.
    static let fieldBytesMax = 1 << 20

    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func makeIterator() -> Iterator { Iterator(bytes) }

    struct Iterator: IteratorProtocol {
        private let bytes: [UInt8]
        private var position: Int
        /// What ended the reading early; nil while all is well.
        private(set) var failure: MartletError?

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            position = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        }

        /// The next row's fields; nil at the end, or after a failure (then `failure` says which).
        mutating func next() -> [String]? {
            guard failure == nil else { return nil }
            while position < bytes.count, bytes[position] == 0x0a || bytes[position] == 0x0d { position += 1 }
            guard position < bytes.count else { return nil }
            var fields: [String] = []
            while true {
                guard fields.count < CSVReader.columnsMax, let field = field() else {
                    failure = failure ?? .invalid("A row of the CSV has more than \(CSVReader.columnsMax) columns.")
                    return nil
                }
                fields.append(field)
                guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else { return fields }
                position += 1
            }
        }

        /// Leaves the position at the separator or line end after the field.
        private mutating func field() -> String? {
            let start = position
            if position < bytes.count, bytes[position] == UInt8(ascii: "\"") { return quotedField() }
            while position < bytes.count, bytes[position] != UInt8(ascii: ","), bytes[position] != 0x0a,
                bytes[position] != 0x0d
            { position += 1 }
            return checked(bytes[start..<position], at: start)
        }

        private mutating func quotedField() -> String? {
            let start = position
            var content: [UInt8] = []
            position += 1
            while position < bytes.count {
                let byte = bytes[position]
                position += 1
                if byte != UInt8(ascii: "\"") {
                    content.append(byte)
                } else if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                    content.append(byte)
                    position += 1
                } else {
                    // What follows a closing quote up to the separator is taken as it stands, as Python's reader does.
                    while position < bytes.count, bytes[position] != UInt8(ascii: ","), bytes[position] != 0x0a,
                        bytes[position] != 0x0d
                    {
                        content.append(bytes[position])
                        position += 1
                    }
                    return checked(content[...], at: start)
                }
            }
            failure = .invalid("A quoted field that begins at byte \(start) of the CSV has no end.")
            return nil
        }

        private mutating func checked(_ field: ArraySlice<UInt8>, at start: Int) -> String? {
            guard field.count <= CSVReader.fieldBytesMax else {
                failure = .invalid(
                    "The field at byte \(start) of the CSV is longer than \(CSVReader.fieldBytesMax) bytes.")
                return nil
            }
            return String(decoding: field, as: UTF8.self)
        }
    }
}
