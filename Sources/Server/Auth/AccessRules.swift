internal import Domain
internal import Foundation
internal import HTTPTypes

/// What needs no key, and what a narrow key may do. Everything else is closed by default; each route then asks for its role.
enum AccessRules {
    /// Health for load balancers, signing in, and the files that its page loads.
    static func isOpen(_ path: String, isMetricsOpen: Bool) -> Bool {
        switch path {
        case "/health", "/version", "/v2/health/live", "/v2/health/ready", "/sign-in", "/sign-out", "/favicon.ico": true
        case "/metrics": isMetricsOpen
        default: path.hasPrefix("/assets/")
        }
    }

    /// A key confined to one model logs runs and registers versions of it, reads it and its predictions, and no more.
    /// Routes that name a model in the body check that themselves.
    static func allowsNarrow(_ method: HTTPRequest.Method, _ path: String, model: String) -> Bool {
        let parts = path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        switch parts.first {
        case "api", "ajax-api":
            guard parts.count > 2 else { return false }
            if parts[1] == "v1" { return allowsNarrowNative(method, Array(parts.dropFirst(2)), model: model) }
            let destroys = ["delete", "restore", "rename", "delete-tag", "delete-model-version"]
            return parts[2].hasPrefix("mlflow") && method != .delete && !destroys.contains(parts.last ?? "")
        case "v2":
            return parts.count >= 3 && parts[1] == "models" && parts[2] == model
        default:
            return path == "/health" || path == "/version"
        }
    }

    private static func allowsNarrowNative(_ method: HTTPRequest.Method, _ parts: [String], model: String) -> Bool {
        if parts == ["feedback"] { return true }
        return method == .get && parts.count >= 2 && parts[0] == "models" && parts[1] == model
    }
}
