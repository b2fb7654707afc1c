import Domain
import Foundation
import Testing

@testable import Inference

/// Models made once by Python, with the answers of Python's onnxruntime.
private enum Models {
    /// The folder of models; nil, with the reason printed, where there is no Python environment.
    static let folder: String? = {
        let python = ".venv/bin/python"
        guard FileManager.default.isExecutableFile(atPath: python) else {
            print("skipped: no Python environment at \(python); run script/bootstrap")
            return nil
        }
        guard
            FileManager.default.fileExists(atPath: ".runtime/libonnxruntime.so")
                || ProcessInfo.processInfo.environment["ONNXRUNTIME_LIB"] != nil
        else {
            print("skipped: no ONNX Runtime; run script/bootstrap")
            return nil
        }
        if ProcessInfo.processInfo.environment["ONNXRUNTIME_LIB"] == nil {
            setenv("ONNXRUNTIME_LIB", FileManager.default.currentDirectoryPath + "/.runtime/libonnxruntime.so", 1)
        }
        let folder = NSTemporaryDirectory() + "martlet-models-" + UUID().uuidString
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let process = Process()
            process.executableURL = URL(filePath: FileManager.default.currentDirectoryPath + "/" + python)
            process.arguments = [
                #filePath.replacingOccurrences(of: "OnnxRuntimeTests.swift", with: "Python/make_models.py"), folder,
            ]
            try process.run()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                Issue.record("make_models.py failed")
                return nil
            }
        } catch {
            Issue.record("make_models.py could not be run: \(error)")
            return nil
        }
        return folder
    }()
}

@Suite("ONNX Runtime", .enabled(if: Models.folder != nil, "needs the Python environment"))
struct OnnxRuntimeTests {
    private struct Case: Decodable {
        struct Item: Decodable {
            let name: String
            let datatype: Datatype
            let shape: [Int]
            let data: [JSONValue]

            func tensor() throws -> Tensor {
                func all<T: BitwiseCopyable>(_ convert: (JSONValue) -> T?) throws -> Tensor {
                    try Tensor(datatype, shape: shape, elements: try data.map { try #require(convert($0)) })
                }
                switch datatype {
                case .bytes: return try Tensor(shape: shape, strings: data.compactMap(\.stringValue))
                case .fp32: return try all { $0.doubleValue.map { Float($0) } }
                case .fp64: return try all(\.doubleValue)
                case .bool: return try all { $0.boolValue.map { UInt8($0 ? 1 : 0) } }
                case .int8: return try all { $0.intValue.map { Int8($0) } }
                case .uint8: return try all { $0.intValue.map { UInt8($0) } }
                case .int16: return try all { $0.intValue.map { Int16($0) } }
                case .uint16: return try all { $0.intValue.map { UInt16($0) } }
                case .int32: return try all { $0.intValue.map { Int32($0) } }
                case .uint32: return try all { $0.intValue.map { UInt32($0) } }
                case .int64: return try all(\.intValue)
                case .uint64: return try all { $0.intValue.map { UInt64($0) } }
                case .fp16, .bf16: throw MartletError.invalid("not in these tests")
                }
            }
        }
        let inputs: [Item]
        let outputs: [Item]
    }

    private let folder: String
    private let runtime: OnnxRuntime

    init() throws {
        folder = try #require(Models.folder)
        runtime = try OnnxRuntime()
    }

    @Test(
        "answers equal those of Python's onnxruntime to 1e-6",
        arguments: ["forest", "boosting", "network", "pipeline", "identity"])
    func parity(name: String) throws {
        let data = try #require(FileManager.default.contents(atPath: "\(folder)/\(name).json"))
        let expected = try JSONDecoder().decode(Case.self, from: data)
        let model = try runtime.load(path: "\(folder)/\(name).onnx")
        #expect(model.metadata.inputs.map(\.name) == expected.inputs.map(\.name))
        let outputs = try model.run(
            expected.inputs.map { try $0.tensor() }, outputs: Array(model.metadata.outputs.indices))
        #expect(outputs.count == expected.outputs.count)
        for (output, item) in zip(outputs, expected.outputs) {
            let tensor = try item.tensor()
            #expect(output.shape == tensor.shape && output.datatype == tensor.datatype, "\(name) \(item.name)")
            for index in 0..<tensor.elementCount {
                if tensor.datatype == .bytes {
                    #expect(output.string(index) == tensor.string(index))
                } else {
                    #expect(abs((output.number(index) ?? .nan) - (tensor.number(index) ?? .nan)) <= 1e-6)
                }
            }
        }
    }

    @Test("what a model says of itself is read, with its free text")
    func metadata() throws {
        let model = try runtime.load(path: "\(folder)/pipeline.onnx")
        #expect(model.metadata.custom["martlet.note"] == "Grüße")
        #expect(model.metadata.inputs.first == TensorSpec(name: "plant", datatype: .bytes, shape: [-1, 1]))
        #expect(runtime.identity.hasPrefix("onnxruntime 1."))
        let layout = try PredictionLayout(outputs: model.metadata.outputs)
        #expect(layout.predictionOutput == model.metadata.outputs.first?.name)
        #expect(layout.scoreOutput == model.metadata.outputs.last?.name)
        #expect(model.metadata.outputs.map(\.datatype) == [.bytes, .fp32])
    }

