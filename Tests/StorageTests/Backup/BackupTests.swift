import Domain
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Storage

@Suite("Backup and restore", .everyEngine, .namingEngine)
struct BackupTests {
    let folder: TemporaryFolder
    let clock = ManualClock()
    let data: String
    let registry: Database
    let observations: Database
    var archive: String { folder.path + "/b.tar" }
    var restored: String { folder.path + "/restored" }

    init() throws {
        folder = try TemporaryFolder()
        data = folder.path + "/data"
        for name in ["", "/keys", "/artifacts/incoming", "/artifacts/blobs/ab"] {
            try FileManager.default.createDirectory(atPath: data + name, withIntermediateDirectories: true)
        }
        registry = try Database.test(data + "/registry.db", migrations: Migrations.registry, clock: clock)
        observations = try Database.test(data + "/observations.db", migrations: Migrations.observations, clock: clock)
        try Data("half".utf8).write(to: URL(fileURLWithPath: data + "/artifacts/incoming/upload"))
        try Data("locked".utf8).write(to: URL(fileURLWithPath: data + "/control.lock"))
    }

    private func backup(_ plan: BackupPlan) async throws {
        try Data().write(to: URL(fileURLWithPath: archive))
        let handle = try #require(FileHandle(forWritingAtPath: archive))
        try await plan.write { try handle.write(contentsOf: Data($0)) }
        try handle.close()
        plan.discard()
    }

    private func prepare() async throws -> BackupPlan {
        try await BackupPlan.prepare(
            dataDirectory: data, registry: registry, observations: observations, at: clock.now())
    }

    private func store(_ bytes: [UInt8]) async throws -> String {
        let blobs = try BlobStore(root: data + "/artifacts")
        let body = AsyncStream { continuation in
            continuation.yield(ByteBuffer(bytes: bytes))
            continuation.finish()
        }
        return try await blobs.write(body, bytesMax: .max).digest
    }

    @Test("what was written before the backup is there after it, and what came later is not")
    func roundTrip() async throws {
        let accounts = AccountStore(database: registry, clock: clock)
        let signer = try AuditSigner(directory: data + "/keys")
        _ = try await accounts.create(name: "ada", roles: [.viewer], actor: .system)
        _ = try await AuditStore(database: registry).checkpoint(signer: signer, at: clock.now())
        let bytes = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let digest = try await store(bytes)
        let plan = try await prepare()
        _ = try await accounts.create(name: "later", roles: [.viewer], actor: .system)
        try await backup(plan)
        let manifest = try BackupReader.restore(archive, into: restored)
        #expect(!manifest.files.contains { $0.path.hasSuffix(".lock") || $0.path.contains("incoming/") })
        let copy = try Database(path: restored + "/registry.db", migrations: Migrations.registry, clock: clock)
        let names = try await AccountStore(database: copy, clock: clock).list().map(\.name)
        #expect(names == ["ada", "retraining"])
        let blobs = try BlobStore(root: restored + "/artifacts")
        #expect(try await blobs.read(.init(digest: digest, bytes: Int64(bytes.count)), bytesMax: 1 << 24) == bytes)
        let mode = try FileManager.default.attributesOfItem(atPath: restored + "/keys/audit.key")[.posixPermissions]
        #expect(mode as? Int == 0o600)
        guard case .whole(1, 1, _, _) = try await AuditVerifier.verify(dataDirectory: restored) else {
            Issue.record("the restored chain is broken")
            return
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: data).allSatisfy { !$0.hasPrefix("backup-") })
    }

    @Test("a folder with anything in it is refused and left alone")
    func refusesFolder() async throws {
        try await backup(try await prepare())
        try FileManager.default.createDirectory(atPath: restored, withIntermediateDirectories: true)
        try Data("mine".utf8).write(to: URL(fileURLWithPath: restored + "/file"))
        #expect(throws: MartletError.self) { try BackupReader.restore(archive, into: restored) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: restored) == ["file"])
    }

    @Test("a flipped byte anywhere, a cut and a lengthened archive restore nothing")
    func damaged() async throws {
        try await backup(try await prepare())
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: archive)))
        let contents = whole.indices.filter { $0 % 40_009 == 600 }
        for offset in contents + [0, 130, 150, 520] {
            var damaged = whole
            damaged[offset] ^= 1
            try Data(damaged).write(to: URL(fileURLWithPath: archive))
            // A byte of the padding between files carries nothing.
            guard whole[offset] != 0 || offset < 2_000 else { continue }
            #expect(throws: MartletError.self, "byte \(offset)") { try BackupReader.restore(archive, into: restored) }
            #expect(!FileManager.default.fileExists(atPath: restored))
        }
        for count in [0, 511, 600, whole.count / 2, whole.count - 1_024] {
            try Data(whole.prefix(count)).write(to: URL(fileURLWithPath: archive))
            #expect(throws: MartletError.self, "\(count) bytes") { try BackupReader.restore(archive, into: restored) }
        }
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(!left.contains { $0.contains("restoring") })
    }

    @Test(
        "paths that lead out are no paths",
        arguments: ["", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a\u{0}b"])
    func unsafe(path: String) {
        #expect(!BackupReader.isSafe(path))
    }

    @Test("headers keep long names and sizes beyond 8 GiB")
    func headers() throws {
        for header in [
            TarHeader(name: "a", bytes: 0), TarHeader(name: "keys/audit.key", bytes: 44),
            TarHeader(
                name: String(repeating: "d", count: 120) + "/" + String(repeating: "f", count: 90), bytes: 1 << 33),
            TarHeader(name: "big", bytes: 1 << 45),
        ] {
            #expect(try TarHeader(try header.encoded()) == header)
        }
    }
}
