import Foundation
import Storage
import Testing

@Suite("Models that the server lays out for itself")
struct ServableModelFolderTests {
    private let root = FileManager.default.temporaryDirectory.appending(path: "martlet-servable-\(UUID().uuidString)")

    @Test("models of one file with other weights beside it are two")
    func keepsWeights() async throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let folder = try ServableModelFolder(root: root.appending(path: "servable").path)
        func files(_ weights: String) throws -> [(name: String, localPath: String, digest: String)] {
            let (model, data) = (root.appending(path: "m").path, root.appending(path: weights).path)
            try Data("model".utf8).write(to: URL(filePath: model))
            try Data(weights.utf8).write(to: URL(filePath: data))
            return [("model.onnx", model, "00"), ("model.onnx.data", data, weights)]
        }
        let one = try await folder.keep(files: files("11"))
        let other = try await folder.keep(files: files("22"))
        #expect(one.digest != other.digest)
        for (kept, weights) in [(one, "11"), (other, "22")] {
            #expect(try String(contentsOfFile: kept.path + ".data", encoding: .utf8) == weights)
        }
    }

    @Test("a document is kept by its content, its files in the folder beside it; twice is the same as once")
    func keepsDocument() async throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let folder = try ServableModelFolder(root: root.appending(path: "servable").path)
        let source = root.appending(path: "blob").path
        try Data("weights".utf8).write(to: URL(filePath: source))
        let files = [(path: "MLmodel", localPath: source), (path: "code/deep/model.py", localPath: source)]
        let (path, digest) = try await folder.keep(document: Array("abc".utf8), files: files)
        // The SHA-256 of "abc", FIPS 180-2.
        #expect(digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "abc")
        for file in files {
            let kept = URL(filePath: path).deletingLastPathComponent().appending(path: "model/\(file.path)")
            #expect(try String(contentsOf: kept, encoding: .utf8) == "weights")
        }
        #expect(try await folder.keep(document: Array("abc".utf8), files: files) == (path, digest))
        // What is collected where it came from stays here.
        try FileManager.default.removeItem(atPath: source)
        #expect(FileManager.default.fileExists(atPath: path))
    }
}
