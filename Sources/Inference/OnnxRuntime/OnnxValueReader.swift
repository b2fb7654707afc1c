internal import COnnxRuntime
internal import Domain

/// Copies answers out of ONNX Runtime's values. Shapes are the values' own, never the model's declaration.
struct OnnxValueReader {
    let environment: OnnxEnvironment
    private var table: OnnxTable { environment.table }
    private var functions: MortTable { environment.table.functions }

    init(environment: OnnxEnvironment) {
        self.environment = environment
    }

    func tensor(_ value: OpaquePointer?, name: String) throws(MartletError) -> Tensor {
        guard let value else { throw MartletError(.internal, "The model gave no value for \(name).") }
        return try isTensor(value) ? tensor(of: value, name: name) : maps(value, name: name)
    }

    private func isTensor(_ value: OpaquePointer) throws(MartletError) -> Bool {
        var kind: Int32 = 0
        try table.check(mort_value_kind(functions, value, &kind))
        return kind == Int32(MORT_KIND_TENSOR.rawValue)
    }

    /// The numbers of a sequence of maps with the same keys, `[rows, keys]`, keys ascending as ONNX Runtime keeps them.
    private func maps(_ value: OpaquePointer, name: String) throws(MartletError) -> Tensor {
        var rows = 0
        try table.check(mort_value_part_count(functions, value, &rows))
        var bytes: [UInt8] = []
        var first: (keys: Tensor, datatype: Datatype)?
        for row in 0..<rows {
            let map = try part(row, of: value, name: name)
            let (keys, numbers) = try (half(0, of: map, name: name), half(1, of: map, name: name))
            guard first == nil || (first?.keys == keys && first?.datatype == numbers.datatype) else {
                throw MartletError(.internal, "The output \(name) has other classes in row \(row) than before.")
            }
            if first == nil { first = (keys, numbers.datatype) }
            bytes.append(contentsOf: numbers.bytes)
        }
        guard let first else { return try Tensor(datatype: .fp32, shape: [0, 0], bytes: []) }
        return try Tensor(datatype: first.datatype, shape: [rows, first.keys.elementCount], bytes: bytes)
    }

    /// The keys (0) or the values (1) of a map.
    private func half(_ index: Int, of map: borrowing OnnxValue, name: String) throws(MartletError) -> Tensor {
        let half = try part(index, of: map.pointer, name: name)
        return try tensor(of: half, name: name)
    }

    private func tensor(of value: borrowing OnnxValue, name: String) throws(MartletError) -> Tensor {
        try tensor(of: value.pointer, name: name)
    }

    private func part(_ index: Int, of value: OpaquePointer, name: String) throws(MartletError) -> OnnxValue {
        var made: OpaquePointer?
        try table.check(mort_value_part(functions, value, Int32(index), environment.allocator, &made))
        guard let made else { throw MartletError(.internal, "ONNX Runtime gave no part \(index) of \(name).") }
        return OnnxValue(table: table, pointer: made)
    }

    private func tensor(of value: OpaquePointer, name: String) throws(MartletError) -> Tensor {
        var made: OpaquePointer?
        try table.check(mort_value_tensor_info(functions, value, &made))
        guard let made else { throw MartletError(.internal, "ONNX Runtime gave no shape of \(name).") }
        let info = OnnxTensorInfo(table: table, pointer: made)
        var element: Int32 = 0
        try table.check(mort_element_type(functions, info.pointer, &element))
        guard let datatype = Datatype(onnxElement: element) else {
            throw MartletError(.internal, "The output \(name) has the ONNX element type \(element).")
        }
        var rank = 0
        try table.check(mort_rank(functions, info.pointer, &rank))
        var shape: [Int] = []
        if rank > 0 {
            var dimensions = [Int64](repeating: 0, count: rank)
            try table.check(mort_dimensions(functions, info.pointer, &dimensions, rank))
            shape = dimensions.map(Int.init)
        }
        var count = 0
        try table.check(mort_element_count(functions, info.pointer, &count))
        guard let elementBytes = datatype.elementBytes else { return try strings(value, shape: shape, count: count) }
        var data: UnsafeMutableRawPointer?
        try table.check(mort_tensor_data(functions, value, &data))
        let bytes = [UInt8](UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : count * elementBytes))
        return try Tensor(datatype: datatype, shape: shape, bytes: bytes)
    }

    private func strings(_ value: OpaquePointer, shape: [Int], count: Int) throws(MartletError) -> Tensor {
        var length = 0
        try table.check(mort_string_bytes(functions, value, &length))
        var bytes = [UInt8](repeating: 0, count: length)
        var offsets = [Int](repeating: 0, count: count)
        try table.check(mort_string_content(functions, value, &bytes, length, &offsets, count))
        offsets.append(length)
        return try Tensor(shape: shape, bytes: bytes, offsets: offsets)
    }
}
