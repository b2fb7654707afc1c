extension StorageError {
    /// Classifies by SQLSTATE (PostgreSQL's manual, appendix A).
    init(sqlState: String, message: String, sql: String?) {
        self.init(Self.kind(sqlState), Self.firstLine(message), sql: sql)
    }

    private static func kind(_ sqlState: String) -> Kind {
        switch sqlState {
        case "23505": .uniqueViolation
        case "22021", "22P05": .illegalText
        case "57014": .timeout
        case "25006": .unavailable  // a standby
        case "40001", "40P01", "55P03", "55006": .busy
        case "53100", "58030", "XX001", "XX002": .disk
        default:
            switch sqlState.prefix(2) {
            case "23": .constraintViolation
            case "54": .limit
            case "08", "53", "57": .unavailable
            default: sqlState == "25P03" ? .unavailable : .other
            }
        }
    }

    /// DETAIL lines quote values; only the first line does not.
    private static func firstLine(_ message: String) -> String {
        String(message.split(whereSeparator: \.isNewline).first ?? "PostgreSQL gave no reason.")
    }

    /// Nothing of the transaction is there: it was not committed.
    static func lost(_ reason: String) -> StorageError {
        StorageError(.unavailable, "The connection to PostgreSQL was lost: \(firstLine(reason))")
    }
}
