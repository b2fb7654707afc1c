/// One row of a result. Columns are read by name; a missing column or an unexpected type is a defect and throws.
public struct SQLRow: Sendable {
    let columns: [String]
    let values: [SQLValue]

    /// - Throws: `StorageError` of kind `.decoding` if there is no such column.
    public func value(_ column: String) throws(StorageError) -> SQLValue {
        guard let index = columns.firstIndex(of: column) else {
            throw StorageError(.decoding, "The result has no column \(column).")
        }
        return values[index]
    }

    public func text(_ column: String) throws(StorageError) -> String {
        guard let text = try optionalText(column) else { throw mistyped(column, "text") }
        return text
    }

    public func optionalText(_ column: String) throws(StorageError) -> String? {
        switch try value(column) {
        case .text(let text): return text
        case .null: return nil
        default: throw mistyped(column, "text")
        }
    }

    public func integer(_ column: String) throws(StorageError) -> Int64 {
        guard let integer = try optionalInteger(column) else { throw mistyped(column, "integer") }
        return integer
    }

    public func optionalInteger(_ column: String) throws(StorageError) -> Int64? {
        switch try value(column) {
        case .integer(let integer): return integer
        case .null: return nil
        default: throw mistyped(column, "integer")
        }
    }

    public func int(_ column: String) throws(StorageError) -> Int { Int(try integer(column)) }

    public func bool(_ column: String) throws(StorageError) -> Bool { try integer(column) != 0 }

    public func real(_ column: String) throws(StorageError) -> Double {
        guard let real = try optionalReal(column) else { throw mistyped(column, "real") }
        return real
    }

    public func optionalReal(_ column: String) throws(StorageError) -> Double? {
        switch try value(column) {
        case .real(let real): return real
        case .integer(let integer): return Double(integer)
        case .null: return nil
        default: throw mistyped(column, "real")
        }
    }

    public func blob(_ column: String) throws(StorageError) -> [UInt8] {
        guard case .blob(let bytes) = try value(column) else { throw mistyped(column, "blob") }
        return bytes
    }

    private func mistyped(_ column: String, _ expected: String) -> StorageError {
        StorageError(.decoding, "The column \(column) does not hold a value of type \(expected).")
    }
}
