internal import Domain

/// The rules of one input's columns as flat arrays, by column up to the last one that has a rule.
///
/// A class: to look at the next block of a request costs one reference, not one for each array.
final class InputBlock: Sendable {
    /// Of the input among the model's.
    let place: Int
    let datatype: Datatype
    let rules: [FeatureRule?]
    /// In the datatype's own values, so that a bound which training data had is the value that a request sends. Infinite where there is none.
    private let bounds: InputBounds<Double>
    private let narrow: InputBounds<Float>
    /// Columns of categories.
    private let texts: [(column: Int, known: CategoryTable)]
    /// Columns of categories that are sent as numbers; ascending.
    private let codes: [(column: Int, known: [Double])]

    /// - Parameter rules: each with its column's place along the second dimension.
    init(place: Int, datatype: Datatype, rules ruled: [(Int, FeatureRule)]) {
        self.place = place
        self.datatype = datatype
        var rules = [FeatureRule?](repeating: nil, count: (ruled.map(\.0).max() ?? 0) + 1)
        for (column, rule) in ruled { rules[column] = rule }
        self.rules = rules
        func checked(_ rule: FeatureRule?) -> FeatureRule? { rule?.action == .accept ? nil : rule }
        let low = rules.map { checked($0)?.minimum.map { Self.bound($0, datatype, .up) } ?? -.infinity }
        let high = rules.map { checked($0)?.maximum.map { Self.bound($0, datatype, .down) } ?? .infinity }
        let missing = rules.map { ($0?.missing ?? .accept) != .accept }
        bounds = InputBounds(low: low, high: high, missing: missing)
        narrow = InputBounds(low: low.map { Float($0) }, high: high.map { Float($0) }, missing: missing)
        let categories = rules.indices.compactMap { column in checked(rules[column])?.categories.map { (column, $0) } }
        if datatype == .bytes {
            texts = categories.map { ($0, CategoryTable($1)) }
            codes = []
        } else {
            texts = []
            codes = categories.map { ($0, $1.compactMap(Self.code).sorted()) }
        }
    }

    /// Whether every value keeps the rules. May say no of one that does.
    func isClean(_ tensor: Tensor) -> Bool {
        let (rows, width) = Self.size(tensor)
        guard datatype != .bytes else { return areTextsClean(tensor, rows: rows, width: width) }
        let areNumbersClean = tensor.bytes.withUnsafeBytes { raw in
            switch datatype {
            case .fp32: narrow.isClean(raw, rows, width) { (value: Float) in value }
            case .fp64: bounds.isClean(raw, rows, width) { (value: Double) in value }
            case .int64: bounds.isClean(raw, rows, width) { (value: Int64) in Double(value) }
            case .int32: bounds.isClean(raw, rows, width) { (value: Int32) in Double(value) }
            case .int16: bounds.isClean(raw, rows, width) { (value: Int16) in Double(value) }
            case .int8: bounds.isClean(raw, rows, width) { (value: Int8) in Double(value) }
            case .uint64: bounds.isClean(raw, rows, width) { (value: UInt64) in Double(value) }
            case .uint32: bounds.isClean(raw, rows, width) { (value: UInt32) in Double(value) }
            case .uint16: bounds.isClean(raw, rows, width) { (value: UInt16) in Double(value) }
            case .uint8, .bool: bounds.isClean(raw, rows, width) { (value: UInt8) in Double(value) }
            // Too rare for loops of their own.
            case .fp16, .bf16, .bytes: false
            }
        }
        return areNumbersClean && areCodesClean(tensor, rows: rows, width: width)
    }

    private func areCodesClean(_ tensor: Tensor, rows: Int, width: Int) -> Bool {
        for (column, known) in codes where column < width {
            for row in 0..<rows {
                let value = tensor.number(row * width + column) ?? .nan
                if !value.isNaN, !Self.contains(known, value) { return false }
            }
        }
        return true
    }

