import Domain
import Testing

@testable import Monitoring

@Suite("Drift: seeded simulations")
struct DriftSimulationTests {
    static let numeric = (0..<8).map { (name: "n\($0)", kind: FeatureColumn.Kind.numeric) }
    static let columns = numeric + [("c", .categorical), ("flag", .numeric)]

    /// Rows of eight normal features, one categorical and one of two values.
    static func batch(_ rows: Int, _ random: inout Gaussian, shift: Double = 0) -> ProfileBuilder.Batch {
        var features: [Observation.ColumnValues] = (0..<8).map { index in
            .numeric((0..<rows).map { _ in random.next(mean: index == 0 ? shift : 0) })
        }
        features.append(.categorical((0..<rows).map { _ in ["a", "b", "c", "rare"][Self.category(random.uniform())] }))
        features.append(.numeric((0..<rows).map { _ in random.uniform() < 0.1 ? 1 : 0 }))
        let prediction = Observation.ColumnValues.categorical(
            (0..<rows).map { _ in random.uniform() < 0.2 ? "1" : "0" })
        return .init(rows: rows, features: features, prediction: prediction)
    }

    private static func category(_ share: Double) -> Int { share < 0.5 ? 0 : share < 0.8 ? 1 : share < 0.995 ? 2 : 3 }

    static func reference(rows: Int, _ random: inout Gaussian) -> ReferenceProfile {
        let data = batch(rows, &random)
        return ReferenceProfile(
            version: ModelVersionID(model: "m", version: 1), origin: .trainingData, predictionOrigin: .predictions,
            detail: "",
            profile: ProfileBuilder.build(
                columns: columns, prediction: ("p", .categorical), batches: { $0(data) }),
            builtAt: Timestamp(milliseconds: 1))
    }

    static func window(_ batch: ProfileBuilder.Batch, against reference: ReferenceProfile) -> Profile {
        let known = VersionReference(reference)
        var counter = WindowCounter()
        counter.add(
            Observation(
                predictionID: PredictionID(rawValue: "x"), endpoint: "m", version: 1, role: .champion,
                askedAt: Timestamp(milliseconds: 5_000),
                time: Timestamp(milliseconds: 5_000), latencyNanoseconds: 1_000_000, failure: nil, rows: batch.rows,
                features: .columns(batch.features),
                answer: .values(predictions: batch.prediction ?? .categorical([]), scores: []),
                businessKey: nil),
            reference: known)
        return Profile(counter.take()[0], reference: reference.profile)
    }

    static func judge(_ reference: ReferenceProfile) -> WindowJudge {
        WindowJudge(endpoint: "m", version: 1, monitors: Monitors(), reference: reference)
    }

    static func verdicts(_ profile: Profile, _ reference: ReferenceProfile) -> [MonitorVerdict] {
        judge(reference).verdicts(profile, start: Timestamp(milliseconds: 0), end: Timestamp(milliseconds: 1))
    }

    @Test(
        "200 windows without a change raise no drift at all, whatever the size of reference and window",
        arguments: [(200, 200), (1_000, 200), (5_000, 200), (5_000, 2_000)])
    func stationary(referenceRows: Int, windowRows: Int) {
        var random = Gaussian(seed: UInt64(referenceRows + windowRows))
        let reference = Self.reference(rows: referenceRows, &random)
        var broken: [MonitorVerdict] = []
        for _ in 0..<200 {
            let profile = Self.window(Self.batch(windowRows, &random), against: reference)
            broken += Self.verdicts(profile, reference).filter(\.isBroken)
        }
        #expect(broken.isEmpty, "\(broken.prefix(3).map(\.detail))")
    }

    @Test("a shift by one deviation of one feature is found in the first window, in that feature alone")
    func shift() {
        var random = Gaussian(seed: 11)
        let reference = Self.reference(rows: 1_000, &random)
        for _ in 0..<50 {
            let profile = Self.window(Self.batch(200, &random, shift: 1), against: reference)
            let broken = Self.verdicts(profile, reference).filter { $0.isBroken && $0.kind == .featureDrift }
            #expect(broken.map(\.subject) == ["n0"])
        }
    }

