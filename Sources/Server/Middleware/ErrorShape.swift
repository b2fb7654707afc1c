internal import Domain
internal import HTTPTypes
internal import Hummingbird
internal import Wire

/// The error shape of each protocol, told by the path.
enum ErrorShape {
    case mlflow, openInference, problem

    init(path: String) {
        // MLflow's older pages ask with two slashes.
        let path = path.hasPrefix("//") ? String(path.dropFirst()) : path
        if Self.mlflowPrefixes.contains(where: path.hasPrefix) {
            self = .mlflow
        } else if path.hasPrefix("/v2") || path.hasPrefix("/v1/") {
            self = .openInference
        } else {
            self = .problem
        }
    }

    private static let mlflowPrefixes = [
        "/api/2.0/", "/ajax-api/", "/api/3.0/", "/get-artifact", "/model-versions/get-artifact", "/graphql",
    ]

    /// What an error becomes, however it is then sent.
    struct Answer {
        let error: MartletError
        let status: Int
        let contentType: String
        let body: [UInt8]

        /// Fields that go with it.
        private var fields: [(name: HTTPField.Name, value: String)] {
            var fields: [(name: HTTPField.Name, value: String)] = []
            if error.code == .unauthenticated {
                fields.append((.wwwAuthenticate, "Basic realm=\"martlet\", Bearer"))
            }
            if error.code == .resourceExhausted || error.code == .unavailable {
                fields.append((.retryAfter, String(retrySeconds)))
            }
            return fields
        }

        /// Whole seconds, as the field has them; 1 where nothing is known.
        private var retrySeconds: Int64 {
            guard let (seconds, attoseconds) = error.retryAfter?.components else { return 1 }
            return max(1, attoseconds > 0 ? seconds + 1 : seconds)
        }

        var response: Response {
            var response = JSONResponse.bytes(body, status: .init(code: status), contentType: contentType)
            for field in fields { response.headers[field.name] = field.value }
            return response
        }

        var frontAnswer: FrontAnswer {
            FrontAnswer(
                status: status, contentType: contentType, body: body,
                fields: fields.map { ($0.name.rawName, $0.value) })
        }
    }

    func answer(_ error: MartletError) -> Answer {
        var status = error.code.httpStatus
        let body: [String: JSONValue]
        var contentType = "application/json"
        switch self {
        case .mlflow:
            body = ["error_code": .string(Self.mlflowCode(error)), "message": .string(error.message)]
            if error.code == .alreadyExists { status = 400 }
        case .openInference:
            body = ["error": .string(error.message)]
            // Triton's clients know 400 for what is not possible now.
            if status == 409 { status = 400 }
        case .problem:
            contentType = "application/problem+json"
            var members: [String: JSONValue] = [
                "type": "about:blank", "title": .string(Self.title(error.code)), "status": .int(Int64(status)),
                "detail": .string(error.message), "code": .string(error.code.rawValue),
            ]
            if let field = error.field { members["field"] = .string(field) }
            body = members
        }
        return Answer(
            error: error, status: status, contentType: contentType, body: JSONPrinter.print(.object(body)))
    }

    /// RFC 9110's phrase of the status.
    private static func title(_ code: MartletError.Code) -> String {
        switch code {
        case .invalidArgument: "Bad Request"
        case .unauthenticated: "Unauthorized"
        case .permissionDenied: "Forbidden"
        case .notFound: "Not Found"
        case .alreadyExists, .failedPrecondition: "Conflict"
        case .payloadTooLarge: "Content Too Large"
        case .unprocessable: "Unprocessable Content"
        case .resourceExhausted: "Too Many Requests"
        case .internal: "Internal Server Error"
        case .unimplemented: "Not Implemented"
        case .unavailable: "Service Unavailable"
        case .deadlineExceeded: "Gateway Timeout"
        }
    }

    /// MLflow's names, by which its client chooses exceptions and retries.
    private static func mlflowCode(_ error: MartletError) -> String {
        switch error.code {
        // What the router says of a path that it does not know.
        case .notFound where error.cause is any HTTPResponseError: "ENDPOINT_NOT_FOUND"
        case .invalidArgument, .payloadTooLarge, .unprocessable: "INVALID_PARAMETER_VALUE"
        case .unauthenticated: "UNAUTHENTICATED"
        case .permissionDenied: "PERMISSION_DENIED"
        case .notFound: "RESOURCE_DOES_NOT_EXIST"
        case .alreadyExists: "RESOURCE_ALREADY_EXISTS"
        case .failedPrecondition: "RESOURCE_CONFLICT"
        case .resourceExhausted: "RESOURCE_EXHAUSTED"
        case .internal: "INTERNAL_ERROR"
        case .unimplemented: "NOT_IMPLEMENTED"
        case .unavailable: "TEMPORARILY_UNAVAILABLE"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        }
    }
}