    private func areTextsClean(_ tensor: Tensor, rows: Int, width: Int) -> Bool {
        tensor.bytes.withUnsafeBytes { raw in
            for column in 0..<min(rules.count, width) where bounds.missing[column] {
                for row in 0..<rows where Self.text(tensor, row * width + column, raw).isEmpty { return false }
            }
            for (column, known) in texts where column < width {
                for row in 0..<rows {
                    let text = Self.text(tensor, row * width + column, raw)
                    if !text.isEmpty, !known.contains(text) { return false }
                }
            }
            return true
        }
    }

    // MARK: what is wrong

    /// What one input's values break.
    struct Findings {
        var flags: [InputFlag] = []
        /// The input with its values clipped; nil where none was.
        var clipped: Tensor?
        /// A sentence on the first value that is refused.
        var rejection: String?
    }

    func examine(_ tensor: Tensor) -> Findings {
        let (rows, width) = Self.size(tensor)
        let reasons = InputFlag.Reason.allCases
        var findings = Findings()
        var bytes: [UInt8]?
        for column in 0..<min(rules.count, width) {
            guard let rule = rules[column] else { continue }
            var counts = [Int](repeating: 0, count: reasons.count)
            var firsts = counts
            for row in 0..<rows {
                let index = row * width + column
                guard let reason = reason(tensor, index, column, rule),
                    let kind = reasons.firstIndex(of: reason)
                else { continue }
                if counts[kind] == 0 { firsts[kind] = row }
                counts[kind] += 1
                if outcome(reason, rule) == .clipped {
                    clip(
                        index, to: reason == .belowMinimum ? bounds.low[column] : bounds.high[column], in: &bytes,
                        of: tensor)
                }
            }
            for (kind, reason) in reasons.enumerated() where counts[kind] > 0 {
                let outcome = outcome(reason, rule)
                findings.flags.append(
                    InputFlag(
                        feature: rule.name, reason: reason, outcome: outcome, rows: counts[kind], firstRow: firsts[kind]
                    ))
                if outcome == .rejected, findings.rejection == nil {
                    findings.rejection = sentence(
                        tensor, firsts[kind], firsts[kind] * width + column, column, reason, rule)
                }
            }
        }
        if let bytes {
            // As many bytes as before.
            findings.clipped = try? Tensor(datatype: tensor.datatype, shape: tensor.shape, bytes: bytes)
        }
        return findings
    }

    /// nil where the value keeps the rule, or nothing is done if it does not.
    private func reason(_ tensor: Tensor, _ index: Int, _ column: Int, _ rule: FeatureRule) -> InputFlag.Reason? {
        guard datatype != .bytes else {
            let text = tensor.string(index)
            if text.isEmpty { return rule.missing == .accept ? nil : .missing }
            guard let known = texts.first(where: { $0.column == column })?.known else { return nil }
            // `1.0` and `1` are one category, as they are to the monitors.
            let isKnown = known.contains(text) || Double(text).map { known.contains(Tensor.text(of: $0)) } ?? false
            return isKnown ? nil : .unknownCategory
        }
        guard let value = tensor.number(index), !value.isNaN else { return rule.missing == .accept ? nil : .missing }
        if value < bounds.low[column] { return .belowMinimum }
        if value > bounds.high[column] { return .aboveMaximum }
        guard let known = codes.first(where: { $0.column == column })?.known else { return nil }
        return Self.contains(known, value) ? nil : .unknownCategory
    }

    private func outcome(_ reason: InputFlag.Reason, _ rule: FeatureRule) -> InputFlag.Outcome {
        let action = reason == .missing ? rule.missing : rule.action
        switch action {
        case .reject: return .rejected
        case .clip where reason == .belowMinimum || reason == .aboveMaximum: return .clipped
        case .accept, .flag, .clip: return .flagged
        }
    }

    private func sentence(
        _ tensor: Tensor, _ row: Int, _ index: Int, _ column: Int, _ reason: InputFlag.Reason, _ rule: FeatureRule
    ) -> String {
        let value = tensor.text(index).prefix(64)
        let broken =
            switch reason {
            case .belowMinimum: "is \(value) in row \(row), below its minimum \(Tensor.text(of: bounds.low[column]))"
            case .aboveMaximum: "is \(value) in row \(row), above its maximum \(Tensor.text(of: bounds.high[column]))"
            case .unknownCategory: "is \"\(value)\" in row \(row), which is none of its known values"
            case .missing: "is missing in row \(row)"
            }
        return "The feature \"\(rule.name)\" \(broken). The model's policy refuses that."
    }

