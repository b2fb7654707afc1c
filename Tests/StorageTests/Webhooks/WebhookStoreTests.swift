import Domain
import Storage
import TestSupport
import Testing

@Suite("Webhooks and their outbox")
struct WebhookStoreTests {
    let world: TrackingWorld
    let store: WebhookStore

    init() throws {
        world = try TrackingWorld()
        store = WebhookStore(
            database: world.database, clock: world.clock,
            sealer: try FileKeySealer(path: world.folder.path + "/webhooks.key"))
    }

    private func webhook(_ name: String = "w", events: [WebhookEvent], secret: String? = nil) async throws -> Webhook {
        try await store.create(
            WebhookDraft(name: name, url: "https://example.org/\(name)", events: events, secret: secret), by: world.ada)
    }

    private func states(_ webhook: Webhook) async throws -> [WebhookDelivery.State] {
        try await store.deliveries(of: webhook.id, state: nil, limit: 99, offset: 0).items.map(\.state)
    }

    @Test(
        "one is made, changed piece by piece, listed newest first and deleted; its secret is in no answer and no audit")
    func lifeCycle() async throws {
        let first = try await webhook("a", events: [.modelCreated, .versionCreated], secret: "s3cret-of-a")
        world.clock.advance(seconds: 1)
        let second = try await webhook("b", events: [.aliasCreated])
        #expect(first.hasSecret && !second.hasSecret && first.status == .active)
        #expect(try await store.webhooks(limit: 1, offset: 0).items.map(\.name) == ["b"])
        #expect(try await store.webhooks(limit: 1, offset: 0).nextOffset == 1)
        let changed = try await store.update(
            first.id, WebhookDraft(events: [.versionTagSet], secret: "", status: .disabled), by: world.ada)
        #expect(changed.name == "a" && changed.events == [.versionTagSet] && !changed.hasSecret)
        #expect(changed.status == .disabled)
        try await store.delete(first.id, by: world.ada)
        #expect(await world.refusal { _ = try await store.webhook(first.id) } == .notFound)
        #expect(await world.refusal { try await store.delete(first.id, by: world.ada) } == .notFound)
        let audit = try await world.database.read { sql in
            try sql.rows("SELECT action, after FROM audit_events").map { try $0.text("action") + $0.text("after") }
        }
        #expect(audit.filter { $0.hasPrefix("webhook.") }.count == 4)
        let everything = try await world.database.read { sql in
            try sql.rows("SELECT sealed_secret FROM webhooks").map { try $0.optionalText("sealed_secret") ?? "" }
        }
        #expect(!(audit + everything).contains { $0.contains("s3cret") })
    }

    @Test("what breaks a rule makes no webhook")
    func refusals() async throws {
        for draft in [
            WebhookDraft(name: "a b", url: "https://example.org", events: [.modelCreated]),
            WebhookDraft(name: "a", url: "gopher://example.org", events: [.modelCreated]),
            WebhookDraft(name: "a", url: "https://example.org", events: []),
            WebhookDraft(name: "a", url: "https://example.org"),
            WebhookDraft(
                name: "a", url: "https://example.org", events: [.modelCreated],
                secret: String(repeating: "s", count: 1_001)),
        ] {
            #expect(await world.refusal { _ = try await store.create(draft, by: world.ada) } == .invalidArgument)
        }
        #expect(try await store.webhooks(limit: 9, offset: 0).items.isEmpty)
    }

