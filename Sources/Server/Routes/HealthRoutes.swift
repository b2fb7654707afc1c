internal import Hummingbird

/// Whether the process lives, and whether it can answer predictions. Open to all: load balancers have no keys.
enum HealthRoutes {
    static func add(to router: Router<MartletRequestContext>) {
        router.get("/v2/health/live") { _, _ in try JSONResponse.make(["live": true]) }
    }
}
