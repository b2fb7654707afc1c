internal import Domain
internal import Foundation
internal import Hummingbird
internal import Monitoring
internal import Storage

/// Alerts, and what is known of an endpoint's traffic.
enum MonitoringRoutes {
    /// Shown where the caller does not say: one day.
    static let sinceSecondsDefault = 86_400.0
    /// What retention keeps.
    static let sinceSecondsMax = 30.0 * 86_400
    static let pageDefault = 100
    static let pageMax = 1_000

    struct AlertPage: Encodable {
        var items: [Alert]
        var nextPageToken: String?
    }

    static func add(to router: Router<MartletRequestContext>, monitoring: MonitoringParts, clock: any WallClock) {
        router.get("/api/v1/alerts") { request, context in
            try context.require(.viewer, to: "read alerts")
            return try JSONResponse.make(try await alerts(request, monitoring.alerts))
        }
        router.get("/api/v1/endpoints/:name/monitoring") { request, context in
            try context.require(.viewer, to: "read monitoring")
            let text = try context.parameters.require("name")
            let name = text.removingPercentEncoding ?? text
            let seconds = try number(request, "since_seconds", default: sinceSecondsDefault, 1...sinceSecondsMax)
            return try JSONResponse.make(
                try await monitoring.view.monitoring(endpoint: name, since: clock.now().adding(seconds: -seconds)))
        }
    }

    private static func alerts(_ request: Request, _ store: any AlertStore) async throws -> AlertPage {
        let query = request.uri.queryParameters
        let limit = Int(try number(request, "limit", default: Double(pageDefault), 1...Double(pageMax)))
        let state = try query["state"].map { text in
            guard let state = Alert.State(rawValue: String(text)) else {
                throw MartletError.invalid("state is pending, firing or resolved.", field: "state")
            }
            return state
        }
        let before = try query["page_token"].map { text in
            guard let id = Int64(text) else {
                throw MartletError.invalid("The page token is not one.", field: "page_token")
            }
            return id
        }
        let found = try await store.alerts(
            endpoint: query["endpoint"].map(String.init), state: state, before: before, limit: limit)
        return AlertPage(items: found, nextPageToken: found.count == limit ? found.last.map { "\($0.id)" } : nil)
    }

    private static func number(
        _ request: Request, _ name: String, default fallback: Double, _ range: ClosedRange<Double>
    ) throws(MartletError) -> Double {
        guard let text = request.uri.queryParameters[name[...]] else { return fallback }
        guard let value = Double(text), range.contains(value) else {
            throw MartletError.invalid(
                "\(name) is a number from \(range.lowerBound) to \(range.upperBound).", field: name)
        }
        return value
    }
}
