import Domain
import Foundation
import Synchronization
import Testing

@testable import Inference

@Suite("Models within a budget of memory")
struct BoundedRuntimeTests {
    private let folder = NSTemporaryDirectory() + "martlet-models-" + UUID().uuidString
    private let files = FileRuntime()

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    /// A file of so many bytes in a folder of its own, whose model answers with the number.
    private func path(_ number: UInt8, bytes: Int = 100) throws -> String {
        try FileManager.default.createDirectory(atPath: "\(folder)/\(number)", withIntermediateDirectories: true)
        let path = "\(folder)/\(number)/model.onnx"
        try Data([UInt8](repeating: number, count: bytes)).write(to: URL(filePath: path))
        return path
    }

    private func ask(_ model: any ExecutableModel) throws -> UInt8 {
        try model.run([], outputs: [0])[0].bytes[0]
    }

    @Test("those that were called longest ago leave, and are read again when they are called")
    func leastRecentlyUsed() throws {
        let runtime = BoundedRuntime(files, bytesMax: 250)
        let models = try (1...3).map { try runtime.load(path: path($0)) }
        #expect(models.map(\.isAtHand) == [false, true, true])
        #expect(runtime.counts.models == 2 && runtime.counts.bytes == 200 && runtime.counts.recalls == 0)
        #expect(try ask(models[1]) == 2)
        #expect(try ask(models[0]) == 1)
        #expect(models.map(\.isAtHand) == [true, true, false])
        #expect(runtime.counts.models == 2 && runtime.counts.recalls == 1)
        #expect(files.loads.load(ordering: .relaxed) == 4)
    }

    @Test("a model that has left is released; one that nobody can call is forgotten")
    func released() throws {
        let runtime = BoundedRuntime(files, bytesMax: 100)
        var first: (any ExecutableModel)? = try runtime.load(path: path(1))
        let second = try runtime.load(path: path(2))
        #expect(files.living.load(ordering: .relaxed) == 1)
        #expect(try first.map(ask) == 1)
        #expect(files.living.load(ordering: .relaxed) == 1 && !second.isAtHand)
        first = nil
        #expect(files.living.load(ordering: .relaxed) == 0)
        #expect(runtime.counts.models == 0 && runtime.counts.bytes == 0)
        #expect(try ask(second) == 2)
    }

    @Test("a model larger than the budget is served, alone")
    func large() throws {
        let runtime = BoundedRuntime(files, bytesMax: 150)
        let small = try runtime.load(path: path(1))
        let large = try runtime.load(path: path(2, bytes: 1000))
        #expect(try ask(large) == 2 && large.isAtHand && !small.isAtHand)
        #expect(try ask(small) == 1 && !large.isAtHand)
    }

    @Test("other bytes in the same place are never served in a model's name")
    func changed() throws {
        let runtime = BoundedRuntime(files, bytesMax: 100)
        let first = try runtime.load(path: path(1))
        _ = try runtime.load(path: path(2))
        _ = try path(1, bytes: 99)
        let error = #expect(throws: MartletError.self) { try ask(first) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("have changed") == true)
        try FileManager.default.removeItem(atPath: "\(folder)/1/model.onnx")
        #expect(throws: MartletError.self) { try ask(first) }
    }

    @Test("weights beside the model count, and a model is not read again with others, whatever their name")
    func external() throws {
        let weights = URL(filePath: "\(folder)/1/weights.bin")
        let runtime = BoundedRuntime(files, bytesMax: 1100)
        let path = try path(1)
        try Data(count: 1000).write(to: weights)
        let model = try runtime.load(path: path)
        #expect(runtime.counts.bytes == 1100)
        _ = try runtime.load(path: self.path(2))
        #expect(try !model.isAtHand && ask(model) == 1)
        let other = try runtime.load(path: self.path(2))
        try Data(repeating: 1, count: 1000).write(to: weights)
        let error = #expect(throws: MartletError.self) { try ask(model) }
        #expect(error?.message.contains("have changed") == true)
        withExtendedLifetime(other) {}
    }

    @Test("many threads that call many models get the right answers, and each model is read by one at a time")
    func concurrent() async throws {
        let runtime = BoundedRuntime(files, bytesMax: 350)
        let models = try (0..<10).map { try runtime.load(path: path($0)) }
        await withTaskGroup(of: Int.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    (0..<500).count { (try? ask(models[($0 * (worker + 1)) % 10])) != UInt8(($0 * (worker + 1)) % 10) }
                }
            }
            for await wrong in group { #expect(wrong == 0) }
        }
        #expect(runtime.counts.models == 3 && runtime.counts.bytes == 300)
        #expect(files.living.load(ordering: .relaxed) == 3)
    }
}

/// Models that answer with the first byte of their file.
private final class FileRuntime: Runtime {
    let loads = Atomic<Int>(0)
    let living = Atomic<Int>(0)
    var identity: String { "file" }

    func load(path: String) throws(MartletError) -> any ExecutableModel {
        guard let byte = FileManager.default.contents(atPath: path)?.first else { throw .precondition("No file.") }
        loads.wrappingAdd(1, ordering: .relaxed)
        return FileModel(byte, self)
    }

    private final class FileModel: ExecutableModel {
        let byte: UInt8
        let runtime: FileRuntime
        let isWorkBoundByShapes = true
        let metadata = ModelMetadata(inputs: [], outputs: [], custom: [:])

        init(_ byte: UInt8, _ runtime: FileRuntime) {
            self.byte = byte
            self.runtime = runtime
            runtime.living.wrappingAdd(1, ordering: .relaxed)
        }

        deinit { runtime.living.wrappingSubtract(1, ordering: .relaxed) }

        func run(_ inputs: [Tensor], outputs: [Int], stop: RunStop) throws(MartletError) -> [Tensor] {
            [try Tensor(datatype: .uint8, shape: [1], bytes: [byte])]
        }
    }
}
