internal import CPostgres

/// What the server answered to one statement, in binary form.
final class PostgreSQLResult {
    private let handle: OpaquePointer
    private let pq: MpqTable

    init(_ handle: OpaquePointer, _ pq: MpqTable) {
        self.handle = handle
        self.pq = pq
    }

    deinit { pq.PQclear(handle) }

    var status: Int32 { pq.PQresultStatus(handle) }

    /// Five characters; nil if the error did not come from the server.
    var sqlState: String? { pq.PQresultErrorField(handle, Int32(MPQ_DIAG_SQLSTATE)).map { String(cString: $0) } }

    var message: String { pq.PQresultErrorMessage(handle).map { String(cString: $0) } ?? "" }

    /// What the server did: COMMIT, or ROLLBACK where a transaction could not be committed, and so on.
    var command: String { pq.PQcmdStatus(handle).map { String(cString: $0) } ?? "" }

    /// Rows changed; 0 for a statement that changes none.
    var changed: Int { pq.PQcmdTuples(handle).flatMap { Int(String(cString: $0)) } ?? 0 }

    /// - Throws: `StorageError` for a type that no column of ours has.
    func rows(max: Int, sql: String) throws(StorageError) -> [SQLRow] {
        let count = min(Int(pq.PQntuples(handle)), max)
        let columnCount = Int(pq.PQnfields(handle))
        let columns = (0..<columnCount).map { pq.PQfname(handle, Int32($0)).map { String(cString: $0) } ?? "" }
        let types = (0..<columnCount).map { pq.PQftype(handle, Int32($0)) }
        var rows: [SQLRow] = []
        rows.reserveCapacity(count)
        for row in 0..<count {
            var values: [SQLValue] = []
            values.reserveCapacity(columnCount)
            for column in 0..<columnCount {
                guard let value = value(Int32(row), Int32(column), type: types[column]) else {
                    throw StorageError(
                        .decoding, "The column \(columns[column]) has the unexpected type \(types[column]).", sql: sql)
                }
                values.append(value)
            }
            rows.append(SQLRow(columns: columns, values: values))
        }
        return rows
    }

    private func value(_ row: Int32, _ column: Int32, type: UInt32) -> SQLValue? {
        if pq.PQgetisnull(handle, row, column) != 0 { return .null }
        guard let start = pq.PQgetvalue(handle, row, column) else { return nil }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(pq.PQgetlength(handle, row, column)))
        switch type {
        case PostgreSQLType.int8: return .integer(Int64(truncatingIfNeeded: Self.number(bytes)))
        case PostgreSQLType.int4:
            return .integer(Int64(Int32(bitPattern: UInt32(truncatingIfNeeded: Self.number(bytes)))))
        case PostgreSQLType.int2:
            return .integer(Int64(Int16(bitPattern: UInt16(truncatingIfNeeded: Self.number(bytes)))))
        case PostgreSQLType.bool: return .bool(bytes.first != 0)
        case PostgreSQLType.float8: return .real(Double(bitPattern: Self.number(bytes)))
        case PostgreSQLType.float4:
            return .real(Double(Float(bitPattern: UInt32(truncatingIfNeeded: Self.number(bytes)))))
        case PostgreSQLType.bytea: return .blob([UInt8](bytes))
        case PostgreSQLType.numeric: return Self.numeric(bytes)
        // Text, name, character varying, and what is of no type yet.
        case PostgreSQLType.text, 19, 1_042, 1_043, 705: return .text(String(decoding: bytes, as: UTF8.self))
        default: return nil
        }
    }

    private static func number(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A NUMERIC, which sums of BIGINT are: whole ones that fit become integers.
    ///
    /// Its form: digits to the base 10,000, each two bytes, after their count, the first one's weight, sign and scale.
    private static func numeric(_ bytes: UnsafeRawBufferPointer) -> SQLValue? {
        func short(_ index: Int) -> Int { Int(bytes[index * 2]) << 8 | Int(bytes[index * 2 + 1]) }
        guard bytes.count >= 8, bytes.count == 8 + short(0) * 2 else { return nil }
        let count = short(0)
        let weight = Int(Int16(truncatingIfNeeded: short(1)))
        let sign = short(2)
        let scale = short(3)
        switch sign {
        case 0, 0x4000: break
        case 0xD000: return .real(.infinity)
        case 0xF000: return .real(-.infinity)
        default: return .real(.nan)
        }
        var whole: Int64? = 0
        var real = 0.0
        for index in 0..<max(count, weight + 1) {
            let digit = index < count ? short(4 + index) : 0
            real += Double(digit) * Self.power(weight - index)
            guard index <= weight, let value = whole else { continue }
            let (product, overflowed) = value.multipliedReportingOverflow(by: 10_000)
            let (sum, overflowedToo) = product.addingReportingOverflow(Int64(digit))
            whole = overflowed || overflowedToo ? nil : sum
        }
        if scale == 0, let whole { return .integer(sign == 0 ? whole : -whole) }
        return .real(sign == 0 ? real : -real)
    }

    private static func power(_ exponent: Int) -> Double {
        var result = 1.0
        for _ in 0..<abs(exponent) { result *= 10_000 }
        return exponent < 0 ? 1 / result : result
    }
}
