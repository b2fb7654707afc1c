internal import Domain
internal import Foundation
internal import HTTPTypes

/// What needs no key, and what a narrow key may do. Everything else is closed by default; each route then asks for its role.
enum AccessRules {
    /// Health for load balancers, signing in, and the files that its page loads.
    static func isOpen(_ path: String, isMetricsOpen: Bool) -> Bool {
        switch path {
        // KServe's live check, which is also where the dashboard begins.
        case "/": true
        case "/health", "/version", "/v2/health/live", "/v2/health/ready", "/sign-in", "/sign-out", "/favicon.ico": true
        case "/metrics": isMetricsOpen
        default: path.hasPrefix("/assets/")
        }
    }

    /// A key confined to one model logs runs and registers versions of it, reads it, asks it for predictions, and no more. What
    /// MLflow calls may name is for `NarrowKeyMiddleware` to see.
    static func allowsNarrow(_ method: HTTPRequest.Method, _ path: String, model: String) -> Bool {
        if NarrowRule(method, path) != nil { return true }
        let parts = path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        func isModel(_ part: Int) -> Bool { parts.count > part && parts[part].utf8.elementsEqual(model.utf8) }
        switch parts.first {
        case "api":
            // The route looks whose prediction it is.
            if parts.starts(with: ["api", "v1", "predictions"]) { return method == .get && parts.count == 4 }
            return method == .get && parts.starts(with: ["api", "v1", "models"]) && isModel(3)
        case "v2": return parts.starts(with: ["v2", "models"]) && isModel(2)
        case "v1":
            let isPrediction = parts.count == 3 && parts[2].utf8.elementsEqual("\(model):predict".utf8)
            return parts.starts(with: ["v1", "models"]) && (isModel(2) || isPrediction)
        default: return path == "/health" || path == "/version"
        }
    }
}
