import Domain
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Storage

@Suite("What damage to stored artifacts does", .everyEngine)
struct ArtifactVerifierTests {
    let world: TrackingWorld

    init() throws { world = try TrackingWorld() }

    @Test("a damaged and a missing blob are found and named by what needs them; whole ones are counted")
    func findings() async throws {
        try await world.put("0/whole", "a")
        let version = try await world.version(of: "m", file: "weights of m")
        try await world.put("0/gone", "c")
        let gone = try await world.artifacts.blob("0/gone")
        let files = try await world.reader.versionRecord(version.id).files
        try Data("weights of M".utf8).write(to: URL(filePath: world.path(files[0].digest)))
        try FileManager.default.removeItem(atPath: world.path(gone.digest))
        let verifier = ArtifactVerifier(store: world.artifacts)
        let page = try await verifier.verify()
        #expect(page.blobs == 3 && page.next == nil)
        #expect(try await verifier.count() == 3)
        let damaged = try #require(page.findings.first { $0.problem == .damaged })
        #expect(damaged.digest == files[0].digest && damaged.names.contains("models:/m/1/MLmodel"))
        let missing = try #require(page.findings.first { $0.problem == .missing })
        #expect(missing.digest == gone.digest && missing.names == ["0/gone"])
        #expect(page.findings.count == 2)
    }

    @Test("a file of a data set is verified like any other, and one that grew is damaged, too")
    func datasets() async throws {
        let datasets = DatasetStore(database: world.database, clock: world.clock)
        let blob = try await world.artifacts.blobs.write(TrackingWorld.body("a,b\n1,2\n"), bytesMax: 100)
        _ = try await datasets.add(
            DatasetStore.Draft(
                name: "plants", source: nil,
                files: [.init(path: "data.csv", digest: blob.digest, bytes: blob.bytes, format: .csv, rows: 1)],
                rows: 1, columns: [], sketch: "{}"),
            by: world.ada)
        let verifier = ArtifactVerifier(store: world.artifacts)
        #expect(try await verifier.verify() == ArtifactVerifier.Page(blobs: 1, bytes: 8))
        let handle = try #require(FileHandle(forWritingAtPath: world.path(blob.digest)))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data("3,4\n".utf8))
        try handle.close()
        let finding = try #require(try await verifier.verify().findings.first)
        #expect(finding.problem == .damaged && finding.names == ["dataset:plants@1/data.csv"])
    }

    @Test("a stream of a damaged blob gives fewer bytes than were promised, and ends with an error")
    func stream() async throws {
        let text = String(repeating: "0123456789", count: 100_000)
        try await world.put("0/big", text)
        let blob = try await world.artifacts.blob("0/big")
        let path = world.path(blob.digest)
        var bytes = try Data(contentsOf: URL(filePath: path))
        bytes[3] ^= 1
        try bytes.write(to: URL(filePath: path))
        var got: Int64 = 0
        await #expect(throws: MartletError.self) {
            try await world.artifacts.blobs.stream(blob) { got += Int64($0.readableBytes) }
        }
        #expect(got > 0 && got < blob.bytes)
    }

    @Test("pages go on where they stopped and see every blob once")
    func pages() async throws {
        for index in 0..<7 { try await world.put("0/\(index)", "text \(index)") }
        let verifier = ArtifactVerifier(store: world.artifacts)
        var seen = 0
        var after: String?
        repeat {
            let page = try await verifier.page(after: after, seconds: 0)
            seen += page.blobs
            after = page.next
        } while after != nil
        #expect(seen == 7)
    }

    @Test(
        "the cache checks what it holds, fetches what was changed, and lets the longest unused go, but not the pinned")
    func cache() async throws {
        let folder = try TemporaryFolder()
        let cache = try BlobCache(root: folder.path, bytesMax: 10)
        var fetched = 0
        func path(_ text: String) async throws -> String {
            let bytes = Array(text.utf8)
            let digest = bytes.withUnsafeBytes { SHA256Digest.of($0) }
            return try await cache.path(of: BlobStore.Blob(digest: digest, bytes: Int64(bytes.count))) { write in
                fetched += 1
                try await write(ByteBuffer(bytes: bytes))
            }
        }
        let one = try await path("11111")
        #expect(try await path("11111") == one && fetched == 1)
        try Data("x".utf8).write(to: URL(filePath: one))
        _ = try await path("11111")
        #expect(fetched == 2 && FileManager.default.contents(atPath: one) == Data("11111".utf8))
        cache.pin([URL(filePath: one).lastPathComponent])
        let two = try await path("22222")
        let three = try await path("33333")
        #expect(FileManager.default.fileExists(atPath: one) && FileManager.default.fileExists(atPath: three))
        #expect(!FileManager.default.fileExists(atPath: two))
    }
}
