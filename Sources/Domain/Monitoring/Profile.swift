/// The statistical picture of a data set or of a window of traffic.
public struct Profile: Sendable, Hashable, Codable {
    public var rows: Int
    /// In the order of the servable version's columns.
    public var features: [FeatureProfile]
    /// nil where no predictions are known.
    public var prediction: FeatureProfile?

    public init(rows: Int, features: [FeatureProfile], prediction: FeatureProfile?) {
        self.rows = rows
        self.features = features
        self.prediction = prediction
    }

    public func feature(_ name: String) -> FeatureProfile? { features.first { $0.name == name } }
}
