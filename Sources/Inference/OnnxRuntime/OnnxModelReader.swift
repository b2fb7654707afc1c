internal import COnnxRuntime
internal import Domain

/// Reads what a session says of its model.
struct OnnxModelReader {
    let environment: OnnxEnvironment
    private var table: OnnxTable { environment.table }
    private var functions: MortTable { environment.table.functions }

    /// Inputs and outputs that one model may have; more is no model for tables.
    static let namesMax = 4096

    init(environment: OnnxEnvironment) {
        self.environment = environment
    }

    func metadata(of session: borrowing OnnxSession) throws(MartletError) -> ModelMetadata {
        ModelMetadata(
            inputs: try specs(of: session, side: .input), outputs: try specs(of: session, side: .output),
            custom: try customMetadata(of: session))
    }

    private enum Side: String { case input, output }

    private func specs(of session: borrowing OnnxSession, side: Side) throws(MartletError) -> [TensorSpec] {
        var count = 0
        switch side {
        case .input: try table.check(mort_input_count(functions, session.pointer, &count))
        case .output: try table.check(mort_output_count(functions, session.pointer, &count))
        }
        guard count <= Self.namesMax else {
            throw MartletError.precondition(
                "The model has \(count) \(side.rawValue)s; at most \(Self.namesMax) are served.")
        }
        var specs: [TensorSpec] = []
        for index in 0..<count { specs.append(try spec(of: session, side: side, index: index)) }
        return specs
    }

    private func spec(of session: borrowing OnnxSession, side: Side, index: Int) throws(MartletError) -> TensorSpec {
        var text: UnsafeMutablePointer<CChar>?
        var made: OpaquePointer?
        switch side {
        case .input:
            try table.check(mort_input_name(functions, session.pointer, index, environment.allocator, &text))
            try table.check(mort_input_type(functions, session.pointer, index, &made))
        case .output:
            try table.check(mort_output_name(functions, session.pointer, index, environment.allocator, &text))
            try table.check(mort_output_type(functions, session.pointer, index, &made))
        }
        let name = try environment.takeText(text)
        guard let made else { throw MartletError(.internal, "ONNX Runtime gave no type of \(name).") }
        let type = OnnxTypeInfo(table: table, pointer: made)
        return try spec(name, side, type)
    }

    private func spec(_ name: String, _ side: Side, _ type: borrowing OnnxTypeInfo) throws(MartletError) -> TensorSpec {
        var kind: Int32 = 0
        try table.check(mort_type_kind(functions, type.pointer, &kind))
        guard kind == Int32(MORT_KIND_TENSOR.rawValue) else {
            if side == .output, let datatype = try datatypeOfMaps(name, type, kind) {
                return TensorSpec(name: name, datatype: datatype, shape: [-1, -1])
            }
            throw MartletError.precondition(
                "The \(side.rawValue) \(name) is neither a tensor nor, as of scikit-learn's classifiers, a list of maps from classes to numbers."
            )
        }
        return try tensorSpec(name, side, type)
    }

    /// What ZipMap makes, a map from each class to its number for every row, is served as the tensor of the numbers.
    ///
    /// - Returns: the numbers' type; nil for any other sequence or map.
    private func datatypeOfMaps(
        _ name: String, _ type: borrowing OnnxTypeInfo, _ kind: Int32
    ) throws(MartletError) -> Datatype? {
        guard kind == Int32(MORT_KIND_SEQUENCE.rawValue) else { return nil }
        var sequence: OpaquePointer?
        try table.check(mort_type_sequence_info(functions, type.pointer, &sequence))
        guard let sequence else { return nil }
        var element: OpaquePointer?
        try table.check(mort_sequence_element_type(functions, sequence, &element))
        guard let element else { return nil }
        let elementType = OnnxTypeInfo(table: table, pointer: element)
        var elementKind: Int32 = 0
        try table.check(mort_type_kind(functions, elementType.pointer, &elementKind))
        guard elementKind == Int32(MORT_KIND_MAP.rawValue) else { return nil }
        var map: OpaquePointer?
        try table.check(mort_type_map_info(functions, elementType.pointer, &map))
        guard let map else { return nil }
        var value: OpaquePointer?
        try table.check(mort_map_value_type(functions, map, &value))
        guard let value else { return nil }
        let valueType = OnnxTypeInfo(table: table, pointer: value)
        let datatype = try tensorSpec(name, .output, valueType).datatype
        return datatype.elementBytes == nil ? nil : datatype
    }

    private func tensorSpec(
        _ name: String, _ side: Side, _ type: borrowing OnnxTypeInfo
    ) throws(MartletError) -> TensorSpec {
        var info: OpaquePointer?
        try table.check(mort_type_tensor_info(functions, type.pointer, &info))
        guard let info else { throw MartletError(.internal, "ONNX Runtime gave no shape of \(name).") }
        var element: Int32 = 0
        try table.check(mort_element_type(functions, info, &element))
        guard let datatype = Datatype(onnxElement: element) else {
            throw MartletError.precondition(
                "The \(side.rawValue) \(name) has the ONNX element type \(element), which the protocol cannot carry.")
        }
        var rank = 0
        try table.check(mort_rank(functions, info, &rank))
        var dimensions = [Int64](repeating: 0, count: rank)
        try table.check(mort_dimensions(functions, info, &dimensions, rank))
        return TensorSpec(name: name, datatype: datatype, shape: dimensions.map { $0 < 0 ? -1 : Int($0) })
    }

    private func customMetadata(of session: borrowing OnnxSession) throws(MartletError) -> [String: String] {
        var made: OpaquePointer?
        try table.check(mort_model_metadata(functions, session.pointer, &made))
        guard let made else { return [:] }
        let metadata = OnnxModelMetadata(table: table, pointer: made)
        var keys: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        var count: Int64 = 0
        try table.check(mort_metadata_keys(functions, metadata.pointer, environment.allocator, &keys, &count))
        guard let keys else { return [:] }
        var custom: [String: String] = [:]
        for index in 0..<Int(count) {
            let key = try environment.takeText(keys[index])
            var value: UnsafeMutablePointer<CChar>?
            try table.check(mort_metadata_lookup(functions, metadata.pointer, environment.allocator, key, &value))
            custom[key] = try environment.takeText(value)
        }
        try table.check(mort_allocator_free(functions, environment.allocator, keys))
        return custom
    }
}