    @Test("new categories, missing values and a flag that comes on are found")
    func others() {
        var random = Gaussian(seed: 12)
        let reference = Self.reference(rows: 1_000, &random)
        var batch = Self.batch(300, &random)
        batch.features[8] = .categorical((0..<300).map { $0 < 90 ? "new" : "a" })
        batch.features[9] = .numeric((0..<300).map { $0 < 150 ? 1 : 0 })
        batch.features[3] = .numeric((0..<300).map { $0 < 60 ? .nan : random.next(mean: Double($0 - $0)) })
        batch.prediction = .categorical((0..<300).map { $0 < 200 ? "1" : "0" })
        let broken = Self.verdicts(Self.window(batch, against: reference), reference).filter(\.isBroken)
        let found = Set(broken.map { "\($0.kind.rawValue) \($0.subject)" })
        #expect(
            found == [
                "feature_drift c", "feature_drift flag", "out_of_range c", "missing_values n3", "prediction_drift p",
            ])
    }

    @Test("a feature that was constant is seen to change")
    func constant() throws {
        let profile = ProfileBuilder.build(
            columns: [("k", .numeric)], prediction: nil,
            batches: { $0(.init(rows: 500, features: [.numeric([Double](repeating: 7, count: 500))], prediction: nil)) }
        )
        let same = try #require(
            DriftTest(reference: profile.features[0], current: counted([Double](repeating: 7, count: 200), profile)))
        let moved = try #require(
            DriftTest(reference: profile.features[0], current: counted([Double](repeating: 8, count: 200), profile)))
        #expect(same.psi == 0)
        #expect(moved.psi > 1 && moved.pValue < 1e-6)
    }

    private func counted(_ values: [Double], _ profile: Profile) -> FeatureProfile {
        let binning = ColumnBinning(profile.features[0])
        var column = PartialWindow.Column(binCount: binning.binCount)
        binning.count(.numeric(values), into: &column)
        return FeatureProfile(like: profile.features[0], counted: column)
    }

    @Test("two versions with equal predictions never reach the guardrail's 0.25, and unequal ones do early")
    func predictionComparison() {
        var random = Gaussian(seed: 13)
        var highest = 0.0
        for _ in 0..<500 {
            let champion = Self.predictionCounts(400, 0.2, &random)
            for rows in [30, 50, 100, 400] {
                let psi = PredictionComparison.psi(
                    candidate: Self.predictionCounts(rows, 0.2, &random), champion: champion)
                highest = max(highest, psi ?? 0)
            }
        }
        #expect(highest < 0.25)
        let bad = PredictionComparison.psi(
            candidate: Self.predictionCounts(60, 0.8, &random), champion: Self.predictionCounts(400, 0.2, &random))
        #expect((bad ?? 0) > 0.5)
    }

    @Test("numeric predictions are compared too, few rows or many")
    func numericComparison() {
        var random = Gaussian(seed: 14)
        func counts(_ rows: Int, _ mean: Double) -> [String: Int] {
            var counts: [String: Int] = [:]
            for _ in 0..<rows { counts[PredictionKey.key(random.next(mean: mean)) ?? "", default: 0] += 1 }
            return counts
        }
        var highest = 0.0
        for _ in 0..<100 {
            for rows in [60, 200, 1_000] {
                highest = max(
                    highest, PredictionComparison.psi(candidate: counts(rows, 0), champion: counts(1_000, 0)) ?? 0)
            }
        }
        #expect(highest < 0.2)
        #expect((PredictionComparison.psi(candidate: counts(200, 2), champion: counts(1_000, 0)) ?? 0) > 0.5)
    }

    private static func predictionCounts(_ rows: Int, _ share: Double, _ random: inout Gaussian) -> [String: Int] {
        var counts = ["0": 0, "1": 0]
        for _ in 0..<rows { counts[random.uniform() < share ? "1" : "0", default: 0] += 1 }
        return counts
    }
}
