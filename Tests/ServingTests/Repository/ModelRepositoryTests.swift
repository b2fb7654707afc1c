import Domain
import Foundation
import Synchronization
import Testing

@testable import Serving

/// An index as short text: `m/1` is ready, `m/1: why` is not, `m/1! why` is ready and something newer of it is not.
private func text(_ entries: [RepositoryEntry]) -> [String] {
    entries.map { entry in
        let reason = entry.reason ?? ""
        return "\(entry.id)" + (entry.isReady ? (reason.isEmpty ? "" : "! \(reason)") : ": \(reason)")
    }
}

private func message(_ body: () async throws -> Void) async -> (code: MartletError.Code?, message: String) {
    do {
        try await body()
        return (nil, "none")
    } catch {
        let error = error as? MartletError
        return (error?.code, error?.message ?? "")
    }
}

@Suite("A model repository without a registry")
struct ModelRepositoryTests {
    private typealias Answer = ServedFolder.Answer

    private let folder: ServedFolder

    init() throws { folder = try ServedFolder() }

    // MARK: what is served

    @Test(
        "the highest version of each folder is served, also where no version is named; nothing is before all was read")
    func latest() async throws {
        try folder.write("m/1/model.onnx", "double")
        try folder.write("m/10/model.onnx", "triple")
        try folder.write("m/9/model.onnx", "double")
        try folder.write("m/010/model.onnx", "broken")
        try folder.write("m/notes/model.onnx", "broken")
        try folder.write(".hidden/1/model.onnx", "double")
        try folder.write("readme.md", "not a model")
        let repository = try folder.repository()
        #expect(!repository.isReady)
        #expect(await message { try await repository.load("m", .init()) }.code == .unavailable)
        #expect(await repository.read())
        #expect(repository.isReady)
        #expect(try await text(repository.index()) == ["m/10"])
        #expect(try await folder.ask("m") == Answer(10, 3))
        #expect(try await folder.ask("m", 10) == Answer(10, 3))
        #expect(await message { _ = try await folder.ask("m", 9) }.code == .notFound)
        #expect(await message { _ = try await folder.ask("n") }.code == .notFound)
        let observed = folder.recorder.observations.withLock { $0 }
        #expect(observed.map(\.endpoint) == ["m", "m"] && observed.map(\.version) == [10, 10])
        #expect(folder.recorder.records.withLock { $0 }.isEmpty)
    }

    @Test("a configuration chooses versions, bounds rows and narrows what callers see")
    func configured() async throws {
        try folder.write("m/1/model.onnx", "double")
        try folder.write("m/2/model.onnx", "triple")
        try folder.write("m/config.pbtxt", "all\nrows 3\noutput y 1 reshape")
        let repository = try await folder.served()
        #expect(try await text(repository.index()) == ["m/1", "m/2"])
        #expect(try await folder.ask("m", 1) == Answer(1, 2))
        #expect(try await folder.ask("m") == Answer(2, 3))
        let metadata = try folder.plane.metadata(model: "m", version: nil)
        #expect(metadata.versions == [1, 2])
        #expect(metadata.outputs.map(\.shape) == [[-1, 1]])
        #expect(metadata.rule == ServingRule(maxRows: 3))
        let response = try await folder.plane.infer(model: "m", version: 2, request: folder.request(rows: 3))
        #expect(response.outputs[0].tensor.shape == [3, 1])
        let refused = await message { _ = try await folder.ask("m", rows: 4) }
        #expect(refused.code == .invalidArgument)
        #expect(refused.message == "The request has 4 rows; the model takes 3 at most.")
    }

