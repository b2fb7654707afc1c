import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Storage
import TestSupport
import Testing

@testable import Server

@Suite("Who may ask what")
struct AuthenticationTests {
    let folder: String
    let clock = ManualClock()
    let accounts: AccountStore
    let keys: KeyStore
    let authenticator: Authenticator
    let sessions = SessionSigner()

    init() throws {
        folder = NSTemporaryDirectory() + "martlet-auth-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let database = try Database(path: folder + "/r.db", migrations: Migrations.registry, clock: clock)
        accounts = AccountStore(database: database, clock: clock)
        keys = KeyStore(database: database, clock: clock)
        authenticator = Authenticator(keys: keys, clock: clock)
    }

    private func application(isMetricsOpen: Bool = false) -> some ApplicationProtocol {
        let router = Router(context: MartletRequestContext.self)
        router.addMiddleware {
            ErrorMiddleware(logger: Logger(label: "t", factory: { _ in SwiftLogNoOpLogHandler() }))
            AuthenticationMiddleware(
                authenticator: authenticator, keys: keys, sessions: sessions, clock: clock,
                isMetricsOpen: isMetricsOpen)
        }
        // None of these asks for a role: the middleware alone must close them.
        for path in [
            "/api/v1/forgotten", "/api/v1/models/churn", "/api/v1/models/other", "/api/2.0/mlflow/runs/create",
            "/api/2.0/mlflow/runs/delete", "/v2/models/churn", "/v2/models/other", "/v2/health/live", "/metrics",
        ] {
            router.get(RouterPath(path)) { _, context in context.principal?.name ?? "nobody" }
            router.post(RouterPath(path)) { _, context in context.principal?.name ?? "nobody" }
        }
        return Application(router: router)
    }

    private func issue(_ name: String, _ roles: Set<Role>, onlyModel: String? = nil, seconds: Int? = nil) async throws
        -> IssuedKey
    {
        if try await !accounts.list().contains(where: { $0.name == name }) {
            _ = try await accounts.create(name: name, roles: roles, actor: .system)
        }
        return try await keys.issue(for: name, label: "", validSeconds: seconds, onlyModel: onlyModel, actor: .system)
    }

    private func basic(_ name: String, _ password: String) -> String {
        "Basic " + Data("\(name):\(password)".utf8).base64EncodedString()
    }

    private func ask(
        _ path: String, _ authorization: String? = nil, cookie: String? = nil, method: HTTPRequest.Method = .get,
        metricsOpen: Bool = false
    ) async throws -> TestResponse {
        var headers = HTTPFields()
        if let authorization { headers[.authorization] = authorization }
        if let cookie { headers[.cookie] = cookie }
        let sent = headers
        return try await application(isMetricsOpen: metricsOpen).test(.router) { client in
            try await client.execute(uri: path, method: method, headers: sent)
        }
    }

    @Test("a route that forgets to ask for a role is closed all the same, and unknown paths tell nothing")
    func closedByDefault() async throws {
        for path in ["/api/v1/forgotten", "/metrics", "/v2/models/churn", "/nothing/here"] {
            let answer = try await ask(path)
            #expect(answer.status == .unauthorized, "\(path)")
            #expect(answer.headers[.wwwAuthenticate]?.contains("Bearer") == true)
        }
        #expect(try await ask("/v2/health/live").status == .ok)
        #expect(try await ask("/metrics", metricsOpen: true).status == .ok)
    }

    @Test("refusals have the shape of the protocol")
    func shapes() async throws {
        func body(_ path: String) async throws -> [String: JSONValue] {
            let answer = try await ask(path)
            return try JSONDecoder().decode([String: JSONValue].self, from: Data(answer.body.readableBytesView))
        }
        #expect(try await body("/api/2.0/mlflow/runs/create")["error_code"] == "UNAUTHENTICATED")
        #expect(try await body("/v2/models/churn")["error"] != nil)
        #expect(try await body("/api/v1/forgotten")["status"] == 401)
    }

    @Test("Bearer, and Basic with name, placeholder or no name, prove a key; a wrong name does not")
    func schemes() async throws {
        let key = try await issue("ada", [.viewer]).text
        for good in [
            "Bearer \(key)", "bearer \(key)", basic("ada", key), basic("token", key), basic("", key), basic("key", key),
        ] {
            let answer = try await ask("/api/v1/forgotten", good)
            #expect(String(buffer: answer.body) == "ada")
        }
        for bad in [
            basic("bob", key), "Bearer \(key)0", "Bearer", "Bearer ", "Digest \(key)", key, "Basic !!!", basic(key, ""),
            "Bearer " + String(repeating: "a", count: 5000),
        ] {
            #expect(try await ask("/api/v1/forgotten", bad).status == .unauthorized)
        }
    }

