internal import Domain
internal import Inference

/// Makes the answer of a policy's fallback rules: no model runs.
struct RuleAnswer {
    let rules: [FallbackRule]
    /// The outputs as some version of the endpoint has them; empty where none is loaded. Then numbers are FP64 and all else BYTES.
    let outputs: [TensorSpec]
    let layout: ObservationLayout

    /// The outputs that the rules answer and the request wants, in the order of the rules.
    ///
    /// - Throws: `failedPrecondition`, saying why the rules cannot answer this request.
    func answer(_ request: InferenceRequest) throws(MartletError) -> [NamedTensor] {
        guard let first = rules.first else { throw MartletError.precondition("There is no rule.") }
        let rows = request.inputs.first?.tensor.rows ?? 0
        let chosen = try choose(request, rows: rows)
        var answer: [NamedTensor] = []
        for value in first.answer where request.outputs?.contains(value.output) ?? true {
            let texts = chosen.flatMap { rule in rules[rule].answer.first { $0.output == value.output }?.values ?? [] }
            answer.append(NamedTensor(name: value.output, tensor: try tensor(value, texts, rows: rows)))
        }
        guard !answer.isEmpty else {
            throw MartletError.precondition("The rules answer none of the outputs that were asked for.")
        }
        return answer
    }

    /// The rule of each row.
    private func choose(_ request: InferenceRequest, rows: Int) throws(MartletError) -> [Int] {
        let met = rules.map { self.met($0.when, request, rows: rows) }
        var chosen: [Int] = []
        chosen.reserveCapacity(rows)
        for row in 0..<rows {
            guard let rule = rules.indices.first(where: { met[$0]?[row] ?? true }) else {
                throw MartletError.precondition("Row \(row) meets none of the rules.")
            }
            chosen.append(rule)
        }
        return chosen
    }

    /// Which rows meet a condition; nil is all.
    private func met(_ condition: FallbackRule.Condition?, _ request: InferenceRequest, rows: Int) -> [Bool]? {
        guard let condition else { return nil }
        guard let column = layout.columns.firstIndex(where: { $0.name == condition.feature }) else {
            return [Bool](repeating: false, count: rows)
        }
        func isMet(_ number: Double, _ text: String) -> Bool {
            if let least = condition.atLeast, !(number >= least) { return false }
            if let most = condition.atMost, !(number <= most) { return false }
            return condition.isOneOf?.contains(text) ?? true
        }
        switch layout.feature(column, of: request.inputs, rows: rows) {
        case .numeric(let numbers): return numbers.map { !$0.isNaN && isMet($0, Tensor.text(of: $0)) }
        case .categorical(let texts): return texts.map { $0.map { isMet(Double($0) ?? .nan, $0) } ?? false }
        }
    }

    // MARK: tensors

    private func tensor(_ value: FallbackRule.Value, _ texts: [String], rows: Int) throws(MartletError) -> Tensor {
        let spec = outputs.first { $0.name == value.output }
        let isInColumns = value.values.count > 1 || (spec?.shape.count ?? 1) > 1
        let shape = isInColumns ? [rows, value.values.count] : [rows]
        let datatype = spec?.datatype ?? (texts.allSatisfy { Double($0) != nil } ? .fp64 : .bytes)
        func all<Element: BitwiseCopyable>(_ convert: (String) -> Element?) throws(MartletError) -> Tensor {
            var elements: [Element] = []
            elements.reserveCapacity(texts.count)
            for text in texts {
                guard let element = convert(text) else {
                    throw MartletError.precondition(
                        "The output \"\(value.output)\" is \(datatype.rawValue), and \"\(text.prefix(64))\" is no such value."
                    )
                }
                elements.append(element)
            }
            return try Tensor(datatype, shape: shape, elements: elements)
        }
        switch datatype {
        case .bytes: return try Tensor(shape: shape, strings: texts)
        case .fp64: return try all { Double($0) }
        case .fp32: return try all { Float($0) }
        case .fp16: return try all { Float($0).map(Tensor.halfBits) }
        case .bf16: return try all { Float($0).map(Tensor.brainHalfBits) }
        case .int64: return try all { Int64($0) }
        case .int32: return try all { Int32($0) }
        case .int16: return try all { Int16($0) }
        case .int8: return try all { Int8($0) }
        case .uint64: return try all { UInt64($0) }
        case .uint32: return try all { UInt32($0) }
        case .uint16: return try all { UInt16($0) }
        case .uint8: return try all { UInt8($0) }
        case .bool: return try all { ["true": UInt8(1), "1": 1, "false": 0, "0": 0][$0] }
        }
    }
}
