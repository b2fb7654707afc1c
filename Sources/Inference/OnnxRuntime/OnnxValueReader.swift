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
