import Foundation
import Testing

@Suite("Optimised versions by the real tools", .needsPython, .needsOnnxRuntime)
struct OptimizationTests {
    /// What `martlet optimize --output json` prints, as far as it is looked at.
    struct Made: Decodable {
        struct Record: Decodable {
            struct Latency: Decodable {
                var runs: Int
                var millisecondsBefore: Double
                var millisecondsAfter: Double
            }
            struct Answers: Decodable {
                var rows: Int
                var source: String
                var labelMismatchShare: Double?
                var scoreDifferenceMax: Double
                var scoreDifferenceMean: Double
            }
            struct Metric: Decodable {
                var name: String
                var before: Double
                var after: Double
            }
            var detail: String
            var tool: String
            var bytesBefore: Int
            var bytesAfter: Int
            var latency: Latency
            var answers: Answers
            var metrics: [Metric]

            func metric(_ name: String) -> Metric? { metrics.first { $0.name == name } }
            var sizeShare: Double { Double(bytesAfter) / Double(bytesBefore) }
        }
        struct Preparation: Decodable {
            var state: String
            var goldenRequest: String
        }
        var version: Int
        var record: Record
        var preparation: Preparation
    }

    private static func guests() throws -> [String] {
        ["--enable-guests", "--python", try #require(BuildProducts.python)]
    }

    private func made(_ server: MartletProcess, _ arguments: String...) async throws -> Made {
        let result = try await server.martlet(arguments: ["optimize"] + arguments + ["--output", "json"])
        try #require(result.isSuccess, "\(result) \(server.log)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Made.self, from: Data(result.standardOutput.utf8))
    }

    @Test("a dense network shrinks to a quarter and to a half, is pruned, and each is served beside the first")
    func denseNetworks() async throws {
        let server = try await MartletProcess.start(arguments: try Self.guests())
        let logged = try await PythonClient.run("logs_optimizable.py", ["network", "dense"], server: server)
        #expect(logged.isSuccess, "\(logged)")
        for model in ["network", "dense"] {
            try await server.waitUntilServed(model, version: 1)
            let int8 = try await made(server, model, "1", "--quantize", "int8")
            #expect(int8.version == 2 && int8.preparation.state == "servable")
            #expect((0.2...0.35).contains(int8.record.sizeShare), "\(int8.record)")
            let fp16 = try await made(server, model, "1", "--quantize", "fp16")
            #expect((0.45...0.6).contains(fp16.record.sizeShare), "\(fp16.record)")
            #expect(fp16.record.answers.scoreDifferenceMax < 0.02, "\(fp16.record.answers)")
            let pruned = try await made(server, model, "1", "--prune", "0.75")
            #expect(pruned.record.bytesAfter < pruned.record.bytesBefore, "\(pruned.record)")
            #expect(pruned.record.detail.contains("stored sparse"))
            for one in [int8, fp16] {
                #expect(one.record.answers.rows > 1_000 && one.record.answers.source == "reference rows")
                #expect(try #require(one.record.answers.labelMismatchShare) < 0.02, "\(one.record.answers)")
                let accuracy = try #require(one.record.metric("accuracy"))
                #expect(accuracy.before > 0.9 && abs(accuracy.after - accuracy.before) < 0.01, "\(accuracy)")
                #expect(one.record.latency.runs >= 5 && one.record.latency.millisecondsAfter > 0)
            }
            for one in [int8, fp16, pruned] {
                try await server.waitUntilServed(model, version: one.version)
                let answer = try await server.send(
                    "POST", "/v2/models/\(model)/versions/\(one.version)/infer", body: one.preparation.goldenRequest)
                #expect(answer.status == 200, "\(answer.text)")
            }
            let first = try await interface(server, model, 1)
            for version in 2...4 { #expect(try await interface(server, model, version) == first) }
        }
        await server.stop()
    }

    @Test(
        "ranges of a network with convolutions are calibrated on its reference rows, and a pruned one is quantised again"
    )
    func convolutions() async throws {
        let server = try await MartletProcess.start(arguments: try Self.guests())
        let logged = try await PythonClient.run("logs_optimizable.py", ["convolutional"], server: server)
        #expect(logged.isSuccess, "\(logged)")
        try await server.waitUntilServed("convolutional", version: 1)
        let int8 = try await made(server, "convolutional", "1", "--quantize", "int8")
        #expect(int8.record.detail == "int8, ranges calibrated on 500 reference rows")
        #expect((0.2...0.4).contains(int8.record.sizeShare), "\(int8.record)")
        #expect(int8.record.answers.scoreDifferenceMean < 0.02, "\(int8.record.answers)")
        let pruned = try await made(server, "convolutional", "1", "--prune", "0.8")
        #expect(pruned.version == 3 && pruned.record.sizeShare < 0.8, "\(pruned.record)")
        let both = try await made(server, "convolutional", "3", "--quantize", "fp16")
        #expect(both.version == 4 && both.preparation.state == "servable")
        #expect(both.record.answers.scoreDifferenceMax < 0.02, "\(both.record.answers)")
        await server.stop()
    }

    @Test("trees that matter least go: a forest's mean is rescaled, a boosted sum is not, and the record shows it")
    func trees() async throws {
        let server = try await MartletProcess.start(arguments: try Self.guests())
        let logged = try await PythonClient.run("logs_optimizable.py", ["forest", "boosting"], server: server)
        #expect(logged.isSuccess, "\(logged)")
        for model in ["forest", "boosting"] { try await server.waitUntilServed(model, version: 1) }
        let forest = try await made(server, "forest", "1", "--prune", "0.3")
        #expect(forest.record.detail.hasPrefix("12 of 40 trees removed (averaged, weights rescaled)"))
        #expect((0.5...0.85).contains(forest.record.sizeShare), "\(forest.record)")
        #expect(forest.record.answers.scoreDifferenceMean < 0.02, "\(forest.record.answers)")
        #expect(try #require(forest.record.metric("auc")).after > 0.98)
        let boosting = try await made(server, "boosting", "1", "--prune", "0.2")
        #expect(boosting.record.detail.hasPrefix("20 of 100 trees removed (summed, weights kept)"))
        let rmse = try #require(boosting.record.metric("rmse"))
        #expect(rmse.after < rmse.before * 1.1, "\(rmse)")
        try await server.waitUntilServed("boosting", version: 2)

        let shown = try await server.martlet("model", "show", "forest", "2")
        for words in [
            "Made of version", "12 of 40 trees", "auc", "optimize.bytes_after", "martlet.derived_from=forest/1",
        ] {
            #expect(shown.standardOutput.contains(words), "\(words) \(shown)")
        }
        let detail = try await server.send("GET", "/api/v1/models/forest/versions/2")
        let source = try await server.send("GET", "/api/v1/models/forest/versions/1")
        for answer in [detail, source] {
            #expect(answer.text.contains(#""classes":["0","1"]"#) && answer.text.contains("mean radius"))
        }
        let lineage = try await server.martlet("lineage", "model:forest/2")
        #expect(lineage.standardOutput.contains("forest, version 1"), "\(lineage)")
        await server.stop()
    }

    @Test("what is wrong or cannot be done says so and leaves no version")
    func refusals() async throws {
        let server = try await MartletProcess.start(arguments: try Self.guests())
        #expect(try await PythonClient.run("logs_optimizable.py", ["forest"], server: server).isSuccess)
        try await server.waitUntilServed("forest", version: 1)
        let wrong: [(arguments: [String], words: String)] = [
            (["forest", "1", "--prune", "1.5"], "above 0 and below 1"),
            (["forest", "1"], "either quantize"),
            (["forest", "9", "--prune", "0.5"], "not found"),
            (["forest", "1", "--prune", "0.01"], "not one whole tree"),
            (["forest", "1", "--quantize", "int8"], "--prune"),
            (["forest", "1", "--quantize", "fp16"], "--prune"),
        ]
        for (arguments, words) in wrong {
            let result = try await server.martlet(arguments: ["optimize"] + arguments)
            #expect(!result.isSuccess && result.standardError.contains(words), "\(arguments) \(result)")
        }
        let versions = try await server.send("GET", "/api/v1/models/forest")
        #expect(versions.text.contains(#""newest_version":1"#), "\(versions.text)")
        await server.stop()
    }

    @Test("where guests are off it is refused and says how to turn them on")
    func guestsOff() async throws {
        let server = try await MartletProcess.start()
        #expect(try await PythonClient.run("logs_onnx_model.py", ["double"], server: server).isSuccess)
        try await server.waitUntilServed("double", version: 1)
        let result = try await server.martlet("optimize", "double", "1", "--quantize", "fp16")
        #expect(!result.isSuccess && result.standardError.contains("--enable-guests"), "\(result)")
        #expect(try await server.send("GET", "/v2/models/double/versions/2/ready").status == 404)
        await server.stop()
    }

    /// Inputs and outputs, as clients are told of them.
    private func interface(_ server: MartletProcess, _ model: String, _ version: Int) async throws -> [String] {
        struct Metadata: Decodable {
            struct Tensor: Decodable {
                var name: String
                var datatype: String
            }
            var inputs: [Tensor]
            var outputs: [Tensor]
        }
        let answer = try await server.send("GET", "/v2/models/\(model)/versions/\(version)")
        let metadata: Metadata = try answer.decoded()
        return (metadata.inputs + metadata.outputs).map { "\($0.name) \($0.datatype)" }
    }
}