    @Test(
        "what cannot be served says why, by version or as a whole, and the others are served",
        arguments: [
            ("1/model.onnx", "broken", nil as String?, "bad/1: It is broken."),
            ("1/model.onnx", "fail", nil, "bad/1: Its first run failed. It failed."),
            ("1/model.onnx", "endless", nil, "bad/1: Its first run failed. It was stopped."),
            ("1/other.onnx", "double", nil, "bad/1: There is no file model.onnx in its folder."),
            ("readme.md", "text", nil, "bad/0: There is no version of it: a folder 1 with model.onnx."),
            ("1/model.onnx", "double", "wrong", "bad/0: config.pbtxt:1:1: it is wrong."),
            (
                "1/model.onnx", "double", "name good",
                "bad/0: Its configuration has the name \"good\", and its folder \"bad\"."
            ),
            ("1/model.onnx", "double", "specific 3", "bad/3: There is no folder 3 of it."),
            (
                "1/model.onnx", "double", "input z 2",
                "bad/1: The configuration has the input \"z\"; the model's are: x."
            ),
            (
                "1/model.onnx", "double", "type y INT64",
                "bad/1: The output \"y\" is configured as INT64; the model's is FP64."
            ),
            (
                "1/model.onnx", "double", "rows 4\ninput x 3",
                "bad/1: The input \"x\" is configured as [-1, 3] (the batch first); the model takes [-1, 2]."
            ),
        ])
    func failures(_ file: String, _ kind: String, _ configuration: String?, _ entry: String) async throws {
        try folder.write("good/1/model.onnx", "double")
        try folder.write("bad/\(file)", kind)
        if let configuration { try folder.write("bad/config.pbtxt", configuration) }
        let repository = try await folder.served()
        #expect(try await text(repository.index()) == [entry, "good/1"])
        #expect(repository.isReady)
        #expect(try await folder.ask("good") == Answer(1, 2))
        let refused = await message { _ = try await folder.ask("bad") }
        #expect(refused.code == .unavailable)
        let reason = entry.drop { $0 != ":" }.dropFirst(2)
        #expect(refused.message.hasSuffix(reason), "\(refused.message)")
    }

    @Test("values of the first run that a model refuses do not keep it from being served")
    func refusing() async throws {
        try folder.write("m/1/model.onnx", "refuse")
        #expect(try await text(folder.served().index()) == ["m/1"])
    }

    @Test("a server none of whose models can be called is not ready; one without models is")
    func readiness() async throws {
        let empty = try await folder.served()
        #expect(empty.isReady)
        try folder.write("m/1/model.onnx", "broken")
        #expect(!(try await folder.served().isReady))
    }

    // MARK: loading and unloading

    @Test("a load takes what has changed and leaves the rest, statistics included")
    func loadsChanges() async throws {
        try folder.write("m/config.pbtxt", "all")
        try folder.write("m/1/model.onnx", "double")
        try folder.write("m/2/model.onnx", "double 2")
        let repository = try await folder.served()
        _ = try await folder.ask("m", 1)
        _ = try await folder.ask("m", 2)
        try folder.write("m/2/model.onnx", "triple")
        #expect(try await folder.ask("m") == Answer(2, 2))
        try await repository.load("m", .init())
        #expect(try await folder.ask("m") == Answer(2, 3))
        let counts = try folder.plane.statistics(model: "m").map(\.inferenceCount)
        #expect(counts == [1, 1])
        try folder.write("m/3/model.onnx", "double")
        try await repository.load("m", .init())
        #expect(try await text(repository.index()) == ["m/1", "m/2", "m/3"])
        #expect(await message { try await repository.load("n", .init()) }.code == .notFound)
        #expect(await message { try await repository.load("../m", .init()) }.code == .notFound)
    }

    @Test("a bad version takes no traffic from a good one: it is served as before, and the index says why")
    func keepsTheGood() async throws {
        try folder.write("m/1/model.onnx", "double")
        let repository = try await folder.served()
        try folder.write("m/2/model.onnx", "broken")
        let refused = await message { try await repository.load("m", .init()) }
        #expect(refused.code == .unavailable)
        #expect(refused.message == "The model m was not loaded. Version 2: It is broken. Served as before: version 1.")
        #expect(try await text(repository.index()) == ["m/1", "m/2: It is broken."])
        #expect(try await folder.ask("m") == Answer(1, 2))
        // The file of the version that is served goes bad.
        try folder.remove("m/2")
        try folder.write("m/1/model.onnx", "broken")
        #expect(await message { try await repository.load("m", .init()) }.code == .unavailable)
        #expect(try await text(repository.index()) == ["m/1! It is broken."])
        #expect(try await folder.ask("m") == Answer(1, 2))
        // So does the configuration.
        try folder.write("m/1/model.onnx", "triple")
        try folder.write("m/config.pbtxt", "wrong")
        #expect(await message { try await repository.load("m", .init()) }.message.contains("config.pbtxt:1:1"))
        #expect(try await text(repository.index()) == ["m/1! config.pbtxt:1:1: it is wrong."])
        #expect(try await folder.ask("m") == Answer(1, 2))
        try folder.remove("m/config.pbtxt")
        try await repository.load("m", .init())
        #expect(try await text(repository.index()) == ["m/1"])
        #expect(try await folder.ask("m") == Answer(1, 3))
    }