    @Test(
        "a sequence of maps, as ZipMap makes it, is the tensor of the maps' numbers",
        arguments: ["zipmap", "zipmap_names"])
    func zipMap(name: String) throws {
        let file = URL(filePath: "\(folder)/\(name).json")
        let recorded = try JSONDecoder().decode(Case.self, from: Data(contentsOf: file))
        let model = try runtime.load(path: "\(folder)/\(name).onnx")
        #expect(model.isWorkBoundByShapes)
        let spec = try #require(model.metadata.outputs.last)
        #expect(spec == TensorSpec(name: "output_probability", datatype: .fp32, shape: [-1, -1]))
        #expect(try PredictionLayout(outputs: model.metadata.outputs).scoreOutput == "output_probability")
        let outputs = try model.run(recorded.inputs.map { try $0.tensor() }, outputs: [0, 1])
        #expect(try outputs[0] == recorded.outputs[0].tensor())
        let expected = try recorded.outputs[1].tensor()
        #expect(outputs[1].shape == expected.shape && outputs[1].shape.count == 2)
        for (one, other) in zip(outputs[1].elements(as: Float.self), expected.elements(as: Float.self)) {
            #expect(abs(one - other) <= 1e-6)
        }
    }

    @Test("a shape that a model declares and does not keep is that of its answer")
    func brokenPromise() throws {
        let model = try runtime.load(path: "\(folder)/promise.onnx")
        #expect(model.metadata.outputs.first?.shape == [1])
        let rows = try Tensor(.fp32, shape: [3, 2], elements: [Float(1), 2, 3, 4, 5, 6])
        let outputs = try model.run([rows], outputs: [0])
        #expect(outputs[0].shape == [3])
        #expect(outputs[0].elements(as: Float.self) == [3, 7, 11])
    }

    @Test(
        "files that are no models are refused, never a crash",
        arguments: ["", "x", String(repeating: "\u{8}\u{7}", count: 5000)])
    func noModel(content: String) throws {
        let path = "\(folder)/\(UUID().uuidString).onnx"
        try content.write(toFile: path, atomically: true, encoding: .utf8)
        let error = #expect(throws: MartletError.self) { try runtime.load(path: path) }
        #expect(error?.code == .failedPrecondition)
    }

    @Test("inputs that the model does not take are the caller's fault")
    func wrongWidth() throws {
        let model = try runtime.load(path: "\(folder)/forest.onnx")
        let error = #expect(throws: MartletError.self) {
            try model.run([Tensor(.fp32, shape: [1, 5], elements: [Float](repeating: 0, count: 5))], outputs: [0])
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("a loop that would run for years ends when it is stopped")
    func stopped() throws {
        let model = try runtime.load(path: "\(folder)/loop.onnx")
        let stop = RunStop()
        let thread = Thread {
            Thread.sleep(forTimeInterval: 0.3)
            stop.stop()
        }
        thread.start()
        let error = #expect(throws: MartletError.self) {
            try model.run([Tensor(.int64, shape: [1], elements: [Int64(1) << 50])], outputs: [0], stop: stop)
        }
        #expect(error?.code == .deadlineExceeded)
        let before = #expect(throws: MartletError.self) {
            try model.run([Tensor(.int64, shape: [1], elements: [Int64(3)])], outputs: [0], stop: stop)
        }
        #expect(before?.code == .deadlineExceeded)
        #expect(try model.run([Tensor(.int64, shape: [1], elements: [Int64(3)])], outputs: [0])[0].number(0) == 3)
    }

    @Test("values that a node refuses are the caller's fault, and name the node, not the runtime's sources")
    func refused() throws {
        let model = try runtime.load(path: "\(folder)/reshape.onnx")
        let error = #expect(throws: MartletError.self) {
            try model.run(
                [
                    Tensor(.fp32, shape: [2], elements: [Float(1), 2]),
                    Tensor(.int64, shape: [1], elements: [Int64(7)]),
                ], outputs: [0])
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("Reshape") == true && error?.message.contains("/") == false, "\(error!)")
    }

    @Test("a hundred threads may run one model, and all get the same answer")
    func concurrent() async throws {
        let model = try runtime.load(path: "\(folder)/forest.onnx")
        let input = try Tensor(.fp32, shape: [1, 6], elements: [Float](repeating: 0.25, count: 6))
        let first = try model.run([input], outputs: [0, 1])
        try await withThrowingTaskGroup(of: [Tensor].self) { group in
            for _ in 0..<100 { group.addTask { try model.run([input], outputs: [0, 1]) } }
            for try await answer in group { #expect(answer == first) }
        }
    }

    @Test("a missing library says where it was looked for")
    func candidates() {
        #expect(
            RuntimeLibraryFile.onnxRuntime.candidates(
                environment: ["ONNXRUNTIME_LIB": "/a.so"], executable: "/x/martlet") == [
                    "/a.so"
                ])
        #expect(
            RuntimeLibraryFile.onnxRuntime.candidates(environment: [:], executable: "/x/martlet")
                == ["/x/libonnxruntime.so", "/x/lib/libonnxruntime.so", "/x/../lib/martlet/libonnxruntime.so"])
    }
}
