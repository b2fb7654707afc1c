import Domain
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Storage

@Suite("Encryption at rest", .everyEngine)
struct EncryptionTests {
    let folder: TemporaryFolder
    let clock = ManualClock()
    let registry: Database
    let observations: Database
    let keyFile: String
    let admin = Principal(id: .init(rawValue: "p-root"), name: "root", roles: [.administrator])

    init() throws {
        folder = try TemporaryFolder()
        registry = try Database.test(folder.path + "/registry.db", migrations: Migrations.registry, clock: clock)
        observations = try Database.test(
            folder.path + "/observations.db", migrations: Migrations.observations, clock: clock)
        keyFile = folder.path + "/master.keys"
        try write([Self.one])
    }

    private static let one = Data(repeating: 1, count: 32).base64EncodedString()
    private static let two = Data(repeating: 2, count: 32).base64EncodedString()

    private func write(_ lines: [String]) throws {
        try? FileManager.default.removeItem(atPath: keyFile)
        try SecretFile(path: keyFile).create(Array((lines.joined(separator: "\n") + "\n").utf8))
    }

    private var keyStore: DataKeyStore { DataKeyStore(database: registry, clock: clock, keyFile: keyFile) }

    private func ring() async throws -> DataKeyRing { try #require(try await keyStore.open(makes: true)) }

    private func store(_ ring: DataKeyRing?) throws -> ArtifactStore {
        ArtifactStore(
            database: registry, clock: clock,
            blobs: BlobStore(
                keeper: try FolderBlobKeeper(root: folder.path + "/artifacts"),
                cache: try BlobCache(root: folder.path + "/cache", bytesMax: 1 << 20), keys: ring))
    }

    private func pattern(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) } }

    /// In pieces of a size that fits no chunk.
    private func body(_ bytes: [UInt8]) -> AsyncStream<ByteBuffer> {
        AsyncStream { stream in
            for start in stride(from: 0, to: bytes.count, by: 10_007) {
                stream.yield(ByteBuffer(bytes: bytes[start..<min(start + 10_007, bytes.count)]))
            }
            stream.finish()
        }
    }

    private func sealedPath(_ digest: String) -> String {
        "\(folder.path)/artifacts/sealed/\(digest.prefix(2))/\(digest)"
    }

    private func code(_ call: () async throws -> Void) async -> MartletError.Code? {
        do { try await call() } catch let error as MartletError { return error.code } catch { Issue.record(error) }
        return nil
    }

    // MARK: blobs

    @Test(
        "bytes and any range of them come back, and none of them lies on the disk in the clear",
        arguments: [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])
    func roundTrip(_ count: Int) async throws {
        let blobs = try store(try await ring()).blobs
        let bytes = pattern(count)
        let blob = try await blobs.write(body(bytes), bytesMax: .max)
        #expect(blob.bytes == Int64(count))
        #expect(try await blobs.read(blob, bytesMax: 1 << 20) == bytes)
        let stored = try Data(contentsOf: URL(filePath: sealedPath(blob.digest)))
        #expect(Int64(stored.count) == SealedFormat.bodyBytes(bytes: blob.bytes) + Int64(SealedFormat.trailerBytes))
        if count > 100 { #expect(stored.range(of: Data(bytes[50..<100])) == nil) }
        for range in [0..<min(1, count), count / 3..<count / 2, max(0, count - 3)..<count] where !range.isEmpty {
            var got: [UInt8] = []
            try await blobs.stream(blob, range: Int64(range.lowerBound)..<Int64(range.upperBound)) {
                got += $0.readableBytesView
            }
            #expect(got == Array(bytes[range]))
        }
        let local = try await blobs.localPath(blob)
        #expect(FileManager.default.contents(atPath: local).map { [UInt8]($0) } == bytes)
    }

    @Test("one flipped bit anywhere, a cut end, chunks in another order or another blob's bytes are refused by name")
    func tampering() async throws {
        let blobs = try store(try await ring()).blobs
        let blob = try await blobs.write(body(pattern(200_000)), bytesMax: .max)
        let other = try await blobs.write(body([UInt8](repeating: 7, count: 200_000)), bytesMax: .max)
        let path = sealedPath(blob.digest)
        let whole = try Data(contentsOf: URL(filePath: path))
        let chunk = SealedFormat.chunkBytes + SealedFormat.tagBytes
        var damages: [(String, Data)] = [3, 30, 60, 64, 70_000, whole.count - 1].map { index in
            var data = whole
            data[index] ^= 1
            return ("bit \(index)", data)
        }
        damages.append(("cut", whole.dropLast(1)))
        damages.append(("cut chunk", whole[..<(64 + 2 * chunk)] + whole.suffix(SealedFormat.trailerBytes)))
        damages.append(
            (
                "swapped",
                whole[..<64] + whole[(64 + chunk)..<(64 + 2 * chunk)] + whole[64..<(64 + chunk)]
                    + whole[(64 + 2 * chunk)...]
            ))
        damages.append(("another blob", try Data(contentsOf: URL(filePath: sealedPath(other.digest)))))
        for (name, data) in damages {
            try data.write(to: URL(filePath: path))
            #expect(await code { _ = try await blobs.read(blob, bytesMax: 1 << 20) } == .internal, "\(name)")
            do { try await blobs.stream(blob) { _ in } } catch let error as MartletError {
                #expect(error.message.contains(blob.digest), "\(name)")
            }
        }
        // A range never touches chunks outside of it, but what it touches is authenticated, as is the blob's identity.
        try damages[4].1.write(to: URL(filePath: path))
        #expect(await code { try await blobs.stream(blob, range: 65_536..<70_000) { _ in } } == .internal)
        try damages.last?.1.write(to: URL(filePath: path))
        #expect(await code { try await blobs.stream(blob, range: 0..<10) { _ in } } == .internal)
    }

    // MARK: keys

    @Test("a missing key, a wrong key and a missing master key are refused at the start, with what to do")
    func refusals() async throws {
        _ = try await ring()
        func refusal(_ file: String?) async -> String? {
            do {
                _ = try await DataKeyStore(database: registry, clock: clock, keyFile: file).open(makes: true)
                return nil
            } catch let error as MartletError {
                #expect(error.code == .failedPrecondition)
                return error.message
            } catch {
                Issue.record(error)
                return nil
            }
        }
        #expect(await refusal(nil)?.contains("--encryption-key-file") == true)
        #expect(await refusal(folder.path + "/none")?.contains("is not there") == true)
        try write([Self.two])
        #expect(await refusal(keyFile)?.contains("is not in") == true)
        try write(["c2hvcnQ="])
        #expect(await refusal(keyFile)?.contains("Line 1") == true)
        try write([Self.one])
        chmod(keyFile, 0o644)
        #expect(await refusal(keyFile)?.contains("chmod 600") == true)
        chmod(keyFile, 0o600)
        #expect(await refusal(keyFile) == nil)
    }

    @Test("a wrapped key that was changed in the database is refused")
    func changedRow() async throws {
        _ = try await ring()
        _ = try await registry.write { try $0.execute("UPDATE data_keys SET wrapped = $1", [.text("AAAA")]) }
        #expect(await code { _ = try await keyStore.open(makes: true) } == .failedPrecondition)
    }

    @Test("rotation rewraps every data key, leaves old data readable, and lets the old master key go")
    func rotation() async throws {
        let ring = try await ring()
        let artifacts = try store(ring)
        let old = try await artifacts.blobs.write(body([1, 2, 3]), bytesMax: .max)
        try write([Self.two, Self.one])
        #expect(try await keyStore.rotate(ring, by: admin) == 1)
        let new = try await artifacts.blobs.write(body([4, 5, 6]), bytesMax: .max)
        let status = try await keyStore.status()
        #expect(status.dataKeys.count == 2 && status.dataKeys.count(where: \.isCurrent) == 1)
        #expect(Set(status.dataKeys.map(\.masterKey)) == [status.masterKeys[0]])
        #expect(try await keyStore.rotate(ring, by: admin) == 0)
        try write([Self.two])
        let again = try store(try await self.ring()).blobs
        #expect(try await again.read(old, bytesMax: 10) == [1, 2, 3])
        #expect(try await again.read(new, bytesMax: 10) == [4, 5, 6])
    }

    // MARK: columns

    private func record(_ id: String) -> PredictionRecord {
        PredictionRecord(
            id: PredictionID(rawValue: id), time: Timestamp(milliseconds: 1), endpoint: "m", version: 1,
            input: Array("age 47".utf8), output: Array("yes".utf8), runtime: "r")
    }

    private func feedback(_ label: String, at milliseconds: Int64) -> Feedback {
        Feedback(
            predictionID: PredictionID(rawValue: "a"), businessKey: nil, endpoint: "m", row: 0, label: label,
            override: "no", kpis: ["cost": 4.5], time: Timestamp(milliseconds: milliseconds), principal: "p")
    }

    /// What the tables with sensitive columns hold, as it is stored.
    private func stored() async throws -> String {
        var text = try await observations.read { sql in
            try sql.rows("SELECT input, output FROM prediction_log").map {
                String(decoding: try $0.blob("input") + $0.blob("output"), as: UTF8.self)
            }.joined()
        }
        text += try await registry.read { sql in
            let feedback = try ["feedback", "feedback_history"].flatMap { table in
                try sql.rows("SELECT label, override, kpis FROM \(table)").flatMap {
                    [try $0.optionalText("label"), try $0.optionalText("override"), try $0.optionalText("kpis")]
                }
            }
            let secrets = try sql.rows("SELECT sealed_secret FROM webhooks").map {
                try $0.optionalText("sealed_secret")
            }
            return (feedback + secrets).compactMap { $0 }.joined(separator: "\n")
        }
        return text
    }

    @Test("recorded predictions and feedback are not in the databases in the clear, and come back; moved values do not")
    func columns() async throws {
        let cipher = ColumnCipher(keys: try await ring())
        let log = PredictionLogStore(database: observations, cipher: cipher)
        try await log.append(record("a"))
        try await log.append(record("b"))
        let store = SQLFeedbackStore(database: registry, cipher: cipher)
        _ = try await store.record([feedback("leopard", at: 1)], by: admin)
        _ = try await store.record([feedback("ocelot", at: 2)], by: admin)
        #expect(try await log.record(PredictionID(rawValue: "a")) == record("a"))
        let got = try await store.feedback(of: PredictionID(rawValue: "a"))
        #expect(got.map(\.label) == ["leopard", "ocelot"] && got[0].kpis == ["cost": 4.5] && got[0].override == "no")
        let stored = try await stored()
        for text in ["age 47", "leopard", "ocelot", "\"cost\""] { #expect(!stored.contains(text), "\(text)") }
        _ = try await observations.write { sql in
            try sql.execute(
                "UPDATE prediction_log SET input = (SELECT input FROM prediction_log WHERE id = 'b') WHERE id = 'a'")
        }
        #expect(await code { _ = try await log.record(PredictionID(rawValue: "a")) } == .internal)
    }

    @Test(
        "with encryption off, a value that only looks sealed is refused, and spoils no other", arguments: [false, true])
    func looksSealed(isEncrypted: Bool) async throws {
        let cipher = ColumnCipher(keys: isEncrypted ? try await ring() : nil)
        let feedback = SQLFeedbackStore(database: registry, cipher: cipher)
        func entry(_ row: Int, _ label: String) -> Feedback {
            Feedback(
                predictionID: nil, businessKey: "order", endpoint: "m", row: row, label: label, override: nil,
                kpis: [:],
                time: clock.now(), principal: "root")
        }
        _ = try await feedback.record([entry(0, "1")], by: admin)
        for label in [ColumnCipher.mark + "AAAA", ColumnCipher.mark + "\u{301}", ColumnCipher.mark] {
            do {
                _ = try await feedback.record([entry(1, label)], by: admin)
                #expect(isEncrypted)
            } catch let error as MartletError {
                #expect(!isEncrypted && error.code == .invalidArgument)
            }
        }
        let kept = try await feedback.newestLabelled(endpoint: "m", since: Timestamp(milliseconds: 0), limit: 10)
        #expect(kept.contains { $0.label == "1" } && kept.count == (isEncrypted ? 2 : 1))
    }

    @Test("a webhook's secret is sealed twice where encryption is on, and follows no other webhook")
    func webhooks() async throws {
        let sealer = try FileKeySealer(path: folder.path + "/webhooks.key")
        let plain = WebhookStore(database: registry, clock: clock, sealer: sealer)
        let draft = WebhookDraft(
            name: "w", url: "https://example.org/w", events: [.modelCreated], secret: "before")
        let old = try await plain.create(draft, by: admin)
        let cipher = ColumnCipher(keys: try await ring())
        let store = WebhookStore(database: registry, clock: clock, sealer: sealer, cipher: cipher)
        func secret(_ store: WebhookStore, _ webhook: Webhook) async throws -> String? {
            try await store.parcel(to: webhook.id, .modelCreated, [:]).secret
        }
        #expect(try await secret(store, old) == "before")
        var changed = draft
        changed.secret = "after"
        let new = try await store.create(changed, by: admin)
        #expect(try await secret(store, new) == "after")
        #expect(await code { _ = try await secret(plain, new) } == .failedPrecondition)
        let migrator = EncryptionMigrator(
            artifacts: try self.store(cipher.keys), observations: observations, cipher: cipher)
        #expect(try await migrator.step(after: nil, seconds: 60).values == 1)
        #expect(try await migrator.step(after: nil, seconds: 60).values == 0)
        #expect(try await secret(store, old) == "before")
        #expect(await code { _ = try await secret(plain, old) } == .failedPrecondition)
        _ = try await registry.write { sql in
            try sql.execute(
                """
                UPDATE webhooks SET sealed_secret = (SELECT sealed_secret FROM webhooks WHERE webhook_id = $1)
                WHERE webhook_id = $2
                """, [.text(new.id), .text(old.id)])
        }
        #expect(await code { _ = try await secret(store, old) } == .internal)
    }

    @Test("what was stored before is readable, and encrypted by the migration, step by step, as often as it is called")
    func migration() async throws {
        let before = try store(nil)
        let path = "0/a"
        try await before.put(path, body(pattern(100_000)), by: admin)
        try await before.put("0/damaged", body([9, 9]), by: admin)
        let blob = try await before.blob(path)
        let damaged = try await before.blob("0/damaged")
        try await PredictionLogStore(database: observations).append(record("a"))
        let plain = SQLFeedbackStore(database: registry)
        for (time, label) in ["leopard", "ocelot", "puma"].enumerated() {
            _ = try await plain.record([feedback(label, at: Int64(time))], by: admin)
        }
        try Data([8, 8]).write(
            to: URL(filePath: "\(folder.path)/artifacts/blobs/\(damaged.digest.prefix(2))/\(damaged.digest)"))

        let ring = try await ring()
        let cipher = ColumnCipher(keys: ring)
        let artifacts = try store(ring)
        #expect(try await artifacts.blobs.read(blob, bytesMax: 1 << 20) == pattern(100_000))
        let migrator = EncryptionMigrator(artifacts: artifacts, observations: observations, cipher: cipher)
        func run() async throws -> EncryptionMigrator.Step {
            var total = EncryptionMigrator.Step()
            var after: String?
            repeat {
                let step = try await migrator.step(after: after, seconds: 0)
                total.values += step.values
                total.blobs += step.blobs
                total.damaged += step.damaged
                after = step.next
            } while after != nil
            return total
        }
        let first = try await run()
        #expect(first.blobs == 1 && first.values == 2 + 3 + 2 * 3)
        #expect(first.damaged.count == 1 && first.damaged[0].contains(damaged.digest))
        let second = try await run()
        #expect(second.blobs == 0 && second.values == 0 && second.damaged.count == 1)
        #expect(
            !FileManager.default.fileExists(
                atPath: "\(folder.path)/artifacts/blobs/\(blob.digest.prefix(2))/\(blob.digest)"))
        #expect(try await artifacts.blobs.read(blob, bytesMax: 1 << 20) == pattern(100_000))
        let store = SQLFeedbackStore(database: registry, cipher: cipher)
        let got = try await store.feedback(of: PredictionID(rawValue: "a"))
        #expect(got.map(\.label) == ["leopard", "ocelot", "puma"])
        #expect(
            try await PredictionLogStore(database: observations, cipher: cipher).record(PredictionID(rawValue: "a"))
                == record("a"))
        #expect(await code { _ = try await plain.feedback(of: PredictionID(rawValue: "a")) } == .failedPrecondition)
    }
}