    @Test("an unloaded model is not in memory and says so; a load brings it back")
    func unloads() async throws {
        try folder.write("m/1/model.onnx", "double")
        try folder.write("n/1/model.onnx", "triple")
        let repository = try await folder.served()
        weak let model = repository.state.withLock { $0.models["m"]?.served[1]?.model }
        #expect(model != nil)
        try await repository.unload("m")
        #expect(model == nil)
        #expect(try await text(repository.index()) == ["m/1: unloaded", "n/1"])
        #expect(await message { _ = try await folder.ask("m") }.code == .unavailable)
        #expect(try await folder.ask("n") == Answer(1, 3))
        try await repository.unload("m")
        await repository.poll()
        #expect(try await text(repository.index()) == ["m/1: unloaded", "n/1"])
        try await repository.load("m", .init())
        #expect(try await folder.ask("m") == Answer(1, 2))
        #expect(await message { try await repository.unload("none") }.code == .notFound)
    }

    @Test(
        "a configuration that comes with a load takes the place of the one on disk until the next load; files are refused"
    )
    func overrides() async throws {
        try folder.write("m/1/model.onnx", "double")
        try folder.write("m/2/model.onnx", "triple")
        let repository = try await folder.served()
        try await repository.load("m", .init(configuration: "specific 1\nrows 2"))
        #expect(try await text(repository.index()) == ["m/1"])
        #expect(try folder.plane.metadata(model: "m", version: nil).rule?.maxRows == 2)
        await repository.poll()
        #expect(try await text(repository.index()) == ["m/1"])
        let wrong = await message { try await repository.load("m", .init(configuration: "wrong")) }
        #expect(wrong.code == .invalidArgument)
        #expect(try await folder.ask("m") == Answer(1, 2))
        try await repository.load("m", .init())
        #expect(try await text(repository.index()) == ["m/2"])
        let files = await message { try await repository.load("m", .init(files: ["file:1/model.onnx"])) }
        #expect(files.code == .unimplemented)
    }

    // MARK: looking again

    @Test("a look at the folder loads what is new or has changed, once, and forgets what has gone")
    func polls() async throws {
        try folder.write("m/1/model.onnx", "double")
        let repository = try await folder.served()
        weak let before = repository.state.withLock { $0.models["m"]?.served[1]?.model }
        await repository.poll()
        #expect(before != nil)
        try folder.write("n/1/model.onnx", "triple")
        #expect(try await text(repository.index()) == ["m/1", "n/0: not loaded"])
        try folder.write("m/2/model.onnx", "broken")
        await repository.poll()
        #expect(try await text(repository.index()) == ["m/1", "m/2: It is broken.", "n/1"])
        let generation = repository.state.withLock { $0.generation }
        await repository.poll()
        #expect(repository.state.withLock { $0.generation } == generation)
        try folder.write("m/2/model.onnx", "triple")
        try folder.remove("n")
        await repository.poll()
        #expect(try await text(repository.index()) == ["m/2"])
        #expect(try await folder.ask("m") == Answer(2, 3))
        #expect(await message { _ = try await folder.ask("n") }.code == .notFound)
        // Wrong, and as it was before.
        try folder.write("m/config.pbtxt", "wrong")
        await repository.poll()
        #expect(try await text(repository.index()) == ["m/2! config.pbtxt:1:1: it is wrong."])
        try folder.remove("m/config.pbtxt")
        await repository.poll()
        #expect(try await text(repository.index()) == ["m/2"])
    }

    // MARK: folders