    @Test("a revoked key, and all keys of a removed principal, end at once though they were just used")
    func revocation() async throws {
        let first = try await issue("ada", [.viewer])
        let second = try await issue("ada", [.viewer])
        for key in [first, second] { #expect(try await ask("/api/v1/forgotten", "Bearer \(key.text)").status == .ok) }
        try await keys.revoke(id: first.key.id, actor: .system)
        authenticator.forget()
        #expect(try await ask("/api/v1/forgotten", "Bearer \(first.text)").status == .unauthorized)
        #expect(try await ask("/api/v1/forgotten", "Bearer \(second.text)").status == .ok)
        try await accounts.remove(name: "ada", actor: .system)
        authenticator.forget()
        #expect(try await ask("/api/v1/forgotten", "Bearer \(second.text)").status == .unauthorized)
    }

    @Test("another process's revocation is known within the memory's seconds, an expiry to the second")
    func memoryIsShort() async throws {
        let key = try await issue("ada", [.viewer])
        #expect(try await ask("/api/v1/forgotten", "Bearer \(key.text)").status == .ok)
        try await keys.revoke(id: key.key.id, actor: .system)
        clock.advance(seconds: Authenticator.rememberSeconds + 0.1)
        #expect(try await ask("/api/v1/forgotten", "Bearer \(key.text)").status == .unauthorized)
        let short = try await issue("ada", [.viewer], seconds: 2)
        #expect(try await ask("/api/v1/forgotten", "Bearer \(short.text)").status == .ok)
        clock.advance(seconds: 2)
        #expect(try await ask("/api/v1/forgotten", "Bearer \(short.text)").status == .unauthorized)
    }

    @Test("too many wrong keys from one address wait a minute; others, and keys just proven, do not")
    func rateLimit() async throws {
        let key = try await issue("ada", [.viewer]).text
        _ = try await authenticator.principal(key: key, name: nil, address: "10.0.0.1")
        func code(_ key: String, _ address: String) async -> MartletError.Code? {
            do {
                _ = try await authenticator.principal(key: key, name: nil, address: address)
                return nil
            } catch { return (error as? MartletError)?.code }
        }
        for _ in 0..<Authenticator.failuresMax {
            #expect(await code("mk_wrong", "10.0.0.1") == .unauthenticated)
        }
        #expect(await code("mk_wrong", "10.0.0.1") == .resourceExhausted)
        #expect(await code(key, "10.0.0.1") == nil)
        #expect(await code("mk_wrong", "10.0.0.2") == .unauthenticated)
        clock.advance(seconds: Authenticator.failureWindowSeconds + 1)
        #expect(await code("mk_wrong", "10.0.0.1") == .unauthenticated)
    }

    @Test("a narrow key logs and reads its own model, and nothing else")
    func narrow() async throws {
        let key = "Bearer " + (try await issue("child", [.contributor], onlyModel: "churn").text)
        #expect(try await ask("/api/2.0/mlflow/runs/create", key, method: .post).status == .ok)
        #expect(try await ask("/api/v1/models/churn", key).status == .ok)
        #expect(try await ask("/v2/models/churn", key).status == .ok)
        #expect(try await ask("/api/2.0/mlflow/runs/delete", key, method: .post).status == .forbidden)
        #expect(try await ask("/api/v1/models/churn", key, method: .post).status == .forbidden)
        for path in ["/api/v1/forgotten", "/api/v1/models/other", "/v2/models/other", "/metrics", "/nothing"] {
            #expect(try await ask(path, key).status == .forbidden, "\(path)")
        }
    }

    @Test("a session reads, never writes, and ends with its key, its time or a changed letter")
    func session() async throws {
        let key = try await issue("ada", [.viewer])
        let cookie = sessions.cookie(keyID: key.key.id, at: clock.now())
        let name = SessionSigner.cookieName
        #expect(try await ask("/api/v1/forgotten", cookie: "\(name)=\(cookie)").status == .ok)
        #expect(try await ask("/api/v1/forgotten", cookie: "\(name)=\(cookie)", method: .post).status == .forbidden)
        let other = SessionSigner().cookie(keyID: key.key.id, at: clock.now())
        let forged = String(cookie.dropLast()) + (cookie.last == "0" ? "1" : "0")
        for bad in [other, forged, key.key.id, "", "..", cookie + "00"] {
            #expect(try await ask("/api/v1/forgotten", cookie: "\(name)=\(bad)").status == .unauthorized)
        }
        clock.advance(seconds: SessionSigner.lifeSeconds + 1)
        #expect(try await ask("/api/v1/forgotten", cookie: "\(name)=\(cookie)").status == .unauthorized)
        let fresh = sessions.cookie(keyID: key.key.id, at: clock.now())
        try await keys.revoke(id: key.key.id, actor: .system)
        #expect(try await ask("/api/v1/forgotten", cookie: "\(name)=\(fresh)").status == .unauthorized)
    }

    @Test("each role may do what it says and reads", arguments: Role.allCases)
    func roles(role: Role) {
        let principal = Principal(id: .init(rawValue: "p"), name: "p", roles: [role])
        for required in Role.allCases {
            let expected = required == role || required == .viewer || role == .administrator
            #expect(principal.may(required) == expected, "\(role) as \(required)")
        }
        #expect(!Principal(id: .init(rawValue: "p"), name: "p", roles: []).may(.viewer))
    }

    @Test(
        "development mode answers loopback names only",
        arguments: [
            ("localhost:8080", nil, true), ("127.0.0.1", nil, true), ("[::1]:80", nil, true),
            ("127.0.0.1:1", "http://localhost:3000", true), ("evil.example", nil, false),
            ("127.0.0.1.evil.example", nil, false), ("localhost", "https://evil.example", false),
            ("localhost", "null", false), ("localhost@evil.example", nil, false),
        ] as [(String, String?, Bool)])
    func development(host: String, origin: String?, isAllowed: Bool) {
        #expect(
            (DevelopmentMiddleware.refusal(host: host, origin: origin) == nil) == isAllowed, "\(host) \(origin ?? "-")")
    }

    @Test("development mode refuses a request without a Host")
    func developmentWithoutHost() {
        #expect(DevelopmentMiddleware.refusal(host: nil, origin: nil)?.code == .permissionDenied)
    }
}
