internal import Domain

/// Takes a model's configuration out of a message, field by field.
struct ModelConfigurationReader {
    /// Notes kept; a configuration with more is told of by these.
    static let notesMax = 50
    /// Rows, runs and versions beyond it are a mistake.
    static let countMax: Int64 = 1 << 30
    /// Dimensions of one tensor: ONNX Runtime takes no more than some dozen.
    static let rankMax = 32

    /// Where a field stands, with a colon; empty where that is not known.
    private let place: (Int?) -> String
    private var configuration = ModelConfiguration()
    private var seen: Set<String> = []
    private var preferredRows: [Int] = []
    private var maxDelay = Duration.zero
    /// The field that asked for it.
    private var batching: ProtobufText.Field?

    init(place: @escaping (Int?) -> String) {
        self.place = place
    }

    mutating func read(_ message: ProtobufText) throws(MartletError) -> ModelConfiguration {
        var instances = 0
        for field in message.fields {
            try checkSingle(field)
            switch field.name {
            case "name": configuration.name = try text(field)
            case "platform", "backend": try checkBackend(field)
            case "max_batch_size": configuration.maxBatchSize = try count(field, from: 0)
            case "input": configuration.inputs.append(try tensor(field))
            case "output": configuration.outputs.append(try tensor(field))
            case "version_policy": configuration.versionPolicy = try versionPolicy(field)
            case "instance_group": instances += try instanceCount(field)
            case "dynamic_batching":
                batching = field
                try readBatching(try self.message(field))
            case "default_model_filename": try readFileName(field)
            case "response_cache": try readCache(field)
            case "model_warmup": note(field, "is not read: each version is run once, with ones, when it is loaded")
            default: note(field)
            }
        }
        if instances > 0 { configuration.instances = instances }
        try finish()
        return configuration
    }

    private mutating func finish() throws(MartletError) {
        for tensors in [configuration.inputs, configuration.outputs] {
            var names: Set<String> = []
            for tensor in tensors where !names.insert(tensor.name).inserted {
                throw .invalid("\"\(tensor.name)\" is configured twice.", field: tensor.name)
            }
        }
        guard let batching else { return }
        guard configuration.maxBatchSize > 0 else {
            note(batching, "is ignored: max_batch_size is 0")
            return
        }
        if let rows = preferredRows.first(where: { $0 > configuration.maxBatchSize }) {
            throw wrong(
                batching, "has the preferred_batch_size \(rows), above max_batch_size \(configuration.maxBatchSize)")
        }
        configuration.batching = BatchingRule(
            maxRows: configuration.maxBatchSize, maxDelay: maxDelay, preferredRows: Set(preferredRows).sorted())
    }

    // MARK: fields

    /// Only ONNX Runtime is here to run models.
    private mutating func checkBackend(_ field: ProtobufText.Field) throws(MartletError) {
        let name = try text(field)
        let served = field.name == "platform" ? "onnxruntime_onnx" : "onnxruntime"
        // Empty is not set; clients that send back what they were told may name the one where the other belongs.
        guard name.isEmpty || name == served || name == "onnxruntime" || name == "onnx_onnxv1" else {
            throw wrong(field, "is \"\(name.prefix(64))\"; models are served by \(served) alone")
        }
    }

    private mutating func readFileName(_ field: ProtobufText.Field) throws(MartletError) {
        let name = try text(field)
        guard !name.isEmpty else { return }
        guard !name.contains("/"), !name.hasPrefix("."), !name.unicodeScalars.contains("\0") else {
            throw wrong(field, "is \"\(name.prefix(64))\", which is no name of a file in the version's folder")
        }
        configuration.fileName = name
    }

    private mutating func tensor(_ field: ProtobufText.Field) throws(MartletError) -> ModelConfiguration.Tensor {
        var tensor = ModelConfiguration.Tensor(name: "")
        for part in try message(field).fields {
            switch part.name {
            case "name": tensor.name = try text(part)
            case "data_type": tensor.datatype = try datatype(part)
            case "dims": tensor.dims = try appending(part, to: tensor.dims)
            case "reshape":
                tensor.reshape = []
                for dimension in try message(part).fields {
                    guard dimension.name == "shape" else {
                        note(dimension)
                        continue
                    }
                    tensor.reshape = try appending(dimension, to: tensor.reshape)
                }
            // What stands there unless somebody says otherwise is nothing to speak of.
            case "format" where part.value.text == "FORMAT_NONE": break
            case "is_shape_tensor", "allow_ragged_batch", "optional", "is_non_linear_format_io":
                if part.value.text != "false" { throw wrong(part, "is not served") }
            case "label_filename" where part.value.text == "": break
            default: note(part)
            }
        }
        guard !tensor.name.isEmpty else { throw wrong(field, "has no name") }
        if tensor.reshape != nil, tensor.dims == nil { throw wrong(field, "has a reshape and no dims") }
        return tensor
    }

    private func appending(_ field: ProtobufText.Field, to dims: [Int]?) throws(MartletError) -> [Int] {
        guard let value = integer(field), value == -1 || (1...Self.countMax).contains(value) else {
            throw wrong(field, "is a whole number from 1 on, or -1 for any")
        }
        let dims = (dims ?? []) + [Int(value)]
        guard dims.count <= Self.rankMax else { throw wrong(field, "has more than \(Self.rankMax) dimensions") }
        return dims
    }

