import Domain
import Testing

@Suite("What an optimisation may be")
struct OptimizationTests {
    @Test("it is one of int8, fp16 and a share to prune")
    func reads() throws {
        #expect(try Optimization(quantize: "int8", prune: nil) == .int8)
        #expect(try Optimization(quantize: "fp16", prune: nil) == .fp16)
        #expect(try Optimization(quantize: nil, prune: 0.25) == .prune(share: 0.25))
        #expect("\(try Optimization(quantize: nil, prune: 0.25))" == "prune 0.25")
    }

    @Test("nothing, both, another type and a share outside 0…1 are refused, naming the field")
    func refuses() {
        let wrong: [(String?, Double?, String)] = [
            (nil, nil, "quantize"), ("int8", 0.5, "prune"), ("int4", nil, "quantize"), (nil, 0, "prune"),
            (nil, 1, "prune"), (nil, -0.1, "prune"), (nil, .nan, "prune"),
        ]
        for (quantize, prune, field) in wrong {
            let error = #expect(throws: MartletError.self) { try Optimization(quantize: quantize, prune: prune) }
            #expect(error?.code == .invalidArgument && error?.field == field, "\(quantize ?? "") \(prune ?? 0)")
        }
    }

    @Test("figures are logged for what was measured, and for nothing else")
    func figures() {
        let record = OptimizationRecord(
            method: "int8", sourceVersion: 1, detail: "d", tool: "t", bytesBefore: 400, bytesAfter: 100,
            latency: .init(rows: 1, runs: 9, millisecondsBefore: 2, millisecondsAfter: 1),
            answers: .init(
                rows: 5, source: "reference rows", labelMismatchShare: nil, scoreDifferenceMax: 0.5,
                scoreDifferenceMean: 0.1), metrics: [.init(name: "rmse", before: 3, after: 4)])
        let figures = Dictionary(record.figures.map { ($0.name, $0.value) }) { first, _ in first }
        #expect(figures["optimize.bytes_after"] == 100 && figures["optimize.latency_ms_before"] == 2)
        #expect(figures["optimize.rmse_before"] == 3 && figures["optimize.rmse_after"] == 4)
        #expect(figures["optimize.label_mismatch_share"] == nil && figures.count == 8)
    }

    @Test("a layout that names what the model does not have is refused")
    func layout() throws {
        let inputs = [TensorSpec(name: "input", datatype: .fp32, shape: [-1, 2])]
        let outputs = [TensorSpec(name: "label", datatype: .int64, shape: [-1])]
        let column = FeatureColumn(name: "heat", input: "input", index: 1, kind: .numeric)
        let right = ServableLayout(columns: [column], predictionOutput: "label", scoreOutput: nil, classes: [])
        try right.check(inputs: inputs, outputs: outputs)
        var wrong = [right, right, right, right]
        wrong[0].predictionOutput = "other"
        wrong[1].scoreOutput = "other"
        wrong[2].columns[0].input = "other"
        wrong[3].columns[0].index = 2
        for layout in wrong {
            #expect(throws: MartletError.self) { try layout.check(inputs: inputs, outputs: outputs) }
        }
    }
}
