public import Domain

extension OpenInferenceMessages {
    /// Rows of one request that are worth sending: as many as monitors observe of it.
    static let batchSizeMax = 10_000

    /// Whether a `RepositoryIndexRequest` asks for ready versions only.
    ///
    /// - Throws: `invalidArgument`.
    public static func decodeRepositoryIndex(_ bytes: UnsafeRawBufferPointer) throws(MartletError) -> Bool {
        var reader = ProtobufReader(bytes)
        var isReadyOnly = false
        while let field = try reader.next() {
            if field.number == 2 { isReadyOnly = try reader.bool(field) } else { try reader.skip(field) }
        }
        return isReadyOnly
    }

    public static func encode(_ entries: [RepositoryEntry]) -> [UInt8] {
        var writer = ProtobufWriter(reserving: 64 * entries.count)
        for entry in entries {
            writer.message(1) { message in
                message.string(1, entry.id.model)
                if entry.id.version > 0 { message.string(2, String(entry.id.version)) }
                message.string(3, entry.isReady ? "READY" : "UNAVAILABLE")
                if let reason = entry.reason { message.string(4, reason) }
            }
        }
        return writer.bytes
    }

    /// What Triton's clients need to make requests. Where the first dimension of every input and output is the rows, the dimensions are
    /// those of one row, as Triton has it.
    public static func encodeConfiguration(_ metadata: ServedModelMetadata) -> [UInt8] {
        let rowsMax = metadata.batchSizeMax(unlessConfigured: batchSizeMax)
        let isInRows = rowsMax > 0
        let isPython = metadata.platform == ServingRuntime.python.platform
        var writer = ProtobufWriter(reserving: 256)
        writer.message(1) { config in
            config.string(1, metadata.name)
            config.string(2, isPython ? metadata.platform : "onnxruntime_onnx")
            config.message(3) { policy in
                policy.message(3) { $0.integers(1, metadata.versions) }
            }
            config.integer(4, UInt64(rowsMax))
            for input in metadata.inputs { write(input, 5, dimensions: 4, isInRows: isInRows, &config) }
            for output in metadata.outputs { write(output, 6, dimensions: 3, isInRows: isInRows, &config) }
            if let rule = metadata.rule { write(rule, &config) }
            config.string(17, isPython ? "python" : "onnxruntime")
        }
        return writer.bytes
    }

    private static func write(_ rule: ServingRule, _ config: inout ProtobufWriter) {
        if let instances = rule.instances {
            config.message(7) { group in
                group.integer(2, UInt64(instances))
                // KIND_CPU
                group.integer(4, 2)
            }
        }
        if let batching = rule.batching {
            config.message(11) { message in
                message.integers(1, batching.preferredRows)
                message.integer(2, UInt64(max(0, batching.maxDelayMicroseconds)))
            }
        }
        if rule.isCached { config.message(24) { $0.integer(1, 1) } }
    }

    private static func write(
        _ spec: TensorSpec, _ field: Int, dimensions: Int, isInRows: Bool, _ writer: inout ProtobufWriter
    ) {
        writer.message(field) { message in
            message.string(1, spec.name)
            message.integer(2, dataType(spec.datatype))
            let row = Array(spec.shape.dropFirst())
            // A row of one number has no dimension; Triton needs one, and says how it is to be sent.
            message.integers(dimensions, isInRows ? (row.isEmpty ? [1] : row) : spec.shape)
            if isInRows, row.isEmpty { message.message(5) { _ in } }
        }
    }

    /// The numbers of Triton's enumeration `DataType`.
    private static func dataType(_ datatype: Datatype) -> UInt64 {
        switch datatype {
        case .bool: 1
        case .uint8: 2
        case .uint16: 3
        case .uint32: 4
        case .uint64: 5
        case .int8: 6
        case .int16: 7
        case .int32: 8
        case .int64: 9
        case .fp16: 10
        case .fp32: 11
        case .fp64: 12
        case .bytes: 13
        case .bf16: 14
        }
    }

    // MARK: loading

    /// A `RepositoryModelLoadRequest` or `RepositoryModelUnloadRequest`.
    public struct RepositoryModel: Sendable, Hashable {
        public let model: String
        public let overrides: ModelLoadOverrides
    }

    /// - Throws: `invalidArgument`.
    public static func decodeRepositoryModel(_ bytes: UnsafeRawBufferPointer) throws(MartletError) -> RepositoryModel {
        var reader = ProtobufReader(bytes)
        var (repository, model) = ("", "")
        var overrides = ModelLoadOverrides()
        while let field = try reader.next() {
            switch field.number {
            case 1: repository = try reader.string(field)
            case 2: model = try reader.string(field)
            case 3: try readParameter(reader.message(field), into: &overrides)
            default: try reader.skip(field)
            }
        }
        // KServe's messages have the model's name where Triton's have the repository's.
        return RepositoryModel(model: model.isEmpty ? repository : model, overrides: overrides)
    }

    private static func readParameter(
        _ entry: consuming ProtobufReader, into overrides: inout ModelLoadOverrides
    ) throws(MartletError) {
        var (name, text) = ("", "")
        while let field = try entry.next() {
            switch field.number {
            case 1: name = try entry.string(field)
            case 2:
                var value = try entry.message(field)
                while let part = try value.next() {
                    if part.number == 3 { text = try value.string(part) } else { try value.skip(part) }
                }
            default: try entry.skip(field)
            }
        }
        if name == RepositoryRequest.configurationParameter { overrides.configuration = text }
        if RepositoryRequest.isFile(name) { overrides.files.append(name) }
    }

    // MARK: statistics

    public static func encode(_ statistics: [ServedModelStatistics]) -> [UInt8] {
        var writer = ProtobufWriter(reserving: 256 * statistics.count)
        for one in statistics { writer.message(1) { write(one, &$0) } }
        return writer.bytes
    }

    private static func write(_ statistics: ServedModelStatistics, _ writer: inout ProtobufWriter) {
        writer.string(1, statistics.id.model)
        writer.string(2, String(statistics.id.version))
        writer.integer(3, UInt64(max(0, statistics.lastInference?.milliseconds ?? 0)))
        writer.integer(4, UInt64(statistics.inferenceCount))
        writer.integer(5, UInt64(statistics.executionCount))
        writer.message(6) { writer in
            let totals = [
                statistics.success, statistics.failure, statistics.queue, statistics.computeInput,
                statistics.computeInfer, statistics.computeOutput, statistics.cacheHit,
                statistics.cacheMiss,
            ]
            for (index, total) in totals.enumerated() { write(total, index + 1, &writer) }
        }
        for batch in statistics.batches {
            writer.message(7) { writer in
                writer.integer(1, UInt64(batch.rows))
                write(batch.computeInput, 2, &writer)
                write(batch.computeInfer, 3, &writer)
                write(batch.computeOutput, 4, &writer)
            }
        }
    }

    private static func write(_ total: TimeTotal, _ field: Int, _ writer: inout ProtobufWriter) {
        writer.message(field) { writer in
            writer.integer(1, UInt64(total.count))
            writer.integer(2, UInt64(max(0, total.nanoseconds)))
        }
    }
}
