import Domain
import Testing

@Suite("The rules of webhooks")
struct WebhookRulesTests {
    @Test(
        "names are MLflow's",
        arguments: [("a", true), ("A1._-z", true), (String(repeating: "a", count: 63), true)]
            + ["", " a", "a ", "-a", "a-", "a b", "é", "a/b", String(repeating: "a", count: 64)].map { ($0, false) })
    func names(_ name: String, isLegal: Bool) {
        #expect(((try? WebhookRules.check(name: name)) != nil) == isLegal, "\(name)")
    }

    @Test(
        "an address is http or https with a host and without credentials",
        arguments: [
            ("https://example.org", true), ("http://example.org:8080/a?b=c#d", true), ("HTTPS://[::1]/x", true),
            ("", false), ("  ", false), ("example.org", false), ("ftp://example.org", false),
            ("file:///etc/passwd", false), ("https://", false), ("https:///path", false), ("http://[invalid", false),
            ("https://:80/", false),
            ("https://user:secret@example.org", false), ("https://user@example.org", false),
            ("https://exa mple.org", false), ("https://example.org/\u{E9}", false), ("javascript:alert(1)", false),
            ("https://example.org/" + String(repeating: "x", count: 2_100), false),
        ])
    func urls(_ url: String, isLegal: Bool) {
        #expect(((try? WebhookRules.check(url: url)) != nil) == isLegal, "\(url.prefix(60))")
    }

    @Test("pauses double up to ten minutes, are spread by half, and a receiver that asks for more gets it, to a bound")
    func pauses() {
        let pause = { WebhookRules.pauseMilliseconds(after: $0, jitter: $1, retryAfter: $2) }
        #expect([1, 2, 3, 4].map { pause($0, 0, nil) } == [1_000, 2_000, 4_000, 8_000])
        #expect(pause(1, 1, nil) == 1_500 && pause(11, 0, nil) == 600_000 && pause(1_000, 0, nil) == 600_000)
        #expect(pause(1, 0, 7) == 7_000 && pause(4, 0, 1) == 8_000 && pause(1, 0, 86_400) == 3_600_000)
        #expect(pause(1, 0, -5) == 1_000)
    }

    @Test("overloaded, broken and absent receivers are asked again, up to ten times; a refusal is a refusal")
    func retries() {
        for status in [408, 425, 429, 500, 503] {
            #expect(WebhookOutcome(status: status).isWorthRetrying(after: 1), "\(status)")
        }
        for status in [200, 204, 301, 400, 401, 404, 410] {
            #expect(!WebhookOutcome(status: status).isWorthRetrying(after: 1), "\(status)")
        }
        #expect(WebhookOutcome(error: "away").isWorthRetrying(after: 9))
        #expect(!WebhookOutcome(error: "away").isWorthRetrying(after: 10))
        #expect(!WebhookOutcome(error: "forbidden", isFinal: true).isWorthRetrying(after: 1))
        #expect(WebhookOutcome(status: 302).isSuccess && !WebhookOutcome(status: 400).isSuccess)
    }

    @Test("an event is a thing and what happens to it")
    func events() throws {
        #expect(WebhookEvent("model_version_tag.set") == .versionTagSet)
        #expect(WebhookEvent.aliasDeleted.description == "model_version_alias.deleted")
        for text in ["", "model_version", "model_version.deleted", "prompt.created", "model_version.created.x"] {
            #expect(WebhookEvent(text) == nil, "\(text)")
        }
        #expect(throws: MartletError.self) { try WebhookEvent(.registeredModel, .deleted) }
    }
}
