/// A statement prepared on one PostgreSQL connection, with the types of its parameters.
final class PostgreSQLStatement: CachedStatement {
    /// On the server.
    let name: String
    let sql: String
    /// A parameter's type by its place; 0 leaves it to the server, which a value that was NULL so far does.
    let types: [UInt32]
    /// Whether the server has said that it is prepared, or is about to.
    var isSent = false
    var lastUse: UInt64 = 0

    init(name: String, sql: String, types: [UInt32]) {
        self.name = name
        self.sql = sql
        self.types = types
    }

    /// Whether the values can be bound as they are. NULL fits every type.
    func fits(_ values: [SQLValue]) -> Bool {
        values.count == types.count && zip(values, types).allSatisfy { $0 == .null || $0.postgreSQLType == $1 }
    }

    /// The types for the values: of a NULL that of `other`, if it knows one.
    static func types(_ values: [SQLValue], after other: PostgreSQLStatement?) -> [UInt32] {
        values.enumerated().map { index, value in
            if value != .null { return value.postgreSQLType }
            guard let other, index < other.types.count else { return 0 }
            return other.types[index]
        }
    }
}

/// Object ids of PostgreSQL's built-in types (its catalogue pg_type).
enum PostgreSQLType {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let numeric: UInt32 = 1_700
}

extension SQLValue {
    /// Nothing is known of NULL. A NaN is NULL, as in SQLite.
    var postgreSQLType: UInt32 {
        switch self {
        case .null: 0
        case .integer: PostgreSQLType.int8
        case .real: PostgreSQLType.float8
        case .text: PostgreSQLType.text
        case .blob: PostgreSQLType.bytea
        }
    }
}
