import Domain
import TestSupport
import Testing

@testable import Monitoring

@Suite("Reference profile out of a run's CSV")
struct ReferenceProfilerTests {
    static let servable = ServableVersion(
        id: ModelVersionID(model: "wear", version: 1), path: "", digest: "",
        columns: [
            FeatureColumn(name: "heat", input: "heat", index: 0, kind: .numeric),
            FeatureColumn(name: "plant", input: "plant", index: 0, kind: .categorical),
        ], predictionOutput: "label")

    static func csv(rows: Int = 200, header: String = "plant,heat,prediction", missingEvery: Int = 20) -> [UInt8] {
        var text = header + "\n"
        for row in 0..<rows {
            let heat = row.isMultiple(of: missingEvery) ? "" : "\(Double(row) / 10)"
            text += "\(["north", "south"][row % 2]),\(heat),\(row % 4 == 0 ? "1.0" : "0")\n"
        }
        return Array(text.utf8)
    }

    @Test("columns are found by name, counted in full, with missing values apart")
    func build() async throws {
        let run = OneRun(csv: Self.csv())
        let profiler = ReferenceProfiler(registry: run, artifacts: run, clock: ManualClock())
        let reference = try #require(try await profiler.build(Self.servable, task: .binaryClassification))
        #expect(reference.origin == .trainingData)
        #expect(reference.predictionOrigin == .predictions)
        let heat = try #require(reference.profile.feature("heat"))
        #expect(heat.rows == 200 && heat.missing == 10 && heat.present == 190)
        #expect(heat.minimum == 0.1 && heat.maximum == 19.9)
        let plant = try #require(reference.profile.feature("plant"))
        #expect(plant.bins == .categorical(categories: ["north", "south"]))
        #expect(plant.counts == [100, 100, 0])
        let prediction = try #require(reference.profile.prediction)
        #expect(prediction.bins == .categorical(categories: ["0", "1"]))
        #expect(prediction.counts == [150, 50, 0])
    }

    @Test("a run without the artifact has no reference; a tag that names a missing one is an error")
    func absent() async throws {
        let none = OneRun(csv: nil)
        #expect(
            try await ReferenceProfiler(registry: none, artifacts: none, clock: ManualClock())
                .build(Self.servable, task: nil) == nil)
        let tagged = OneRun(csv: nil, tags: ["martlet.reference": "data/train.csv"])
        let error = await #expect(throws: MartletError.self) {
            _ = try await ReferenceProfiler(registry: tagged, artifacts: tagged, clock: ManualClock())
                .build(Self.servable, task: nil)
        }
        #expect(error?.message.contains("data/train.csv") == true)
    }

    @Test("labels are told from predictions; missing columns and too few rows are refused by name")
    func refusals() throws {
        let now = Timestamp(milliseconds: 1)
        let labelled = try ReferenceProfiler.profile(
            Self.csv(header: "plant,heat,target"), path: "r.csv", servable: Self.servable, task: nil, now: now)
        #expect(labelled.predictionOrigin == .labels)
        #expect(!labelled.isPredictionJudged)
        let missing = #expect(throws: MartletError.self) {
            try ReferenceProfiler.profile(
                Self.csv(header: "plant,warmth,target"), path: "r.csv", servable: Self.servable, task: nil, now: now)
        }
        #expect(missing?.message.contains("heat") == true)
        #expect(throws: MartletError.self) {
            try ReferenceProfiler.profile(
                Self.csv(rows: 10), path: "r.csv", servable: Self.servable, task: nil, now: now)
        }
    }
}
