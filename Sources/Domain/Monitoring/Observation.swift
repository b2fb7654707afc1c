/// One answered request, as the data plane saw it.
///
/// The data plane hands over its tensors as they are; whoever counts takes columns out of them, so that the caller does not wait for it.
public struct Observation: Sendable {
    /// The values of one feature, one a row.
    public enum ColumnValues: Sendable, Hashable {
        /// NaN is missing.
        case numeric([Double])
        /// nil is missing.
        case categorical([String?])
    }

    /// What was asked: one entry a column of the servable version, same order; none on failure.
    public enum Features: Sendable {
        case columns([ColumnValues])
        case tensors([NamedTensor], ObservationLayout)
    }

    /// What was answered; empty on failure.
    public enum Answer: Sendable {
        case values(predictions: ColumnValues, scores: [Double])
        case tensors([NamedTensor], ObservationLayout)
    }

    public var predictionID: PredictionID
    public var endpoint: String
    public var version: Int
    public var role: Variant.Role
    /// When its request came, as its id states.
    public var askedAt: Timestamp
    /// When it was answered.
    public var time: Timestamp
    public var latencyNanoseconds: Int64
    /// nil is success; else the code. Only `internal`, `unavailable` and `deadlineExceeded` are the server's fault.
    public var failure: MartletError.Code?
    public var rows: Int
    public var features: Features
    public var answer: Answer
    /// The caller's own key for this request, for joining feedback.
    public var businessKey: String?
    /// What the policy's validation found in the request, also where it refused it.
    public var inputFlags: [InputFlag]

    public init(
        predictionID: PredictionID, endpoint: String, version: Int, role: Variant.Role,
        askedAt: Timestamp, time: Timestamp,
        latencyNanoseconds: Int64, failure: MartletError.Code?, rows: Int, features: Features, answer: Answer,
        businessKey: String?, inputFlags: [InputFlag] = []
    ) {
        self.predictionID = predictionID
        self.endpoint = endpoint
        self.version = version
        self.role = role
        self.askedAt = askedAt
        self.time = time
        self.latencyNanoseconds = latencyNanoseconds
        self.failure = failure
        self.rows = rows
        self.features = features
        self.answer = answer
        self.businessKey = businessKey
        self.inputFlags = inputFlags
    }

    /// The predicted class or number of each row; empty on failure.
    public var predictions: ColumnValues {
        switch answer {
        case .values(let predictions, _): predictions
        case .tensors(let outputs, let layout): layout.predictions(outputs, rows: rows)
        }
    }

    /// The positive class's score (binary) or the winning score of each row; empty where the model gives none.
    public var scores: [Double] {
        switch answer {
        case .values(_, let scores): scores
        case .tensors(let outputs, let layout): layout.scores(outputs, rows: rows)
        }
    }

    /// Takes predictions and scores out of the tensors once, for whoever asks for them more often.
    public mutating func readAnswer() { answer = .values(predictions: predictions, scores: scores) }

    /// The values of one feature.
    public func feature(_ index: Int) -> ColumnValues {
        switch features {
        case .columns(let columns): columns[index]
        case .tensors(let inputs, let layout): layout.feature(index, of: inputs, rows: rows)
        }
    }

    /// Whether all features are numbers of one tensor.
    public var isMatrix: Bool {
        guard case .tensors(let inputs, let layout) = features else { return false }
        return layout.isMatrix(inputs)
    }

    /// Appends some rows of an observation that `isMatrix`.
    public func append(_ rows: Range<Int>, to matrix: inout NumberMatrix) {
        guard case .tensors(let inputs, let layout) = features else { return }
        layout.append(rows, of: inputs, to: &matrix)
    }

    /// Bytes of the tensors and values that it holds.
    public var heldBytes: Int {
        var bytes = 0
        switch features {
        case .columns(let columns): bytes += columns.count * rows * MemoryLayout<Double>.size
        case .tensors(let inputs, _): for input in inputs { bytes += input.tensor.heldBytes }
        }
        if case .tensors(let outputs, _) = answer { for output in outputs { bytes += output.tensor.heldBytes } }
        return bytes
    }
}

extension Observation.Features {
    public static let none = Observation.Features.columns([])

    public var count: Int {
        switch self {
        case .columns(let columns): columns.count
        case .tensors(_, let layout): layout.columns.count
        }
    }
}

extension Observation.Answer {
    public static let none = Observation.Answer.values(predictions: .numeric([]), scores: [])
}

extension Tensor {
    fileprivate var heldBytes: Int { bytes.count + offsets.count * MemoryLayout<Int>.size }
}

/// Where the data plane's tap delivers. Must return at once, never throw and never block; full means dropped and counted.
public protocol ObservationSink: Sendable {
    func observe(_ observation: Observation)
}
