internal import Domain
internal import Hummingbird
internal import Lifecycle
internal import Wire

/// `/models/{name}/versions/{version}/optimizations`: makes a smaller or faster version of one.
struct OptimizationRoutes: Sendable {
    let optimizer: VersionOptimizer

    func add(to group: RouterGroup<MartletRequestContext>) {
        let version = group.group("models/:name/versions/:version/optimizations")
        version.post { request, context in
            let principal = try context.requirePrincipal()
            let fields = try await NativeRoutes.fields(request)
            let optimization = try Optimization(
                quantize: try fields.string("quantize"), prune: try fields.double("prune"))
            let job = try await optimizer.start(try ModelRoutes.id(context), optimization, by: principal)
            return try JSONResponse.make(job, status: .accepted)
        }
        version.get(":job") { _, context in
            try context.require(.viewer, to: "read models")
            return try JSONResponse.make(
                try await optimizer.job(try ModelRoutes.text("job", context), of: try ModelRoutes.id(context)))
        }
    }
}
