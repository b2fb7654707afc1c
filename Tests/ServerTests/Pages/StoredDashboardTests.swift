import Domain
import Foundation
import HTTPTypes
import Lifecycle
import Storage
import Testing

@testable import Server

@Suite("The dashboard over real stores")
struct StoredDashboardTests {
    static let model = FilledServer.encoded(FilledServer.model)

    /// Every kind of page, with something that only its own data gives.
    static let pages: [(path: String, shows: [String])] = [
        ("/models", ["1 registered model", "1 of 2 met", "1 alert", "1 approval", "progressing", "Stops pumps"]),
        ("/models/\(model)", ["Stops pumps", "v2", "champion", "Request 1", "recall ≥ 0.8", "not servable"]),
        (
            "/models/\(model)/versions/2",
            [
                "1 of 2 met", "≥ 0.9", "0.8125", "Cannot convert", "plants ", "d16e57", "c0ffeec0ffee", "2.05\u{a0}kB",
                "model_card", "Training date", "on trial",
                "martlet.feature_engineering.commit",
                "Lineage of",
            ]
        ),
        (
            "/models/\(model)/history",
            ["History of", "ann &lt;i&gt;", "version tag", "model_card", "rollout-controller", "Kinds of entries"]
        ),
        ("/models/\(model)/history?kind=alias", ["champion", "rollout-controller"]),
        ("/models/\(model)/history?at=2100-01-01", ["As it stood", "2100-01-01", "champion"]),
        ("/models/\(model)/history?at=2000-01-01", ["No answer", "There was no registered model"]),
        ("/models/\(model)/history?at=yesterday", ["No answer", "is no moment"]),
        ("/datasets", ["plants", "v2", ">4<", "ann &lt;i&gt;"]), ("/datasets/plants", ["since v1", "data.csv"]),
        ("/datasets/plants/versions/2", ["heat &lt;script", "integer", "since version 1", "No run has logged"]),
        ("/datasets/plants/diff?from=1&to=2", ["Drift by column", "2 → 4", "KS"]), ("/lineage", ["Of what"]),
        ("/lineage?of=endpoint:x", ["Nothing found"]), ("/lineage?of=model:\(model)/2", ["Lineage of", "plants "]),
        ("/endpoints", ["100\u{a0}%", "shadow", "1 alert"]),
        (
            "/endpoints/\(model)",
            [
                "copies", "first live rows", "PSI 0.75", "recall", "0.71", "p99 latency of v1",
                "Rollout in progress",
            ]
        ),
        ("/rollouts", ["rollout\u{a0}2", "promoted", "olga"]), ("/rollouts/2", ["now", "started", "olga"]),
        ("/alerts", ["0.75", "firing"]), ("/alerts?state=all", ["recall was low", "resolved"]),
        ("/retraining", ["failed", "olga"]), ("/retraining/1", ["Traceback", "Exit code", "3"]),
        ("/audit", ["policy.apply", "approval.request", "rollout.start", "ann &lt;i&gt;"]),
        ("/predictions", ["Prediction id"]), ("/predictions?id=forged", ["No trace"]),
    ]

