import Foundation
import Testing

@Suite("Authentication of the real server")
struct AuthenticationTests {
    @Test("the administrator's key lies in a file for its owner alone, opens every door, and is in no log")
    func firstKey() async throws {
        let server = try await MartletProcess.start(authenticated: true)
        let key = try server.adminKey()
        let path = server.dataDirectory.path + "/admin-key"
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        let open = ["/v2/health/live", "/sign-in", "/health", "/version"]
        for path in open { #expect(try await server.send("GET", path).status == 200, "\(path)") }
        let closed = [
            "/api/2.0/mlflow/experiments/search?max_results=1", "/api/2.0/mlflow-artifacts/artifacts", "/v2/models/m",
            "/api/v1/principals", "/api/v1/audit", "/metrics", "/models", "/api/v1/alerts",
        ]
        for path in closed { #expect(try await server.send("GET", path).status == 401, "\(path)") }
        let bearer = try await server.send(
            "GET", "/api/v1/principals", headers: ["authorization": "Bearer \(key)"])
        #expect(bearer.status == 200)
        let basic = Data("admin:\(key)".utf8).base64EncodedString()
        #expect(
            try await server.send("GET", "/api/v1/principals", headers: ["authorization": "Basic \(basic)"]).status
                == 200)
        let other = Data("ada:\(key)".utf8).base64EncodedString()
        #expect(
            try await server.send("GET", "/api/v1/principals", headers: ["authorization": "Basic \(other)"]).status
                == 401)
        await server.stop()
        #expect(!server.log.contains(key))
    }

    @Test("with --dev another Host or Origin is refused")
    func development() async throws {
        let server = try await MartletProcess.start()
        #expect(try await server.send("GET", "/api/v1/whoami").status == 200)
        #expect(try await server.send("GET", "/api/v1/whoami", headers: ["host": "evil.example"]).status == 403)
        #expect(
            try await server.send("GET", "/api/v1/whoami", headers: ["origin": "https://evil.example"]).status == 403)
        await server.stop()
    }

    @Test("a second server on the same data is refused and told who holds it")
    func locked() async throws {
        let first = try await MartletProcess.start()
        do {
            _ = try await MartletProcess.start(dataDirectory: first.dataDirectory)
            Issue.record("the second server started")
        } catch {
            #expect("\(error)".contains(first.url))
        }
        await first.stop()
    }
}
