import Domain
import Testing

@testable import Monitoring

@Suite("Counting of observations")
struct WindowCounterTests {
    private static let columns = [
        FeatureColumn(name: "a", input: "x", index: 0, kind: .numeric),
        FeatureColumn(name: "b", input: "x", index: 1, kind: .numeric),
        FeatureColumn(name: "c", input: "x", index: 2, kind: .numeric),
    ]

    private static func reference(_ columns: [FeatureColumn]) -> VersionReference {
        var random = Gaussian(seed: 3)
        let features = columns.map { column in
            column.kind == .numeric
                ? Observation.ColumnValues.numeric((0..<500).map { _ in random.next(mean: 0) })
                : .categorical((0..<500).map { ["0", "1", "2"][$0 % 3] })
        }
        let batch = ProfileBuilder.Batch(
            rows: 500, features: features, prediction: .categorical((0..<500).map { "\($0 % 2)" }))
        return VersionReference(
            ReferenceProfile(
                version: ModelVersionID(model: "m", version: 1), origin: .trainingData, predictionOrigin: .predictions,
                detail: "",
                profile: ProfileBuilder.build(
                    columns: columns.map { ($0.name, $0.kind) }, prediction: ("p", .categorical),
                    batches: { $0(batch) }),
                builtAt: Timestamp(milliseconds: 1)))
    }

    /// Requests of some rows each, with missing values, infinities and values out of range among them.
    private static func observations(_ columns: [FeatureColumn], _ datatype: Datatype) throws -> [Observation] {
        var random = Gaussian(seed: 5)
        let layout = ObservationLayout(columns: columns, predictionOutput: "y", scoreOutput: "s")
        return try (0..<60).map { request in
            let rows = request % 4 + 1
            let numbers = (0..<(rows * 3)).map { place -> Double in
                if (request + place).isMultiple(of: 13) { return .nan }
                return (request + place).isMultiple(of: 29) ? .infinity : random.next(mean: 0) * 2
            }
            let input =
                datatype == .fp32
                ? try Tensor(.fp32, shape: [rows, 3], elements: numbers.map { Float($0) })
                : try Tensor(.fp64, shape: [rows, 3], elements: numbers)
            let outputs = [
                NamedTensor(
                    name: "y",
                    tensor: try Tensor(.int64, shape: [rows], elements: (0..<rows).map { Int64(($0 + request) % 2) })),
                NamedTensor(
                    name: "s", tensor: try Tensor(.fp32, shape: [rows], elements: [Float](repeating: 1, count: rows))),
            ]
            let time = Timestamp(milliseconds: Int64(5_000 + request * 40))
            return Observation(
                predictionID: PredictionID(rawValue: "\(request)"), endpoint: "m", version: 1, role: .champion,
                askedAt: time, time: time, latencyNanoseconds: 1_000, failure: nil, rows: rows,
                features: .tensors([NamedTensor(name: "x", tensor: input)], layout), answer: .tensors(outputs, layout),
                businessKey: nil)
        }
    }

    @Test(
        "counted together or one by one, requests make the same windows",
        arguments: [Datatype.fp32, .fp64], [FeatureColumn.Kind.numeric, .categorical])
    func together(datatype: Datatype, kind: FeatureColumn.Kind) throws {
        var columns = Self.columns
        columns[1].kind = kind
        let reference = Self.reference(columns)
        let batch = try Self.observations(columns, datatype)
        var together = WindowCounter()
        together.add(batch, at: Array(batch.indices), reference: reference)
        var oneByOne = WindowCounter()
        for observation in batch { oneByOne.add(observation, reference: reference) }
        let (windows, expected) = (together.take(), oneByOne.take())
        #expect(windows.count == 3)
        #expect(windows.map(\.rows).reduce(0, +) == 150)
        for (window, other) in zip(windows, expected) {
            #expect(window.requests == other.requests && window.latency == other.latency && window.rows == other.rows)
            #expect(window.predictionCounts == other.predictionCounts)
            #expect(window.prediction?.counts == other.prediction?.counts)
            for (column, same) in zip(window.features, other.features) {
                #expect(column.counts == same.counts && column.missing == same.missing)
                #expect(column.outOfRange == same.outOfRange && column.finite == same.finite)
                #expect(column.minimum == same.minimum && column.maximum == same.maximum)
                #expect(abs(column.mean - same.mean) < 1e-12)
                #expect(abs(column.squaredDeviations - same.squaredDeviations) < 1e-9)
            }
            #expect(window.features.allSatisfy { $0.counts.reduce(0, +) + $0.missing == window.rows })
            #expect(window.features.contains { $0.missing > 0 && $0.outOfRange > 0 })
        }
    }
}
