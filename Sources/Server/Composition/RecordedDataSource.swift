internal import Crypto
internal import Domain
internal import Foundation
internal import Monitoring
internal import Serving
internal import Storage

/// The new data set of a model: what its endpoint was asked and has learned since, out of prediction log and feedback.
struct RecordedDataSource: RetrainingDataSource {
    /// The newest labels that are looked at.
    static let labelsMax = 100_000
    static let bytesMax = 64 << 20

    let labelled: LabelledPredictions
    let log: PredictionLogStore
    let preparations: PreparationStore
    let clock: any WallClock
    /// Recorded predictions are kept no longer.
    let days: Int

    func dataset(model: String) async throws -> RetrainingDataset {
        let since = clock.now().adding(seconds: -Double(days) * 86_400)
        let found = try await labelled.newest(endpoint: model, since: since, limit: Self.labelsMax)
        var csv = CSVText()
        var rows = 0
        for (version, predictions) in Dictionary(grouping: found, by: \.outcome.version).sorted(by: { $0.key > $1.key })
        {
            let id = ModelVersionID(model: model, version: version)
            // Without known columns nothing says which number is which feature.
            guard let columns = try await preparations.preparation(id)?.servable?.columns, !columns.isEmpty,
                csv.begin(columns.map(\.name) + ["label"])
            else { continue }
            // In a fixed order, so that the same data have the same digest.
            let byID = Dictionary(grouping: predictions, by: \.outcome.predictionID).sorted {
                ($0.value[0].outcome.time, $0.key.rawValue) < ($1.value[0].outcome.time, $1.key.rawValue)
            }
            for (prediction, labels) in byID {
                // Not recorded, or recorded and past its time.
                guard csv.bytes.count < Self.bytesMax, let record = try await log.record(prediction) else { continue }
                let features = try RecordedFeatures.rows(record, columns: columns)
                for label in labels.sorted(by: { $0.outcome.row < $1.outcome.row })
                where label.outcome.row < features.count {
                    csv.append(features[label.outcome.row] + [label.label])
                    rows += 1
                }
            }
        }
        let digest = SHA256.hash(data: csv.bytes).map { String(format: "%02x", $0) }.joined()
        return RetrainingDataset(csv: csv.bytes, rows: rows, digest: digest)
    }
}

/// RFC 4180.
struct CSVText {
    private(set) var bytes: [UInt8] = []
    private var header: [String]?

    /// Writes the header; a later one must be equal, else it returns false.
    mutating func begin(_ names: [String]) -> Bool {
        if let header { return header == names }
        header = names
        append(names)
        return true
    }

    mutating func append(_ cells: [String]) {
        bytes += Array(cells.map(Self.quoted).joined(separator: ",").utf8) + Array("\r\n".utf8)
    }

    private static func quoted(_ cell: String) -> String {
        guard cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }
}
