import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import Server

@Suite("Turns of backups")
struct BackupTurnTests {
    /// Drops an answer unwritten, as the server does when the client is gone.
    private struct Dropping: RouterMiddleware {
        func handle(
            _ request: Request, context: MartletRequestContext,
            next: (Request, MartletRequestContext) async throws -> Response
        ) async throws -> Response {
            var context = context
            context.principal = .developer
            let response = try await next(request, context)
            return request.uri.query == "drop" ? Response(status: .gone) : response
        }
    }

    @Test("a backup whose answer is never written ends all the same and leaves no copies")
    func dropped() async throws {
        let server = try await FilledServer(isFilled: false)
        let router = Router(context: MartletRequestContext.self)
        router.add(middleware: Dropping())
        BackupRoutes(services: server.services).add(to: router.group("/api/v1"))
        try await Application(router: router).test(.router) { client in
            for _ in 0..<2 {
                let status = try await client.execute(uri: "/api/v1/backup?drop", method: .post) { $0.status }
                #expect(status == .gone)
            }
            let status = try await client.execute(uri: "/api/v1/backup", method: .post) { $0.status }
            #expect(status == .ok)
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: server.services.configuration.dataDirectory)
        #expect(!names.contains { $0.hasPrefix("backup-") }, "\(names)")
    }

    @Test("there is one turn at a time")
    func oneAtATime() throws {
        let flag = BackupTurn.Flag()
        let turn = try BackupTurn(flag)
        for _ in 0..<2 { #expect(throws: MartletError.self) { try BackupTurn(flag) } }
        turn.end()
        _ = try BackupTurn(flag)
        _ = try BackupTurn(flag)
    }
}
