import Foundation
import Testing

@Suite("Serving by OpenVINO", .needsPython, .needsOnnxRuntime, .needsOpenVino)
struct OpenVinoTests {
    private struct Answer: Decodable {
        struct Output: Decodable {
            var name: String
            var data: [Double]
        }
        var outputs: [Output]
    }

    private func scores(_ server: MartletProcess, _ model: String, body: String) async throws -> [Double] {
        let answer = try await server.send("POST", "/v2/models/\(model)/versions/1/infer", body: body)
        try #require(answer.status == 200, "\(answer.text)")
        let outputs: Answer = try answer.decoded()
        return try #require(outputs.outputs.first { $0.name == "probabilities" }).data
    }

    @Test(
        "a network is answered by OpenVINO as ONNX Runtime answers it, a forest by ONNX Runtime, and the trial says which"
    )
    func serves() async throws {
        let guests = ["--enable-guests", "--python", try #require(BuildProducts.python)]
        let pixels = (0..<64).map { "\($0 % 17)" }.joined(separator: ",")
        let digit = #"{"inputs": [{"name": "pixels", "shape": [1, 64], "datatype": "FP32", "data": [\#(pixels)]}]}"#
        let cells = (0..<30).map { "\($0)" }.joined(separator: ",")
        let cell = #"{"inputs": [{"name": "input", "shape": [1, 30], "datatype": "FP32", "data": [\#(cells)]}]}"#

        let first = try await MartletProcess.start(arguments: guests)
        let logged = try await PythonClient.run("logs_optimizable.py", ["dense", "forest"], server: first)
        #expect(logged.isSuccess, "\(logged)")
        for model in ["dense", "forest"] { try await first.waitUntilServed(model, version: 1) }
        let (network, trees) = (
            try await scores(first, "dense", body: digit), try await scores(first, "forest", body: cell)
        )
        await first.stop()

        let second = try await MartletProcess.start(
            arguments: guests + ["--runtime", "openvino"],
            environment: ["OPENVINO_LIB": BuildProducts.openVino], dataDirectory: first.dataDirectory)
        for model in ["dense", "forest"] { try await second.waitUntilServed(model, version: 1) }
        #expect(zip(try await scores(second, "dense", body: digit), network).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(try await scores(second, "forest", body: cell) == trees)
        #expect(try await PythonClient.run("logs_optimizable.py", ["dense"], server: second).isSuccess)
        try await second.waitUntilServed("dense", version: 2)
        let prepared = try await second.send("GET", "/api/v1/models/dense/versions/2/preparation")
        #expect(prepared.text.contains("openvino 20") && prepared.text.contains("else onnxruntime"), "\(prepared.text)")
        await second.stop()
    }

    @Test("where the library is not there, models say so")
    func missing() async throws {
        let server = try await MartletProcess.start(
            arguments: ["--runtime", "openvino"], environment: ["OPENVINO_LIB": "/nowhere/libopenvino_c.so"])
        #expect(server.log.contains("OpenVINO is not there"), "\(server.log)")
        let wrong = try await server.martlet("config", "check", "--runtime", "abacus")
        #expect(!wrong.isSuccess && wrong.standardError.contains("onnxruntime, openvino"), "\(wrong)")
        await server.stop()
    }
}
