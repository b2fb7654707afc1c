import Domain
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Testing

@testable import Server

@Suite("The memory of request bodies")
struct BodyBudgetTests {
    private let budget = BodyBudget(bytesMax: 1 << 20)

    private func application() -> some ApplicationProtocol {
        let router = Router(context: MartletRequestContext.self)
        router.addMiddleware {
            ErrorMiddleware(logger: Logger(label: "t", factory: { _ in SwiftLogNoOpLogHandler() }))
            BodyBudgetMiddleware(budget: budget)
        }
        for path in ["/v2/x", "/api/2.0/mlflow-artifacts/artifacts/0/x"] {
            for method in [HTTPRequest.Method.post, .put] {
                router.on(RouterPath(path), method: method) { request, _ in
                    "\(try await request.body.collect(upTo: 8 << 20).readableBytes) \(budget.bytesTaken)"
                }
            }
        }
        return Application(router: router)
    }

    private func send(_ bytes: Int, _ path: String = "/v2/x", _ method: HTTPRequest.Method = .post) async throws -> (
        Int, String
    ) {
        try await application().test(.router) { client in
            try await client.execute(
                uri: path, method: method, headers: [.contentLength: "\(bytes)"],
                body: ByteBuffer(repeating: 1, count: bytes)
            ) { (Int($0.status.code), String(buffer: $0.body)) }
        }
    }

    @Test("a body is counted while it is in work and given back after; small ones are not")
    func counted() async throws {
        #expect(try await send(500_000) == (200, "500000 500000"))
        #expect(budget.bytesTaken == 0)
        #expect(try await send(BodyBudgetMiddleware.smallBytesMax) == (200, "65536 0"))
    }

    @Test("past the budget a request is refused as unavailable, and holds nothing afterwards")
    func refused() async throws {
        let (status, text) = try await send(2 << 20)
        #expect(status == 503 && text.contains("1 MiB"), "\(text)")
        #expect(budget.bytesTaken == 0)
        #expect(try await send(500_000).0 == 200)
    }

    @Test("what others hold counts")
    func shared() async throws {
        let share = BodyBudget.Share(budget)
        try share.take(900_000)
        #expect(try await send(500_000).0 == 503)
        #expect(throws: MartletError.self) { try share.take(900_000) }
    }

    @Test("artifacts go to disk and are not counted")
    func artifacts() async throws {
        #expect(try await send(2 << 20, "/api/2.0/mlflow-artifacts/artifacts/0/x", .put) == (200, "2097152 0"))
    }
}
