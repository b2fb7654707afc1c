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
                message.string(2, String(entry.id.version))
                message.string(3, entry.isReady ? "READY" : "UNAVAILABLE")
                if let reason = entry.reason { message.string(4, reason) }
            }
        }
        return writer.bytes
    }

    /// What Triton's clients need to make requests. Where the first dimension of every input and output is the rows, the dimensions are
    /// those of one row, as Triton has it.
    public static func encodeConfiguration(_ metadata: ServedModelMetadata) -> [UInt8] {
        let isInRows = (metadata.inputs + metadata.outputs).allSatisfy { $0.shape.first == -1 }
        var writer = ProtobufWriter(reserving: 256)
        writer.message(1) { config in
            config.string(1, metadata.name)
            config.string(2, "onnxruntime_onnx")
            config.message(3) { policy in
                policy.message(3) { $0.integers(1, metadata.versions) }
            }
            config.integer(4, isInRows ? UInt64(batchSizeMax) : 0)
            for input in metadata.inputs { write(input, 5, dimensions: 4, isInRows: isInRows, &config) }
            for output in metadata.outputs { write(output, 6, dimensions: 3, isInRows: isInRows, &config) }
            config.string(17, "onnxruntime")
        }
        return writer.bytes
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
}
