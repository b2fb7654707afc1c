internal import Domain

/// Reads the `data` of one input into a tensor.
enum TensorData {
    /// - Parameter bytesLeft: the bytes that the data take in the body: no more elements than that can be there.
    static func read(
        _ reader: JSONReader, datatype: Datatype, shape: [Int], input: String, bytesLeft: Int,
        as text: TensorText
    ) throws(MartletError) -> Tensor {
        // Every element takes a character and a comma or bracket.
        guard let count = Tensor.elementCount(of: shape), count <= bytesLeft else {
            throw MartletError.invalid(
                "The input \"\(input)\": the shape \(shape) claims more elements than its data hold.", field: input)
        }
        guard count > 0 else {
            throw MartletError.invalid("The input \"\(input)\": the shape \(shape) holds no elements.", field: input)
        }
        let walk = Walk(reader: reader, shape: shape, count: count, input: input, datatype: datatype)
        switch datatype {
        case .bool: return try walk.read(JSONBool.self)
        case .uint8: return try walk.read(UInt8.self)
        case .uint16: return try walk.read(UInt16.self)
        case .uint32: return try walk.read(UInt32.self)
        case .uint64: return try walk.read(UInt64.self)
        case .int8: return try walk.read(Int8.self)
        case .int16: return try walk.read(Int16.self)
        case .int32: return try walk.read(Int32.self)
        case .int64: return try walk.read(Int64.self)
        case .fp32: return try walk.read(Float.self)
        case .fp64: return try walk.read(Double.self)
        case .bytes: return try walk.readStrings()
        case .fp16 where text == .record: return try walk.read(JSONHalf.self)
        case .bf16 where text == .record: return try walk.read(JSONBrainHalf.self)
        case .fp16, .bf16:
            throw MartletError.invalid(
                "The input \"\(input)\": \(datatype.rawValue) has no form in JSON. It must be sent as binary.",
                field: input)
        }
    }

    /// Goes through the arrays once, appending each element.
    private struct Walk {
        var reader: JSONReader
        let shape: [Int]
        let count: Int
        let input: String
        let datatype: Datatype
        /// How deep the elements lie: 1 is flat, the rank is nested; known from the first element on.
        var elementDepth = 0

        init(reader: JSONReader, shape: [Int], count: Int, input: String, datatype: Datatype) {
            self.reader = reader
            self.shape = shape
            self.count = count
            self.input = input
            self.datatype = datatype
        }

        consuming func read<Element: JSONElement>(_ type: Element.Type) throws(MartletError) -> Tensor {
            var elements: [Element] = []
            elements.reserveCapacity(count)
            try walk(depth: 1) { reader throws(MartletError) in
                guard let element = try Element.read(&reader) else { return false }
                elements.append(element)
                return true
            }
            return try Tensor(datatype: datatype, shape: shape, bytes: elements.withUnsafeBytes { Array($0) })
        }

        consuming func readStrings() throws(MartletError) -> Tensor {
            var bytes: [UInt8] = []
            var offsets = [0]
            offsets.reserveCapacity(count + 1)
            try walk(depth: 1) { reader throws(MartletError) in
                guard reader.peek() == UInt8(ascii: "\"") else { return false }
                try reader.readString(into: &bytes)
                offsets.append(bytes.count)
                return true
            }
            return try Tensor(shape: shape, bytes: bytes, offsets: offsets)
        }

        private mutating func walk(
            depth: Int, _ element: (inout JSONReader) throws(MartletError) -> Bool
        ) throws(MartletError) {
            guard reader.take(UInt8(ascii: "[")) else { throw fault("\"data\" is not an array") }
            var length = 0
            if !reader.take(UInt8(ascii: "]")) {
                repeat {
                    if reader.peek() == UInt8(ascii: "[") {
                        guard depth < shape.count, elementDepth == 0 || elementDepth > depth else { throw misshapen() }
                        try walk(depth: depth + 1, element)
                    } else {
                        if elementDepth == 0 { elementDepth = depth }
                        guard elementDepth == depth, depth == 1 || depth == shape.count else { throw misshapen() }
                        let start = reader.index
                        guard try element(&reader) else { throw mistyped(start) }
                    }
                    length += 1
                } while reader.take(UInt8(ascii: ","))
                try reader.expect(UInt8(ascii: "]"), "a comma or the end of the array")
            }
            let expected = elementDepth == 1 ? count : shape[depth - 1]
            guard length == expected else { throw misshapen(length, of: expected) }
        }

        private func misshapen(_ length: Int, of expected: Int) -> MartletError {
            fault("\"data\" has an array of \(length) where the shape \(shape) demands \(expected)")
        }

        private func misshapen() -> MartletError {
            fault("\"data\" is neither flat nor nested as the shape \(shape) says")
        }

        private func mistyped(_ start: Int) -> MartletError {
            let found = String(decoding: reader.bytes[start...].prefix(24), as: UTF8.self)
            return fault("\"data\" has at byte \(start) what is no \(datatype.rawValue): \(found)")
        }

        private func fault(_ sentence: String) -> MartletError {
            .invalid("The input \"\(input)\": \(sentence).", field: input)
        }
    }
}
