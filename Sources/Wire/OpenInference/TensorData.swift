internal import Domain

/// Reads the `data` of one input into a tensor.
enum TensorData {
    /// Consumes the data. No more elements are expected than bytes are left in the body, whatever the shape claims.
    static func read(
        _ reader: inout JSONReader, datatype: Datatype, shape: [Int], input: String, as text: TensorText
    ) throws(MartletError) -> Tensor {
        // Every element takes a character and a comma or bracket.
        guard let count = Tensor.elementCount(of: shape), count <= reader.bytes.count - reader.index else {
            throw MartletError.invalid(
                "The input \"\(input)\": the shape \(shape) claims more elements than its data hold.", field: input)
        }
        guard count > 0 else {
            throw MartletError.invalid("The input \"\(input)\": the shape \(shape) holds no elements.", field: input)
        }
        let walk = Walk(shape: shape, count: count, input: input, datatype: datatype)
        switch datatype {
        case .bool: return try walk.read(&reader, JSONBool.self)
        case .uint8: return try walk.read(&reader, UInt8.self)
        case .uint16: return try walk.read(&reader, UInt16.self)
        case .uint32: return try walk.read(&reader, UInt32.self)
        case .uint64: return try walk.read(&reader, UInt64.self)
        case .int8: return try walk.read(&reader, Int8.self)
        case .int16: return try walk.read(&reader, Int16.self)
        case .int32: return try walk.read(&reader, Int32.self)
        case .int64: return try walk.read(&reader, Int64.self)
        case .fp32: return try walk.read(&reader, Float.self)
        case .fp64: return try walk.read(&reader, Double.self)
        case .bytes: return try walk.readStrings(&reader)
        case .fp16 where text == .record: return try walk.read(&reader, JSONHalf.self)
        case .bf16 where text == .record: return try walk.read(&reader, JSONBrainHalf.self)
        case .fp16, .bf16:
            throw MartletError.invalid(
                "The input \"\(input)\": \(datatype.rawValue) has no form in JSON. It must be sent as binary.",
                field: input)
        }
    }

    /// Goes through the arrays once, appending each element.
    private struct Walk {
        let shape: [Int]
        let count: Int
        let input: String
        let datatype: Datatype
        /// How deep the elements lie: 1 is flat, the rank is nested; known from the first element on.
        var elementDepth = 0

        init(shape: [Int], count: Int, input: String, datatype: Datatype) {
            self.shape = shape
            self.count = count
            self.input = input
            self.datatype = datatype
        }

        consuming func read<Element: JSONElement>(
            _ reader: inout JSONReader, _ type: Element.Type
        ) throws(MartletError) -> Tensor {
            var elements: [Element] = []
            elements.reserveCapacity(count)
            try walk(&reader, depth: 1) { reader throws(MartletError) in
                let run = Element.readRun(&reader, into: &elements)
                guard run == 0 else { return run }
                guard let element = try Element.read(&reader) else { return 0 }
                elements.append(element)
                return 1
            }
            return try Tensor(datatype: datatype, shape: shape, bytes: elements.withUnsafeBytes { Array($0) })
        }

        consuming func readStrings(_ reader: inout JSONReader) throws(MartletError) -> Tensor {
            var bytes: [UInt8] = []
            var offsets = [0]
            offsets.reserveCapacity(count + 1)
            try walk(&reader, depth: 1) { reader throws(MartletError) in
                guard reader.peek() == UInt8(ascii: "\"") else { return 0 }
                try reader.readString(into: &bytes)
                offsets.append(bytes.count)
                return 1
            }
            return try Tensor(shape: shape, bytes: bytes, offsets: offsets)
        }

        /// - Parameter elements: consumes one element or more with the commas between them, and says how many; 0 where none stands there.
        private mutating func walk(
            _ reader: inout JSONReader, depth: Int, _ elements: (inout JSONReader) throws(MartletError) -> Int
        ) throws(MartletError) {
            guard reader.take(UInt8(ascii: "[")) else { throw fault("\"data\" is not an array") }
            var length = 0
            if !reader.take(UInt8(ascii: "]")) {
                repeat {
                    if reader.peek() == UInt8(ascii: "[") {
                        guard depth < shape.count, elementDepth == 0 || elementDepth > depth else { throw misshapen() }
                        try walk(&reader, depth: depth + 1, elements)
                        length += 1
                    } else {
                        if elementDepth == 0 { elementDepth = depth }
                        guard elementDepth == depth, depth == 1 || depth == shape.count else { throw misshapen() }
                        let start = reader.index
                        let found = try elements(&reader)
                        guard found > 0 else { throw try mistyped(reader, start) }
                        length += found
                    }
                } while reader.take(UInt8(ascii: ","))
                try reader.expect(UInt8(ascii: "]"), "a comma or the end of the array")
            }
            let expected = elementDepth == 1 || shape.isEmpty ? count : shape[depth - 1]
            guard length == expected else { throw misshapen(length, of: expected) }
        }

        private func misshapen(_ length: Int, of expected: Int) -> MartletError {
            fault("\"data\" has an array of \(length) where the shape \(shape) demands \(expected)")
        }

        private func misshapen() -> MartletError {
            fault("\"data\" is neither flat nor nested as the shape \(shape) says")
        }

        /// - Throws: what is wrong with the JSON, where that is at fault.
        private func mistyped(_ reader: JSONReader, _ start: Int) throws(MartletError) -> MartletError {
            var value = JSONReader(reader.bytes, at: start)
            try value.skipValue()
            let found = String(decoding: reader.bytes[start...].prefix(24), as: UTF8.self)
            return fault("\"data\" has at byte \(start) what is no \(datatype.rawValue): \(found)")
        }

        private func fault(_ sentence: String) -> MartletError {
            .invalid("The input \"\(input)\": \(sentence).", field: input)
        }
    }
}
