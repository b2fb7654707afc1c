import Domain
import Foundation
import Testing

@testable import Inference

private enum Networks {
    /// As script/bootstrap puts it there.
    private static let library: String? = {
        let lib = FileManager.default.currentDirectoryPath + "/.venv-openvino/lib"
        for python in (try? FileManager.default.contentsOfDirectory(atPath: lib)) ?? [] {
            let folder = "\(lib)/\(python)/site-packages/openvino/libs"
            let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            if let name = files.first(where: { $0.hasPrefix("libopenvino_c.so") }) { return folder + "/" + name }
        }
        return nil
    }()

    /// Models made once by Python; nil where OpenVINO or Python is not there.
    static let folder: String? = {
        let python = FileManager.default.currentDirectoryPath + "/.venv/bin/python"
        let root = FileManager.default.currentDirectoryPath
        for (variable, file) in [("OPENVINO_LIB", library), ("ONNXRUNTIME_LIB", root + "/.runtime/libonnxruntime.so")]
        where ProcessInfo.processInfo.environment[variable] == nil {
            guard let file, FileManager.default.fileExists(atPath: file) else {
                print("skipped: no library for \(variable); run script/bootstrap")
                return nil
            }
            setenv(variable, file, 1)
        }
        guard FileManager.default.isExecutableFile(atPath: python) else { return nil }
        let folder = NSTemporaryDirectory() + "martlet-networks-" + UUID().uuidString
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let process = Process()
            process.executableURL = URL(filePath: python)
            process.arguments = [
                #filePath.replacingOccurrences(of: "OpenVinoRuntimeTests.swift", with: "Python/make_networks.py"),
                folder,
            ]
            try process.run()
            process.waitUntilExit()
            guard process.terminationStatus == 0 else {
                Issue.record("make_networks.py failed")
                return nil
            }
        } catch {
            Issue.record("make_networks.py could not be run: \(error)")
            return nil
        }
        return folder
    }()
}

@Suite("OpenVINO", .enabled(if: Networks.folder != nil, "needs OPENVINO_LIB and the Python environment"))
struct OpenVinoRuntimeTests {
    private func path(_ name: String) throws -> String { try #require(Networks.folder) + "/" + name }

    private func inputs(rows: Int) throws -> [Tensor] {
        [
            try Tensor(.fp32, shape: [rows, 16], elements: (0..<rows * 16).map { Float($0 % 7) / 7 }),
            try Tensor(.fp32, shape: [rows, 1], elements: (0..<rows).map { Float($0) / 10 }),
        ]
    }

    @Test("a network has the inputs and outputs that ONNX Runtime sees, and the same answers for any number of rows")
    func agrees() throws {
        let openVino = try OpenVinoRuntime().load(path: try path("network"))
        let onnx = try OnnxRuntime().load(path: try path("network"))
        #expect(openVino.metadata.inputs == onnx.metadata.inputs && openVino.metadata.outputs == onnx.metadata.outputs)
        for rows in [1, 3, 1, 40] {
            let expected = try onnx.run(try inputs(rows: rows), outputs: [0, 1])
            let answers = try openVino.run(try inputs(rows: rows), outputs: [1, 0])
            #expect(answers[1] == expected[0] && answers[0].shape == [rows, 4])
            let pairs = zip(answers[0].elements(as: Float.self), expected[1].elements(as: Float.self))
            #expect(pairs.allSatisfy { abs($0 - $1) < 1e-5 })
        }
    }

    @Test("numbers wider than OpenVINO computes are left to ONNX Runtime")
    func wide() throws {
        let error = #expect(throws: MartletError.self) { try OpenVinoRuntime().load(path: try path("wide")) }
        #expect(error?.code == .failedPrecondition && error?.message.contains("full width") == true)
        let model = try PreferredRuntime(OpenVinoRuntime(), else: OnnxRuntime()).load(path: try path("wide"))
        let answer = try model.run([try Tensor(.int64, shape: [1, 1], elements: [Int64(5_000_000_000)])], outputs: [0])
        #expect(answer[0].elements(as: Int64.self) == [5_000_000_001])
    }

    @Test("many threads have answers of their own at once, each the same as alone")
    func concurrent() async throws {
        let model = try OpenVinoRuntime().load(path: try path("network"))
        let alone = try (1...8).map { try model.run(try inputs(rows: $0), outputs: [0, 1]) }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for turn in 0..<64 {
                let rows = turn % 8 + 1
                let given = try inputs(rows: rows)
                group.addTask { try model.run(given, outputs: [0, 1]) == alone[rows - 1] }
            }
            for try await isSame in group { #expect(isSame) }
        }
    }

    @Test("what the model refuses is the caller's mistake, and the next run is answered")
    func refuses() throws {
        let model = try OpenVinoRuntime().load(path: try path("network"))
        let wrong = [
            try Tensor(.fp32, shape: [1, 3], elements: [Float](repeating: 0, count: 3)), try inputs(rows: 1)[1],
        ]
        let error = #expect(throws: MartletError.self) { try model.run(wrong, outputs: [0]) }
        #expect(error?.code == .invalidArgument && error?.message.contains("OpenVINO") == true)
        #expect(try model.run(try inputs(rows: 1), outputs: [0])[0].shape == [1])
    }

    @Test("a run is stopped before it begins and while it runs")
    func stops() async throws {
        let model = try OpenVinoRuntime().load(path: try path("slow"))
        let rows = try Tensor(.fp32, shape: [2_000, 1_024], elements: [Float](repeating: 0.1, count: 2_000 * 1_024))
        let early = RunStop()
        early.stop()
        #expect(throws: MartletError.self) { try model.run([rows], outputs: [0], stop: early) }
        let stop = RunStop()
        let clock = ContinuousClock()
        let begin = clock.now
        async let outcome = Task.detached { () -> MartletError? in
            do { _ = try model.run([rows], outputs: [0], stop: stop) } catch { return error as? MartletError }
            return nil
        }.value
        try await Task.sleep(for: .milliseconds(100))
        stop.stop()
        #expect(await outcome?.code == .deadlineExceeded)
        #expect(clock.now - begin < .seconds(5))
    }

    @Test("trees are not its affair: alone it says so, and preferred it leaves them to ONNX Runtime")
    func leavesTrees() throws {
        let openVino = try OpenVinoRuntime()
        let error = #expect(throws: MartletError.self) { try openVino.load(path: try path("forest.onnx")) }
        #expect(error?.code == .failedPrecondition, "\(String(describing: error))")
        let both = PreferredRuntime(openVino, else: try OnnxRuntime())
        let row = try Tensor(.fp32, shape: [1, 4], elements: [Float](repeating: 0.5, count: 4))
        #expect(try both.load(path: try path("forest.onnx")).run([row], outputs: [1])[0].shape == [1, 2])
        #expect(both.identity.contains("openvino 20") && both.identity.contains("else onnxruntime"))
        #expect(throws: MartletError.self) { try both.load(path: "/nowhere") }
    }
}
