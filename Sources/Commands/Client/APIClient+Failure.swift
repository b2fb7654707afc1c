internal import AsyncHTTPClient
internal import Domain
internal import Foundation

extension APIClient {
    /// The error that a refused request carries: RFC 9457 members where there are any, else the status.
    static func failure(status: Int, body: Data) -> MartletError {
        let problem = try? JSONDecoder().decode(JSONValue.self, from: body)
        let code = problem?["code"]?.stringValue.flatMap(MartletError.Code.init(rawValue:)) ?? code(status: status)
        let said = problem?["detail"]?.stringValue ?? problem?["message"]?.stringValue ?? problem?["error"]?.stringValue
        return MartletError(
            code, said ?? "The server answered with HTTP status \(status).", field: problem?["field"]?.stringValue)
    }

    static func unreachable(_ error: any Error, url: String) -> MartletError {
        if let error = error as? HTTPClientError, error == .deadlineExceeded || error == .readTimeout {
            return MartletError(
                .deadlineExceeded, "\(url) did not answer in time. --timeout sets how long to wait.", cause: error)
        }
        return MartletError(
            .unavailable,
            "\(url) cannot be reached. Is the server running? `martlet serve` starts one; --url names another.",
            cause: error)
    }

    private static func code(status: Int) -> MartletError.Code {
        switch status {
        case 401: .unauthenticated
        case 403: .permissionDenied
        case 404, 405: .notFound
        case 409: .failedPrecondition
        case 413: .payloadTooLarge
        case 429: .resourceExhausted
        case 501: .unimplemented
        case 502, 503: .unavailable
        case 504: .deadlineExceeded
        case 400..<500: .invalidArgument
        default: .internal
        }
    }
}
