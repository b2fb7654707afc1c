internal import CPostgres
internal import Domain

/// Where a PostgreSQL database is and how to log in, as libpq takes it: a URL or `keyword=value` pairs. What it leaves open comes
/// from libpq's own environment variables and password file (`PGPASSFILE`).
public struct PostgreSQLAddress: Sendable, CustomStringConvertible, CustomReflectable {
    /// Keyword and value, in order.
    let parameters: [(keyword: String, value: String)]

    /// - Throws: `invalidArgument` if the text cannot be understood, never quoting it: it may hold a password;
    ///   `failedPrecondition` if libpq is not there.
    public init(_ text: String) throws {
        let pq = try LibPQ.shared().functions
        var message: UnsafeMutablePointer<CChar>?
        let options = pq.PQconninfoParse(text, &message)
        if let message { pq.PQfreemem(message) }
        guard let options else {
            throw MartletError.invalid(
                "The database's address cannot be understood. It has the form postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full, with %XX for special characters.",
                field: "database-url")
        }
        defer { pq.PQconninfoFree(options) }
        var parameters: [(String, String)] = []
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                parameters.append((String(cString: keyword), String(cString: value)))
            }
            option += 1
        }
        self.parameters = parameters
    }

    /// Without user and password, for messages.
    public var description: String {
        let host = value("host") ?? value("hostaddr") ?? "local socket"
        return "\(host)\(value("port").map { ":\($0)" } ?? "")/\(value("dbname") ?? value("user") ?? "")"
    }

    public var customMirror: Mirror { Mirror(self, children: ["address": description]) }

    func value(_ keyword: String) -> String? { parameters.first { $0.keyword == keyword }?.value }
}
