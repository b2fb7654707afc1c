import Domain
import Foundation
import NIOCore
import Storage
import Testing

@Suite("Artifacts and their blobs", .everyEngine, .namingEngine)
struct ArtifactStoreTests {
    let world: TrackingWorld

    init() throws { world = try TrackingWorld() }

    @Test("bytes come back; the same bytes are one blob; a path can be replaced and deleted, a folder as a whole")
    func putAndDelete() async throws {
        try await world.put("0/a", "x")
        try await world.put("0/sub/b", "x")
        try await world.put("0/sub/empty", "")
        #expect(try await world.artifacts.blob("0/a") == world.artifacts.blob("0/sub/b"))
        #expect(try await world.artifacts.blob("0/sub/empty").bytes == 0)
        try await world.put("0/a", "y")
        #expect(try await world.text("0/a") == "y")
        #expect(try await world.artifacts.list("0").map(\.path) == ["a", "sub"])
        #expect(try await world.artifacts.list("").map(\.path) == ["0"])
        #expect(try await world.artifacts.list("0/a").isEmpty)
        try await world.artifacts.delete("0/sub", by: world.ada)
        #expect(try await world.artifacts.list("0").map(\.path) == ["a"])
        #expect(await world.refusal { _ = try await world.artifacts.blob("0/sub/b") } == .notFound)
    }

    @Test("a path is a file or a folder, never both")
    func fileOrFolder() async throws {
        try await world.put("0/a/b", "x")
        try await world.put("0/a.b", "x")
        #expect(await world.refusal { try await world.put("0/a", "y") } == .invalidArgument)
        #expect(await world.refusal { try await world.put("0/a/b/c/d", "y") } == .invalidArgument)
        try await world.put("0/ab", "z")
        try await world.artifacts.delete("0/a", by: world.ada)
        try await world.put("0/a", "y")
        #expect(try await world.artifacts.list("0").map(\.path) == ["a", "a.b", "ab"])
    }

    @Test(
        "paths out of the folder are refused",
        arguments: ["..", "../x", "a/../b", "/a", "a//b", "a/", "", "a\\b", "a\0b", "a/%2e%2e/b", "."])
    func paths(_ path: String) async throws {
        #expect(await world.refusal { try await world.put(path, "x") } == .invalidArgument)
        #expect(try await world.artifacts.list("").isEmpty)
    }

    @Test("names are kept byte by byte, those too that Unicode normalization makes equal")
    func names() async throws {
        let names = ["\u{E9}", "e\u{301}", "\u{301}first", "<script>'\"; --", " ", "#?&", "\u{1F469}\u{200D}\u{1F52C}"]
        for name in names { try await world.put("0/" + name, name) }
        let listed = try await world.artifacts.list("0").map { Array($0.path.utf8) }
        #expect(Set(listed) == Set(names.map { Array($0.utf8) }))
        for name in names { #expect(Array(try await world.text("0/" + name).utf8) == Array(name.utf8)) }
    }

    @Test("a body over the limit is refused, as is one that breaks off; neither leaves a file behind")
    func limit() async throws {
        let small = try TrackingWorld(bytesMax: 4)
        try await small.put("0/four", "1234")
        #expect(await small.refusal { try await small.put("0/five", "12345") } == .payloadTooLarge)
        struct Broken: Error {}
        let broken = AsyncThrowingStream<ByteBuffer, any Error> { stream in
            stream.yield(ByteBuffer(string: "12"))
            stream.finish(throwing: Broken())
        }
        await #expect(throws: Broken.self) { try await small.artifacts.put("0/broken", broken, by: small.ada) }
        #expect(try await small.artifacts.list("0").map(\.path) == ["four"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: small.folder.path + "/artifacts/incoming").isEmpty)
    }

    @Test("all folders of blobs are there, and flushed, before the first blob")
    func blobFolders() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: world.folder.path + "/artifacts/blobs")
        #expect(folders.count == 256 && folders.contains("00") && folders.contains("ff"))
    }

    @Test("a start removes what a crash left half-written and keeps what has its name")
    func restart() async throws {
        try await world.put("0/a", "x")
        let incoming = world.folder.path + "/artifacts/incoming"
        #expect(FileManager.default.createFile(atPath: incoming + "/half", contents: Data("h".utf8)))
        _ = try BlobStore(root: world.folder.path + "/artifacts")
        #expect(try FileManager.default.contentsOfDirectory(atPath: incoming).isEmpty)
        #expect(try await world.text("0/a") == "x")
    }

    @Test("a blob whose bytes have changed is not handed out as whole")
    func damage() async throws {
        try await world.put("0/a", "x")
        let blob = try await world.artifacts.blob("0/a")
        try Data("y".utf8).write(to: URL(fileURLWithPath: world.path(blob.digest)))
        #expect(await world.refusal { _ = try await world.text("0/a") } == .internal)
    }

    @Test("a listing is whole, however many files lie in the folders of it; one of too many entries is refused")
    func largeListings() async throws {
        func fill(_ folder: String, _ count: Int) async throws {
            _ = try await world.database.write { sql in
                try sql.execute(
                    """
                    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $2)
                    INSERT INTO artifacts (path, digest, bytes, modified_at, stored_by)
                    SELECT $1 || '/' || i, 'd', 1, 0, 'p' FROM n
                    """, [.text(folder), .integer(count)])
            }
        }
        try await fill("0/a", 12_000)
        try await fill("0/b", 2_500)
        try await world.put("0/last", "x")
        #expect(try await world.artifacts.list("0").map(\.path) == ["a", "b", "last"])
        #expect(try await world.artifacts.list("0/a").count == 12_000)
        #expect(try await world.artifacts.list("0/b").count == 2_500)
        try await fill("0/c", 100_001)
        #expect(await world.refusal { _ = try await world.artifacts.list("0/c") } == .failedPrecondition)
        #expect(try await world.artifacts.list("0").map(\.path) == ["a", "b", "c", "last"])
    }
}
