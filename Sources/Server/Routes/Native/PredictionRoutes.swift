internal import Domain
internal import Foundation
internal import Hummingbird
internal import Lifecycle

/// `/api/v1/predictions/{id}`: where an answer came from, and whether it comes again.
enum PredictionRoutes {
    static func add(to router: Router<MartletRequestContext>, predictions: PredictionParts) {
        router.get("/api/v1/predictions/:id") { _, context in
            let principal = try context.require(.viewer, to: "trace predictions")
            let trace = try await predictions.tracer.trace(try id(context))
            try confine(principal, to: trace.endpoint)
            return try JSONResponse.make(trace)
        }
        router.post("/api/v1/predictions/:id/replay") { _, context in
            let principal = try context.require(.viewer, to: "replay predictions")
            let id = try id(context)
            // A narrow key must not load another model's version.
            if principal.onlyModel != nil {
                try confine(principal, to: try await predictions.tracer.trace(id).endpoint)
            }
            return try JSONResponse.make(try await predictions.replayer.replay(id))
        }
    }

    private static func id(_ context: MartletRequestContext) throws -> PredictionID {
        let text = try context.parameters.require("id")
        return PredictionID(rawValue: text.removingPercentEncoding ?? text)
    }

    private static func confine(_ principal: Principal, to model: String?) throws(MartletError) {
        guard principal.onlyModel == nil || principal.onlyModel == model else {
            throw MartletError(
                .permissionDenied, "\(principal.name) may read predictions of \(principal.onlyModel ?? "") only.")
        }
    }
}