    private func datatype(_ field: ProtobufText.Field) throws(MartletError) -> Datatype? {
        let name = field.value.text ?? ""
        if name == "TYPE_INVALID" { return nil }
        if name == "TYPE_STRING" { return .bytes }
        guard name.hasPrefix("TYPE_"), let datatype = Datatype(rawValue: String(name.dropFirst(5))), datatype != .bytes
        else { throw wrong(field, "is \"\(name.prefix(64))\", which is no data type") }
        return datatype
    }

    private mutating func versionPolicy(_ field: ProtobufText.Field) throws(MartletError) -> VersionPolicy {
        let choices = try message(field).fields
        guard choices.count == 1, let choice = choices.first else {
            throw wrong(field, "is one of latest, all and specific")
        }
        let parts = try message(choice).fields
        switch choice.name {
        case "latest":
            var versions = 1
            for part in parts {
                if part.name == "num_versions" { versions = max(1, try count(part, from: 0)) } else { note(part) }
            }
            return .latest(versions)
        case "all": return .all
        case "specific":
            var versions: [Int] = []
            for part in parts where part.name == "versions" { versions.append(try count(part, from: 1)) }
            guard !versions.isEmpty else { throw wrong(choice, "names no versions") }
            return .specific(versions)
        default: throw wrong(choice, "is no version policy: latest, all or specific")
        }
    }

    private mutating func instanceCount(_ field: ProtobufText.Field) throws(MartletError) -> Int {
        var instances = 1
        for part in try message(field).fields {
            switch part.name {
            case "count": instances = max(1, try count(part, from: 0))
            case "kind" where ["KIND_AUTO", "KIND_CPU"].contains(part.value.text): break
            case "name": break
            default: note(part)
            }
        }
        return instances
    }

    private mutating func readCache(_ field: ProtobufText.Field) throws(MartletError) {
        for part in try message(field).fields {
            guard part.name == "enable" else {
                note(part)
                continue
            }
            guard ["true", "false"].contains(part.value.text) else { throw wrong(part, "is true or false") }
            configuration.isCached = part.value.text == "true"
        }
    }

    private mutating func readBatching(_ message: ProtobufText) throws(MartletError) {
        for part in message.fields {
            switch part.name {
            case "preferred_batch_size": preferredRows.append(try count(part, from: 1))
            case "max_queue_delay_microseconds": maxDelay = .microseconds(try count(part, from: 0))
            default: note(part)
            }
        }
    }

    // MARK: values

    private mutating func checkSingle(_ field: ProtobufText.Field) throws(MartletError) {
        guard !["input", "output", "instance_group"].contains(field.name) else { return }
        let isFirst = seen.insert(field.name).inserted
        let isRead = [
            "name", "platform", "backend", "max_batch_size", "version_policy", "dynamic_batching",
            "default_model_filename", "response_cache",
        ].contains(field.name)
        guard isFirst || !isRead else { throw wrong(field, "stands there twice") }
    }

    private func text(_ field: ProtobufText.Field) throws(MartletError) -> String {
        guard case .string(let text) = field.value else { throw wrong(field, "is a string in quotes") }
        return text
    }

    private func message(_ field: ProtobufText.Field) throws(MartletError) -> ProtobufText {
        guard case .message(let message) = field.value else { throw wrong(field, "is a message in braces") }
        return message
    }

    private func count(_ field: ProtobufText.Field, from least: Int64) throws(MartletError) -> Int {
        guard let value = integer(field), (least...Self.countMax).contains(value) else {
            throw wrong(field, "is a whole number from \(least) to \(Self.countMax)")
        }
        return Int(value)
    }

    /// JSON writes large integers as strings, too.
    private func integer(_ field: ProtobufText.Field) -> Int64? {
        let text: Substring
        switch field.value {
        case .number(let number): text = number[...]
        case .string(let string) where field.offset == nil: text = string[...]
        default: return nil
        }
        let (sign, digits) = text.hasPrefix("-") ? ("-", text.dropFirst()) : ("", text)
        if digits.hasPrefix("0x") || digits.hasPrefix("0X") { return Int64(sign + digits.dropFirst(2), radix: 16) }
        if digits.count > 1, digits.hasPrefix("0") { return Int64(sign + digits.dropFirst(), radix: 8) }
        return Int64(sign + digits)
    }

    private mutating func note(_ field: ProtobufText.Field, _ what: String = "is ignored") {
        // Of JSON that lists every field, most say nothing.
        if field.offset == nil, field.value.isEmpty { return }
        guard configuration.notes.count < Self.notesMax else { return }
        let note = "\(place(field.offset))\(field.name) \(what)."
        if !configuration.notes.contains(note) { configuration.notes.append(note) }
    }

    private func wrong(_ field: ProtobufText.Field, _ what: String) -> MartletError {
        .invalid("\(place(field.offset))\(field.name) \(what).", field: field.name)
    }
}

extension ProtobufText.Value {
    /// nil of a message.
    fileprivate var text: String? {
        switch self {
        case .string(let text), .number(let text), .word(let text): text
        case .message: nil
        }
    }

    /// Whether it is what a field has that nobody sets.
    fileprivate var isEmpty: Bool {
        switch self {
        case .string(let text): text.isEmpty
        case .number(let text): text == "0"
        case .word(let word): word == "false"
        case .message(let message): message.fields.allSatisfy { $0.value.isEmpty }
        }
    }
}
