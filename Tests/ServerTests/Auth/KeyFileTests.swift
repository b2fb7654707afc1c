import Domain
import Foundation
import Storage
import Testing

@testable import Server

@Suite("A file of API keys")
struct KeyFileTests {
    private let path = NSTemporaryDirectory() + "martlet-keys-" + UUID().uuidString
    private let key = String(repeating: "k", count: 40)
    /// SHA-256 of that key.
    private let digest = "sha256:dc4c5d17d972b66638dd360cf701ca3d0d7ef3b06c5156cd4de5da931555d567"

    private func write(_ text: String, mode: Int = 0o600) throws -> KeyFile {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return KeyFile(path: path)
    }

    @Test("a key proves the name and the roles of its line, plain or by its digest, and no other key does")
    func proves() async throws {
        let file = try write("# keys\n\nada viewer,operator \(key)\nbob viewer \(digest.replacing("a", with: "b"))\n")
        let ada = try #require(try await file.authenticate(key)).principal
        #expect(ada.name == "ada" && ada.roles == [.viewer, .operator] && ada.onlyModel == nil)
        #expect(try await file.authenticate(key + "k") == nil)
        #expect(try await file.authenticate("") == nil)
        let hashed = try write("bob viewer \(digest)")
        #expect(try await hashed.authenticate(key)?.principal.name == "bob")
        #expect(try await hashed.authenticate(String(digest.dropFirst(7))) == nil)
    }

    @Test("a changed file holds from the next proof on")
    func changes() async throws {
        let file = try write("ada viewer \(key)")
        #expect(try await file.authenticate(key) != nil)
        _ = try write("ada viewer \(String(key.reversed()))x")
        #expect(try await file.authenticate(key) == nil)
        try FileManager.default.removeItem(atPath: path)
        await #expect(throws: MartletError.self) { try await file.authenticate(key) }
    }

    @Test("plain keys are their owner's alone to read; digests may be read by others, and written by nobody else")
    func modes() throws {
        #expect(throws: MartletError.self) { try write("a viewer \(key)", mode: 0o640).entries() }
        #expect(try write("a viewer \(digest)", mode: 0o644).entries().count == 1)
        #expect(throws: MartletError.self) { try write("a viewer \(digest)", mode: 0o664).entries() }
    }

    @Test(
        "a line that is wrong is named",
        arguments: [
            ("a viewer", "a line is NAME ROLES KEY"), ("a boss KEY", "a role is one of"),
            ("server viewer KEY", "reserved"),
            ("a viewer short", "32 characters"), ("a viewer sha256:12", "64 hexadecimal digits"),
            ("short", "32 characters"),
            ("a, viewer KEY", "principal's name"),
        ])
    func wrong(_ line: String, _ words: String) throws {
        let file = try write("# one\n" + line.replacing("KEY", with: key))
        let error = #expect(throws: MartletError.self) { try file.entries() }
        #expect(
            error?.message.contains("\(path):2: ") == true && error?.message.contains(words) == true, "\(error as Any)")
    }

    @Test("the first start makes an administrator's key that stays")
    func administrator() async throws {
        let folder = NSTemporaryDirectory() + "martlet-data-" + UUID().uuidString
        try DataDirectory.make(folder)
        let file = try KeyFile.administrator(in: folder)
        let text = try String(contentsOfFile: file.path, encoding: .utf8).trimmingCharacters(in: .newlines)
        #expect(try await KeyFile.administrator(in: folder).authenticate(text)?.principal.roles == [.administrator])
    }
}