    @Test(
        "a change of the registry is told with it, to those who asked and are active; a change that fails tells nothing"
    )
    func outbox() async throws {
        let all = try await webhook(
            "all",
            events: [.modelCreated, .versionCreated, .versionTagSet, .versionTagDeleted, .aliasCreated, .aliasDeleted])
        let other = try await webhook("other", events: [.aliasCreated])
        let off = try await webhook("off", events: [.modelCreated])
        _ = try await store.update(off.id, WebhookDraft(status: .disabled), by: world.ada)
        let id = try await world.version(of: "pump").id
        try await world.registry.setVersionTag(id, key: "k", value: "v", by: world.ada)
        try await world.registry.deleteVersionTag(id, key: "k", by: world.ada)
        try await world.registry.deleteVersionTag(id, key: "k", by: world.ada)
        try await world.registry.setAlias("pump", alias: "next", version: 1, by: world.ada)
        try await world.registry.deleteAlias("pump", alias: "next", by: world.ada)
        try await world.reader.moveChampion(model: "pump", alias: "champion", to: 1, by: .rolloutController)
        _ = await world.refusal {
            _ = try await world.registry.create(name: "pump", description: nil, tags: [:], by: world.ada)
        }
        let told = try await store.deliveries(of: all.id, state: .pending, limit: 99, offset: 0).items
        #expect(
            told.map(\.event).sorted() == [
                "model_version.created", "model_version_alias.created", "model_version_alias.created",
                "model_version_alias.deleted", "model_version_tag.deleted", "model_version_tag.set",
                "registered_model.created",
            ])
        #expect(try await states(other).count == 2)
        #expect(try await states(off).isEmpty)
        let tag = try #require(told.first { $0.event == "model_version_tag.set" })
        #expect(
            tag.payload.contains(
                #""data":{"key":"k","name":"pump","value":"v","version":"1"},"entity":"model_version_tag""#)
                && tag.payload.contains(#""action":"set""#) && tag.payload.contains("+00:00"))
    }

    @Test(
        "what is due is taken once, with its secret; it is tried again after its pause, and given up after ten attempts"
    )
    func attempts() async throws {
        let webhook = try await webhook(events: [.modelCreated], secret: "geheim")
        _ = try await world.registry.create(name: "pump", description: nil, tags: [:], by: world.ada)
        #expect(try await store.isAnyDue())
        for attempt in 1...10 {
            let parcels = try await store.take(limit: 9)
            #expect(parcels.map(\.attempt) == [attempt] && parcels.first?.secret == "geheim")
            #expect(try await store.take(limit: 9).isEmpty)
            #expect(try await !store.isAnyDue())
            let parcel = try #require(parcels.first)
            try await store.note(WebhookOutcome(status: 503, body: "busy"), of: parcel, jitter: 0)
            #expect(try await states(webhook) == [attempt < 10 ? .pending : .failed])
            world.clock.advance(seconds: 601)
        }
        let delivery = try await store.deliveries(of: webhook.id, state: .failed, limit: 9, offset: 0).items[0]
        #expect(delivery.attempts == 10 && delivery.responseStatus == 503 && delivery.responseBody == "busy")
        let again = try await store.redeliver(delivery.id, of: webhook.id, by: world.ada)
        #expect(again.state == .pending && again.id == delivery.id && again.attempts == 0)
        #expect(
            await world.refusal { _ = try await store.redeliver(delivery.id, of: webhook.id, by: world.ada) }
                == .failedPrecondition)
        let parcel = try #require(try await store.take(limit: 1).first)
        #expect(parcel.payload == delivery.payload && parcel.deliveryID == delivery.id)
        try await store.note(WebhookOutcome(status: 204), of: parcel, jitter: 0)
        #expect(try await states(webhook) == [.delivered])
    }

    @Test("a delivery that its taker never noted is taken again once its lease has run out")
    func lease() async throws {
        _ = try await webhook(events: [.modelCreated])
        _ = try await world.registry.create(name: "pump", description: nil, tags: [:], by: world.ada)
        #expect(try await store.take(limit: 9).count == 1)
        world.clock.advance(seconds: 59)
        #expect(try await store.take(limit: 9).isEmpty)
        world.clock.advance(seconds: 2)
        #expect(try await store.take(limit: 9).map(\.attempt) == [2])
    }

    @Test("what waits for a webhook that is deleted or disabled fails, and its history can still be read")
    func gone() async throws {
        let (deleted, disabled) = (
            try await webhook("a", events: [.modelCreated]), try await webhook("b", events: [.modelCreated])
        )
        _ = try await world.registry.create(name: "pump", description: nil, tags: [:], by: world.ada)
        try await store.delete(deleted.id, by: world.ada)
        _ = try await store.update(disabled.id, WebhookDraft(status: .disabled), by: world.ada)
        #expect(try await store.take(limit: 9).isEmpty)
        #expect(try await states(deleted) == [.failed])
        #expect(try await states(disabled) == [.failed])
        let id = try await store.deliveries(of: deleted.id, state: nil, limit: 1, offset: 0).items[0].id
        #expect(
            await world.refusal { _ = try await store.redeliver(id, of: deleted.id, by: world.ada) } == .notFound)
        #expect(
            await world.refusal { _ = try await store.deliveries(of: "none", state: nil, limit: 1, offset: 0) }
                == .notFound)
    }

    @Test("history is pruned by age, and what waits is not history")
    func prune() async throws {
        let webhook = try await webhook(events: [.modelCreated])
        for name in ["a", "b"] {
            _ = try await world.registry.create(name: name, description: nil, tags: [:], by: world.ada)
        }
        let parcel = try #require(try await store.take(limit: 1).first)
        try await store.note(WebhookOutcome(status: 200), of: parcel, jitter: 0)
        world.clock.advance(seconds: 100)
        #expect(try await store.prune(before: world.clock.now(), limit: 9) == 1)
        #expect(try await states(webhook) == [.pending])
    }

    @Test("a sealed secret opens with its own key alone, and two seals of one secret differ")
    func sealing() throws {
        let sealer = try FileKeySealer(path: world.folder.path + "/one.key")
        let same = try FileKeySealer(path: world.folder.path + "/one.key")
        let other = try FileKeySealer(path: world.folder.path + "/other.key")
        let sealed = try sealer.seal("p\u{E9}ch\u{E9}")
        #expect(try same.open(sealed) == "p\u{E9}ch\u{E9}")
        #expect(try sealer.seal("p\u{E9}ch\u{E9}") != sealed)
        #expect(throws: MartletError.self) { try other.open(sealed) }
        #expect(throws: MartletError.self) { try sealer.open("p\u{E9}ch\u{E9}") }
        #expect(throws: MartletError.self) { try sealer.open(String(sealed.dropLast(4))) }
    }
}