    @Test("one model alone may lie in the folder itself, in a folder of its versions, or in one of its name")
    func single() async throws {
        try folder.write("model.onnx", "double")
        #expect(throws: MartletError.self) { try folder.repository() }
        #expect(try await text(folder.served("wine").index()) == ["wine/1"])
        #expect(try await folder.ask("wine") == Answer(1, 2))
        try folder.remove("model.onnx")
        try folder.write("4/model.onnx", "triple")
        try folder.write("config.pbtxt", "name other")
        let repository = try await folder.served("wine")
        #expect(try await text(repository.index()) == ["wine/4"])
        #expect(await message { try await repository.load("4", .init()) }.code == .notFound)
        try folder.remove("4")
        try folder.remove("config.pbtxt")
        try folder.write("wine/2/model.onnx", "triple")
        #expect(try await text(folder.served("wine").index()) == ["wine/2"])
        #expect(throws: MartletError.self) { try folder.repository("a/b") }
        #expect(throws: MartletError.self) { try folder.repository(at: folder.path + "/none") }
    }

    @Test("links are followed inside the repository and nowhere else")
    func links() async throws {
        try folder.write("m/1/model.onnx", "double")
        let files = FileManager.default
        try "double".write(toFile: folder.path + "/outside.onnx", atomically: true, encoding: .utf8)
        try files.createDirectory(atPath: folder.path + "/outside/1", withIntermediateDirectories: true)
        try "double".write(toFile: folder.path + "/outside/1/model.onnx", atomically: true, encoding: .utf8)
        try folder.write("file/1/note", "")
        try files.createSymbolicLink(
            atPath: folder.models + "/file/1/model.onnx", withDestinationPath: folder.path + "/outside.onnx")
        try folder.write("version/note", "")
        try files.createSymbolicLink(
            atPath: folder.models + "/version/1", withDestinationPath: folder.path + "/outside/1")
        try files.createSymbolicLink(atPath: folder.models + "/whole", withDestinationPath: folder.path + "/outside")
        try files.createSymbolicLink(atPath: folder.models + "/alias", withDestinationPath: folder.models + "/m")
        let index = try await folder.served().index()
        #expect(index.filter(\.isReady).map(\.id.model) == ["alias", "m"])
        let refused = index.filter { !$0.isReady }
        #expect(refused.map(\.id.model) == ["file", "version", "whole"])
        #expect(refused.allSatisfy { $0.reason?.hasSuffix("is a link that leads out of the repository.") == true })
    }

    @Test("thousands of models are listed, and one is loaded without the others being touched")
    func many() async throws {
        for number in 0..<2_000 { try folder.write("m\(number)/1/model.onnx", "double") }
        let repository = try await folder.served()
        #expect(try await repository.index().count == 2_000)
        try folder.write("m7/2/model.onnx", "triple")
        try await repository.load("m7", .init())
        #expect(try await folder.ask("m7") == Answer(2, 3))
        #expect(try await folder.ask("m8") == Answer(1, 2))
    }
}

@Suite("Reshaped tensors")
struct ShapeChangeTests {
    @Test("elements stay, open dimensions keep their order, and what has not as many elements is unsound")
    func changes() throws {
        let change = ShapeChange(from: [4, -1], to: [2, 2, -1], isBatched: true)
        #expect(change.isSound)
        let tensor = try Tensor(.fp32, shape: [3, 4, 5], elements: [Float](repeating: 1, count: 60))
        #expect(try change.apply(tensor).shape == [3, 2, 2, 5])
        #expect(try change.reversed.apply(change.apply(tensor)) == tensor)
        let texts = try Tensor(shape: [2], strings: ["a", "b"])
        #expect(try ShapeChange(from: [], to: [1], isBatched: true).apply(texts).shape == [2, 1])
        #expect(!ShapeChange(from: [4], to: [5], isBatched: true).isSound)
        #expect(!ShapeChange(from: [4, -1], to: [-1, 4], isBatched: false).isSound)
        #expect(!ShapeChange(from: [-1], to: [4], isBatched: false).isSound)
        #expect(throws: MartletError.self) { try change.apply(texts) }
    }
}
