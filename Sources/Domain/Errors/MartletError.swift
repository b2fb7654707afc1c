/// What went wrong, as a stable code, a sentence that names the rule broken, and the cause.
///
/// Protocol codecs turn the code into their own shape (MLflow `error_code`, Open Inference Protocol `{"error": …}`,
/// RFC 9457 elsewhere). Callers compare `code`, never `message`. Neither holds secrets or bound SQL values.
public struct MartletError: Error, Sendable {
    /// The kind of failure. Each maps to one HTTP status.
    public enum Code: String, Sendable, CaseIterable, Codable {
        /// 400: a value that breaks a documented rule.
        case invalidArgument = "INVALID_ARGUMENT"
        /// 401: no or unknown credentials.
        case unauthenticated = "UNAUTHENTICATED"
        /// 403: known, but not allowed.
        case permissionDenied = "PERMISSION_DENIED"
        /// 404: no such thing.
        case notFound = "NOT_FOUND"
        /// 409: the name is taken.
        case alreadyExists = "ALREADY_EXISTS"
        /// 409: legal in itself, but not in the present state.
        case failedPrecondition = "FAILED_PRECONDITION"
        /// 413: larger than a documented limit.
        case payloadTooLarge = "PAYLOAD_TOO_LARGE"
        /// 422: well-formed, but the policy's validation refuses its values.
        case unprocessable = "UNPROCESSABLE"
        /// 429: a bound on rate, queue or number is reached; try later.
        case resourceExhausted = "RESOURCE_EXHAUSTED"
        /// 500: a defect or a failed disk; nothing was changed.
        case `internal` = "INTERNAL"
        /// 501: not there.
        case unimplemented = "UNIMPLEMENTED"
        /// 503: for the moment; try again.
        case unavailable = "UNAVAILABLE"
        /// 504: a deadline passed.
        case deadlineExceeded = "DEADLINE_EXCEEDED"
    }

    public var code: Code
    public var message: String
    /// The request field, tensor or policy key at fault, where there is one.
    public var field: String?
    /// What was caught when this was made.
    public var cause: (any Error)?
    /// When it is worth trying again, for `resourceExhausted` and `unavailable`; nil is not known.
    public var retryAfter: Duration?

    public init(_ code: Code, _ message: String, field: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.field = field
        self.cause = cause
    }

    /// A value that breaks a rule: 400.
    public static func invalid(_ message: String, field: String? = nil) -> MartletError {
        MartletError(.invalidArgument, message, field: field)
    }

    /// No such thing: 404.
    public static func notFound(_ message: String) -> MartletError {
        MartletError(.notFound, message)
    }

    /// Legal, but not now: 409.
    public static func precondition(_ message: String) -> MartletError {
        MartletError(.failedPrecondition, message)
    }
}

extension MartletError: CustomStringConvertible {
    public var description: String {
        cause.map { "\(code.rawValue): \(message) (cause: \($0))" } ?? "\(code.rawValue): \(message)"
    }
}

extension MartletError.Code {
    /// The HTTP status that this code answers with.
    public var httpStatus: Int {
        switch self {
        case .invalidArgument: 400
        case .unauthenticated: 401
        case .permissionDenied: 403
        case .notFound: 404
        case .alreadyExists, .failedPrecondition: 409
        case .payloadTooLarge: 413
        case .unprocessable: 422
        case .resourceExhausted: 429
        case .internal: 500
        case .unimplemented: 501
        case .unavailable: 503
        case .deadlineExceeded: 504
        }
    }
}
