internal import Domain
internal import Hummingbird
internal import Lifecycle

/// `/api/v1/models/{model}/versions/{version}/readiness`: the policy's demands on a version, each with its evidence.
struct ReadinessRoutes: Sendable {
    /// The report and what it comes to.
    private struct Answer: Encodable {
        enum CodingKeys: CodingKey { case model, version, policyVersion, time, ready, rows }
        var report: ReadinessReport

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(report.version.model, forKey: .model)
            try container.encode(report.version.version, forKey: .version)
            try container.encode(report.policyVersion, forKey: .policyVersion)
            try container.encode(report.time, forKey: .time)
            try container.encode(report.isReady, forKey: .ready)
            try container.encode(report.rows, forKey: .rows)
        }
    }

    let readiness: ReadinessService

    func add(to group: RouterGroup<MartletRequestContext>) {
        group.get("models/:name/versions/:version/readiness") { request, context in
            let principal = try context.require(.viewer, to: "read readiness")
            let asked = request.uri.queryParameters["measure"].map(String.init) ?? "missing"
            guard let measuring = ReadinessService.Measuring(rawValue: asked) else {
                let allowed = ReadinessService.Measuring.allCases.map(\.rawValue).joined(separator: ", ")
                throw MartletError.invalid("measure is one of \(allowed).", field: "measure")
            }
            // Measuring anew takes the data plane for seconds, as often as one asks.
            if measuring == .always, !principal.may(.operator) {
                try principal.require(.contributor, to: "measure a version anew")
            }
            return try JSONResponse.make(
                Answer(report: try await readiness.report(try ModelRoutes.id(context), measuring: measuring)))
        }
    }
}