    @Test("every page shows what the stores hold, to a viewer, with hostile text escaped")
    func everyPage() async throws {
        let server = try await FilledServer()
        try await server.services.rollouts.publisher.publish()
        let traced = try await server.predictionID()
        let trace = (
            path: "/predictions?id=\(FilledServer.encoded(traced))",
            shows: ["rollout\u{a0}2", "(shadow)", "c0ffeec0ffee", "plants ", "d16e57", "Not known", "Request 1"]
        )
        for page in Self.pages + [trace] {
            let shown = try await server.get(page.path)
            #expect(shown.status == 200, "\(page.path)")
            for text in page.shows { #expect(shown.text.contains(text), "\(page.path) does not show “\(text)”") }
            #expect(!shown.text.contains("alert(\"1\")") && !shown.text.contains("<b onclick"), "\(page.path)")
            #expect(shown.text.components(separatedBy: "<script").count == 2, "\(page.path)")
            #expect(!shown.text.contains("\u{202e}") || shown.text.contains("<bdi>"), "\(page.path)")
            #expect(shown.headers[.cacheControl] == "no-store")
        }
    }

    @Test("a fresh server shows every list empty and says what to type next")
    func emptyPages() async throws {
        let server = try await FilledServer(isFilled: false)
        for path in ["/models", "/endpoints", "/rollouts", "/alerts", "/retraining", "/predictions"] {
            let shown = try await server.get(path)
            #expect(shown.status == 200 && shown.text.contains("class=\"command\""), "\(path)")
        }
    }

    @Test(
        "what is not there is a page that says so",
        arguments: [
            "/models/none", "/models/none/history", "/models/none/versions/1", "/models/\(model)/versions/3",
            "/models/\(model)/versions/0",
            "/models/\(model)/versions/99999999999999999999", "/models/\(model)/versions/x", "/models/%ff",
            "/endpoints/none",
            "/rollouts/3", "/rollouts/x", "/retraining/2", "/nothing-here",
        ])
    func notFound(_ path: String) async throws {
        let shown = try await FilledServer().get(path)
        #expect(shown.status == 404, "\(path)")
        #expect(shown.text.contains("<h1>Not found</h1>"), "\(path)")
        #expect(shown.headers[.contentType] == "text/html; charset=utf-8")
    }

    @Test("without a key a browser is sent to sign in")
    func signIn() async throws {
        let shown = try await FilledServer(isFilled: false).get("/models", key: "wrong")
        #expect(shown.status == 303 && shown.headers[.location] == "/sign-in")
    }

    @Test("long lists come a page at a time, and every row is on one of them")
    func paging() async throws {
        let server = try await FilledServer(isFilled: false)
        let count = 2 * StoredDashboard.modelsMax + 3
        for number in 0..<count {
            _ = try await server.services.registryStore.create(
                name: "model \(1000 + number)", description: nil, tags: [:], by: server.author)
        }
        var path: String? = "/models"
        var seen: [String] = []
        var pages = 0
        while let here = path, pages < 9 {
            let shown = try await server.get(here)
            #expect(shown.text.contains("\(count) registered models"))
            seen += shown.text.matches(of: #/href="/models/model%20(\d+)"/#).map { String($0.1) }
            path = shown.text.firstMatch(of: #/rel="next" href="([^"]+)"/#).map { String($0.1) }
            pages += 1
        }
        #expect(pages == 3)
        #expect(seen == (0..<count).map { "\(1000 + $0)" })
    }

    @Test("pages of versions and of rollouts' neighbours begin where they are told, or at the newest")
    func pagesByNumber() async throws {
        let server = try await FilledServer()
        let older = try await server.get("/models/\(Self.model)?before=2")
        #expect(older.text.contains("versions/1\"") && !older.text.contains("versions/2\">v2"))
        #expect(older.text.contains("Newest"))
        for query in ["before=x", "before=99999999999999999999", "before="] {
            #expect(try await server.get("/rollouts?\(query)").text.contains("rollout\u{a0}2"))
        }
        let none = try await server.get("/rollouts?before=1")
        #expect(none.status == 200 && !none.text.contains("rollout\u{a0}1"))
    }

    @Test("a report that was made under an earlier policy says so, and is not counted")
    func outdatedReport() async throws {
        let server = try await FilledServer()
        var stricter = try #require(try await server.services.governance.policies.policyInForce(FilledServer.model))
            .policy
        stricter.criteria.throughputAtLeast = 10
        _ = try await server.services.governance.policies.apply(
            stricter, document: "", by: server.operatorPrincipal, loosened: { _, _ in [] })
        #expect(try await server.get("/models").text.contains("not evaluated"))
        let page = try await server.get("/models/\(Self.model)/versions/2").text
        #expect(page.contains("Policy version 2 is in force since then"))
        #expect(page.contains("martlet readiness "))
    }

    @Test("the versions of a policy tell who loosened what, and what waits")
    func policyHistory() async throws {
        let server = try await FilledServer()
        var looser = try #require(try await server.services.governance.policies.policyInForce(FilledServer.model))
            .policy
        looser.criteria.documentation = []
        _ = try await server.services.governance.policies.apply(
            looser, document: "", by: server.author, loosened: { _, _ in ["documentation <b>is left out</b>"] })
        let page = try await server.get("/models/\(Self.model)").text
        #expect(page.contains("Versions of the policy (2)") && page.contains("waits for approval"))
        #expect(page.contains("documentation &lt;b&gt;is left out&lt;/b&gt;"))
        #expect(try await server.get("/models").text.contains("2 approvals"))
    }

    @Test("an endpoint that the data plane does not serve yet has a page")
    func endpointNotServed() async throws {
        let shown = try await FilledServer().get("/endpoints/\(Self.model)")
        #expect(shown.status == 200 && shown.text.contains("no request was answered") == false)
    }

    @Test("charts go as far back as asked, and an odd wish gets the default")
    func hours() async throws {
        let server = try await FilledServer()
        let day = try await server.get("/endpoints/\(Self.model)?hours=24").text
        #expect(day.contains("hours=24\" aria-current=\"true\""))
        for wish in ["5", "-1", "x", "999999999999999999999"] {
            let shown = try await server.get("/endpoints/\(Self.model)?hours=\(wish)")
            #expect(shown.status == 200 && shown.text.contains("hours=1\" aria-current=\"true\""))
        }
    }
}
