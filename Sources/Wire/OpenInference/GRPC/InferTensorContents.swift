internal import Domain

/// Tensors as the typed numbers and strings of the message `InferTensorContents`.
enum InferTensorContents {
    /// - Parameter count: the number of elements of the shape.
    static func read(
        _ bytes: UnsafeRawBufferPointer, datatype: Datatype, shape: [Int], count: Int, input: String
    ) throws(MartletError) -> Tensor {
        // Every element takes a byte, however it is encoded.
        guard count <= bytes.count else {
            throw MartletError.invalid(
                "The input \"\(input)\": the shape \(shape) claims more elements than its data hold.", field: input)
        }
        guard let member = member(of: datatype) else {
            throw MartletError.invalid(
                "The input \"\(input)\": \(datatype.rawValue) has no typed contents. It must be sent in raw_input_contents.",
                field: input)
        }
        var elements = Elements(datatype: datatype, count: count, input: input)
        var reader = ProtobufReader(bytes)
        while let field = try reader.next() {
            guard field.number == member.field else {
                guard (1...8).contains(field.number) else {
                    try reader.skip(field)
                    continue
                }
                throw MartletError.invalid(
                    "The input \"\(input)\" is \(datatype.rawValue): its contents must be in \"\(member.name)\".",
                    field: input)
            }
            try elements.take(&reader, field)
        }
        guard elements.taken == count else {
            throw MartletError.invalid(
                "The input \"\(input)\": \"\(member.name)\" has \(elements.taken) elements where the shape \(shape) demands \(count).",
                field: input)
        }
        return datatype == .bytes
            ? try Tensor(shape: shape, bytes: elements.bytes, offsets: elements.offsets)
            : try Tensor(datatype: datatype, shape: shape, bytes: elements.bytes)
    }

    /// The field that carries a datatype.
    private static func member(of datatype: Datatype) -> (field: Int, name: String)? {
        switch datatype {
        case .bool: (1, "bool_contents")
        case .int8, .int16, .int32: (2, "int_contents")
        case .int64: (3, "int64_contents")
        case .uint8, .uint16, .uint32: (4, "uint_contents")
        case .uint64: (5, "uint64_contents")
        case .fp32: (6, "fp32_contents")
        case .fp64: (7, "fp64_contents")
        case .bytes: (8, "bytes_contents")
        case .fp16, .bf16: nil
        }
    }

    /// What has been read of one tensor.
    private struct Elements {
        let datatype: Datatype
        /// Elements that the shape has; more are an error when they come.
        let count: Int
        let input: String
        var bytes: [UInt8] = []
        var offsets = [0]
        var taken = 0

        init(datatype: Datatype, count: Int, input: String) {
            self.datatype = datatype
            self.count = count
            self.input = input
        }

        mutating func take(_ reader: inout ProtobufReader, _ field: ProtobufReader.Field) throws(MartletError) {
            switch datatype {
            case .bool:
                try reader.integers(field) { number throws(MartletError) in
                    try take(number <= 1 ? UInt8(number) : nil, number)
                }
            case .int8: try takeSigned(&reader, field, Int8.self)
            case .int16: try takeSigned(&reader, field, Int16.self)
            case .int32: try takeSigned(&reader, field, Int32.self)
            case .int64: try takeSigned(&reader, field, Int64.self)
            case .uint8: try takeUnsigned(&reader, field, UInt8.self)
            case .uint16: try takeUnsigned(&reader, field, UInt16.self)
            case .uint32: try takeUnsigned(&reader, field, UInt32.self)
            case .uint64: try takeUnsigned(&reader, field, UInt64.self)
            case .fp32: try takeFixed(reader.fixedNumbers(field, size: 4), size: 4)
            case .fp64: try takeFixed(reader.fixedNumbers(field, size: 8), size: 8)
            case .bytes:
                try checkRoom(1)
                bytes.append(contentsOf: try reader.bytes(field))
                offsets.append(bytes.count)
                taken += 1
            case .fp16, .bf16: break
            }
        }

        private mutating func takeSigned<Element: FixedWidthInteger & BitwiseCopyable>(
            _ reader: inout ProtobufReader, _ field: ProtobufReader.Field, _ type: Element.Type
        ) throws(MartletError) {
            try reader.integers(field) { number throws(MartletError) in
                try take(Element(exactly: Int64(bitPattern: number)), Int64(bitPattern: number))
            }
        }

        private mutating func takeUnsigned<Element: FixedWidthInteger & BitwiseCopyable>(
            _ reader: inout ProtobufReader, _ field: ProtobufReader.Field, _ type: Element.Type
        ) throws(MartletError) {
            try reader.integers(field) { number throws(MartletError) in try take(Element(exactly: number), number) }
        }

        private mutating func take<Element: FixedWidthInteger & BitwiseCopyable>(
            _ element: Element?, _ number: some BinaryInteger
        ) throws(MartletError) {
            guard let element else {
                throw MartletError.invalid(
                    "The input \"\(input)\": \(number) is out of the range of \(datatype.rawValue).", field: input)
            }
            try checkRoom(1)
            withUnsafeBytes(of: element.littleEndian) { bytes.append(contentsOf: $0) }
            taken += 1
        }

        private mutating func takeFixed(_ numbers: UnsafeRawBufferPointer, size: Int) throws(MartletError) {
            try checkRoom(numbers.count / size)
            bytes.append(contentsOf: numbers)
            taken += numbers.count / size
        }

        private func checkRoom(_ more: Int) throws(MartletError) {
            guard more <= count - taken else {
                throw MartletError.invalid(
                    "The input \"\(input)\" has more elements than its shape's \(count).", field: input)
            }
        }
    }
}
