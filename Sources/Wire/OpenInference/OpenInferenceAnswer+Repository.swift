public import Domain

extension OpenInferenceAnswer {
    /// Rows of one request that are worth sending: as many as monitors observe of it.
    static let batchSizeMax = 10_000

    /// The answer to `POST /v2/repository/index`.
    public static func repository(_ entries: [RepositoryEntry]) -> [UInt8] {
        var writer = JSONWriter()
        writer.list(entries) { writer, entry in
            writer.raw("{\"name\":")
            writer.string(entry.id.model)
            if entry.id.version > 0 {
                writer.raw(",\"version\":\"")
                writer.integer(entry.id.version)
                writer.raw("\"")
            }
            writer.raw(entry.isReady ? ",\"state\":\"READY\"" : ",\"state\":\"UNAVAILABLE\"")
            if let reason = entry.reason {
                writer.raw(",\"reason\":")
                writer.string(reason)
            }
            writer.raw("}")
        }
        return writer.bytes
    }

    /// The answer to `GET /v2/models/{model}/config`: what Triton's clients need to make requests.
    ///
    /// Where the first dimension of every input and output is the rows, the dimensions are those of one row, as Triton has it.
    public static func modelConfiguration(_ metadata: ServedModelMetadata) -> [UInt8] {
        let rowsMax = metadata.batchSizeMax(unlessConfigured: batchSizeMax)
        let isInRows = rowsMax > 0
        var writer = JSONWriter()
        writer.raw("{\"name\":")
        writer.string(metadata.name)
        let isPython = metadata.platform == ServingRuntime.python.platform
        writer.raw(",\"platform\":")
        writer.string(isPython ? metadata.platform : "onnxruntime_onnx")
        writer.raw(",\"backend\":")
        writer.string(isPython ? "python" : "onnxruntime")
        writer.raw(",\"version_policy\":{\"specific\":{\"versions\":")
        writer.list(metadata.versions) { $0.integer($1) }
        writer.raw("}},\"max_batch_size\":")
        writer.integer(rowsMax)
        writer.raw(",\"input\":")
        writer.list(metadata.inputs) { configuration($1, isInRows: isInRows, &$0) }
        writer.raw(",\"output\":")
        writer.list(metadata.outputs) { configuration($1, isInRows: isInRows, &$0) }
        if let rule = metadata.rule { configuration(rule, &writer) }
        writer.raw("}")
        return writer.bytes
    }

    private static func configuration(_ rule: ServingRule, _ writer: inout JSONWriter) {
        if let instances = rule.instances {
            writer.raw(",\"instance_group\":[{\"kind\":\"KIND_CPU\",\"count\":")
            writer.integer(instances)
            writer.raw("}]")
        }
        if let batching = rule.batching {
            writer.raw(",\"dynamic_batching\":{\"preferred_batch_size\":")
            writer.list(batching.preferredRows) { $0.integer($1) }
            writer.raw(",\"max_queue_delay_microseconds\":")
            writer.integer(batching.maxDelayMicroseconds)
            writer.raw("}")
        }
        if rule.isCached { writer.raw(",\"response_cache\":{\"enable\":true}") }
    }

    private static func configuration(_ spec: TensorSpec, isInRows: Bool, _ writer: inout JSONWriter) {
        writer.raw("{\"name\":")
        writer.string(spec.name)
        writer.raw(",\"data_type\":")
        // Triton's enumeration calls it by another name.
        writer.string(spec.datatype == .bytes ? "TYPE_STRING" : "TYPE_\(spec.datatype.rawValue)")
        writer.raw(",\"dims\":")
        let row = Array(spec.shape.dropFirst())
        // A row of one number has no dimension; Triton needs one, and says how it is to be sent.
        writer.list(isInRows ? (row.isEmpty ? [1] : row) : spec.shape) { $0.integer($1) }
        if isInRows, row.isEmpty { writer.raw(",\"reshape\":{\"shape\":[]}") }
        writer.raw("}")
    }

    /// The answer to `GET /v2/models/stats` and to those of one model or version.
    public static func statistics(_ statistics: [ServedModelStatistics]) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("{\"model_stats\":")
        writer.list(statistics) { write($1, &$0) }
        writer.raw("}")
        return writer.bytes
    }

    private static func write(_ statistics: ServedModelStatistics, _ writer: inout JSONWriter) {
        writer.raw("{\"name\":")
        writer.string(statistics.id.model)
        writer.raw(",\"version\":\"")
        writer.integer(statistics.id.version)
        writer.raw("\",\"last_inference\":")
        writer.integer(statistics.lastInference?.milliseconds ?? 0)
        writer.raw(",\"inference_count\":")
        writer.integer(statistics.inferenceCount)
        writer.raw(",\"execution_count\":")
        writer.integer(statistics.executionCount)
        writer.raw(",\"inference_stats\":{\"success\":")
        write(statistics.success, &writer)
        writer.raw(",\"fail\":")
        write(statistics.failure, &writer)
        writer.raw(",\"queue\":")
        write(statistics.queue, &writer)
        writer.raw(",\"compute_input\":")
        write(statistics.computeInput, &writer)
        writer.raw(",\"compute_infer\":")
        write(statistics.computeInfer, &writer)
        writer.raw(",\"compute_output\":")
        write(statistics.computeOutput, &writer)
        writer.raw(",\"cache_hit\":")
        write(statistics.cacheHit, &writer)
        writer.raw(",\"cache_miss\":")
        write(statistics.cacheMiss, &writer)
        writer.raw("},\"batch_stats\":")
        writer.list(statistics.batches) { writer, batch in
            writer.raw("{\"batch_size\":")
            writer.integer(batch.rows)
            writer.raw(",\"compute_input\":")
            write(batch.computeInput, &writer)
            writer.raw(",\"compute_infer\":")
            write(batch.computeInfer, &writer)
            writer.raw(",\"compute_output\":")
            write(batch.computeOutput, &writer)
            writer.raw("}")
        }
        // Not Triton's, whose clients pass over it.
        writer.raw(",\"circuit_breaker\":{\"state\":")
        writer.string(statistics.circuit.state.rawValue)
        writer.raw(",\"opened\":")
        writer.integer(statistics.circuit.opened)
        writer.raw(",\"refused\":")
        writer.integer(statistics.circuit.refused)
        writer.raw("}}")
    }

    private static func write(_ total: TimeTotal, _ writer: inout JSONWriter) {
        writer.raw("{\"count\":")
        writer.integer(total.count)
        writer.raw(",\"ns\":")
        writer.integer(total.nanoseconds)
        writer.raw("}")
    }
}
