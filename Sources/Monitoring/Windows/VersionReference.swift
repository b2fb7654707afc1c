import Domain

/// What is known of a version's reference, and what to do with its rows meanwhile.
struct VersionReference: Sendable {
    let profile: ReferenceProfile
    let features: [ColumnBinning]
    /// nil while the prediction has no reference that it may be judged by.
    let prediction: ColumnBinning?

    init(_ profile: ReferenceProfile) {
        self.profile = profile
        features = profile.profile.features.map(ColumnBinning.init)
        prediction = profile.isPredictionJudged ? profile.profile.prediction.map(ColumnBinning.init) : nil
    }
}

extension ReferenceProfile {
    /// Whether live predictions may be judged by the reference's: labels are shown but not judged by, since a sound model
    /// predicts the rare class less often, and numbers less widely, than they occur, and would alarm for ever.
    var isPredictionJudged: Bool { predictionOrigin == .predictions || predictionOrigin == .firstLiveRows }
}