    private func clip(_ index: Int, to bound: Double, in bytes: inout [UInt8]?, of tensor: Tensor) {
        if bytes == nil { bytes = tensor.bytes }
        func store<Element: BitwiseCopyable>(_ value: Element) {
            bytes?.withUnsafeMutableBytes {
                $0.storeBytes(of: value, toByteOffset: index * MemoryLayout<Element>.size, as: Element.self)
            }
        }
        func whole<Element: FixedWidthInteger & BitwiseCopyable>(_ type: Element.Type) {
            store(Element(exactly: bound) ?? (bound < 0 ? .min : .max))
        }
        switch datatype {
        case .fp32: store(Float(bound))
        case .fp64: store(bound)
        case .fp16: store(Tensor.halfBits(Float(bound)))
        case .bf16: store(Tensor.brainHalfBits(Float(bound)))
        case .int64: whole(Int64.self)
        case .int32: whole(Int32.self)
        case .int16: whole(Int16.self)
        case .int8: whole(Int8.self)
        case .uint64: whole(UInt64.self)
        case .uint32: whole(UInt32.self)
        case .uint16: whole(UInt16.self)
        case .uint8: whole(UInt8.self)
        case .bool: store(bound < 1 ? UInt8(0) : 1)
        case .bytes: break
        }
    }

    // MARK: values

    private static func size(_ tensor: Tensor) -> (rows: Int, width: Int) {
        let shape = tensor.shape
        var width = 1
        for dimension in shape.indices.dropFirst() { width *= shape[dimension] }
        return (shape.first ?? 1, width)
    }

    private static func text(_ tensor: Tensor, _ index: Int, _ raw: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: raw[tensor.offsets[index]..<tensor.offsets[index + 1]])
    }

    /// A bound as the nearest value of the datatype; a whole number inside the range for integers.
    private static func bound(_ value: Double, _ datatype: Datatype, _ inwards: FloatingPointRoundingRule) -> Double {
        switch datatype {
        case .fp64, .bytes: value
        case .fp32: Double(Float(value))
        case .fp16: number(.fp16, Tensor.halfBits(Float(value)))
        case .bf16: number(.bf16, Tensor.brainHalfBits(Float(value)))
        default: value.rounded(inwards)
        }
    }

    private static func number(_ datatype: Datatype, _ bits: UInt16) -> Double {
        let tensor = try? Tensor(datatype, shape: [1], elements: [bits])
        return tensor?.number(0) ?? .nan
    }

    /// A category that is sent as a number.
    private static func code(_ text: String) -> Double? {
        switch text {
        case "true", "True": 1
        case "false", "False": 0
        default: Double(text)
        }
    }

    private static func contains(_ sorted: [Double], _ value: Double) -> Bool {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < sorted.count && sorted[low] == value
    }
}

/// The bounds of an input's columns.
struct InputBounds<Value: BinaryFloatingPoint & Sendable>: Sendable {
    let low: [Value]
    let high: [Value]
    /// Whether a missing value is something to tell.
    let missing: [Bool]

    /// Whether all values lie within; NaN is missing.
    @inline(__always)
    func isClean<Element: BitwiseCopyable>(
        _ raw: UnsafeRawBufferPointer, _ rows: Int, _ width: Int, _ value: (Element) -> Value
    ) -> Bool {
        let columns = min(low.count, width)
        return low.withUnsafeBufferPointer { low in
            high.withUnsafeBufferPointer { high in
                missing.withUnsafeBufferPointer { missing in
                    for row in 0..<rows {
                        let start = row * width
                        var isBroken = false
                        for column in 0..<columns {
                            let offset = (start + column) * MemoryLayout<Element>.size
                            let number = value(raw.loadUnaligned(fromByteOffset: offset, as: Element.self))
                            // A comparison with NaN is false: it is missing, not out of range.
                            isBroken =
                                isBroken || number < low[column] || number > high[column]
                                || (number != number && missing[column])
                        }
                        if isBroken { return false }
                    }
                    return true
                }
            }
        }
    }
}
