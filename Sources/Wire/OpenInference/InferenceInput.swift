internal import Domain

/// Reads one element of a request's `inputs`.
enum InferenceInput {
    /// Dimensions of one tensor; the largest models have five.
    static let rankMax = 16
    static let nameBytesMax = 1024

    static func read(
        _ reader: inout JSONReader, _ tail: inout RawTail, _ text: TensorText
    ) throws(MartletError) -> NamedTensor {
        var name: String?
        var datatype: Datatype?
        var shape: [Int]?
        var dataIndex: Int?
        var tensor: Tensor?
        var rawBytes: Int?
        guard reader.peek() == UInt8(ascii: "{") else {
            throw MartletError.invalid("An input is not an object.", field: "inputs")
        }
        try reader.readObject { reader, key throws(MartletError) in
            switch key {
            case "name": name = try readName(&reader)
            case "datatype": datatype = try readDatatype(&reader, input: name)
            case "shape": shape = try readShape(&reader, input: name)
            case "parameters": rawBytes = try readParameters(&reader, input: name)
            case "data":
                // Members come in any order: the data are read when datatype and shape are known, mostly now.
                _ = reader.peek()
                dataIndex = reader.index
                if let name, let datatype, let shape {
                    tensor = try TensorData.read(&reader, datatype: datatype, shape: shape, input: name, as: text)
                } else {
                    try reader.skipValue()
                }
            default: try reader.skipValue()
            }
        }
        guard let name else { throw MartletError.invalid("An input has no \"name\".", field: "inputs") }
        guard let datatype else { throw missing("datatype", name) }
        guard let shape else { throw missing("shape", name) }
        if let rawBytes {
            guard dataIndex == nil else {
                throw MartletError.invalid(
                    "The input \"\(name)\" has both \"data\" and a \"binary_data_size\".", field: name)
            }
            let raw = try tail.take(rawBytes, input: name)
            return NamedTensor(
                name: name, tensor: try RawTensor.decode(raw, datatype: datatype, shape: shape, input: name))
        }
        guard let dataIndex else { throw missing("data", name) }
        if let tensor { return NamedTensor(name: name, tensor: tensor) }
        var data = JSONReader(reader.bytes, at: dataIndex)
        return NamedTensor(
            name: name, tensor: try TensorData.read(&data, datatype: datatype, shape: shape, input: name, as: text))
    }

    private static func missing(_ member: String, _ name: String) -> MartletError {
        .invalid("The input \"\(name)\" has no \"\(member)\".", field: name)
    }

    private static func readName(_ reader: inout JSONReader) throws(MartletError) -> String {
        guard reader.peek() == UInt8(ascii: "\"") else {
            throw MartletError.invalid("An input's \"name\" is not a string.", field: "inputs")
        }
        let name = try reader.readString()
        guard name.utf8.count <= nameBytesMax else {
            throw MartletError.invalid("An input's \"name\" has more than \(nameBytesMax) bytes.", field: "inputs")
        }
        return name
    }

    private static func readDatatype(_ reader: inout JSONReader, input: String?) throws(MartletError) -> Datatype {
        let input = input ?? "?"
        guard reader.peek() == UInt8(ascii: "\"") else {
            throw MartletError.invalid("The input \"\(input)\": \"datatype\" is not a string.", field: input)
        }
        let text = try reader.readString()
        guard let datatype = Datatype(rawValue: text) else {
            throw MartletError.invalid(
                "The input \"\(input)\": \"\(text.prefix(64))\" is no datatype. It must be one of "
                    + Datatype.allCases.map(\.rawValue).joined(separator: ", ") + ".", field: input)
        }
        return datatype
    }

    private static func readShape(_ reader: inout JSONReader, input: String?) throws(MartletError) -> [Int] {
        let input = input ?? "?"
        guard reader.peek() == UInt8(ascii: "[") else {
            throw MartletError.invalid("The input \"\(input)\": \"shape\" is not an array.", field: input)
        }
        var shape: [Int] = []
        try reader.readArray { reader throws(MartletError) in
            let number = try reader.readNumber()
            guard number.isInteger, !number.isTruncated, !number.isNegative || number.mantissa == 0,
                let dimension = Int(exactly: number.mantissa)
            else {
                throw MartletError.invalid(
                    "The input \"\(input)\": a dimension of \"shape\" is not a whole number of 0 or more.", field: input
                )
            }
            guard shape.count < rankMax else {
                throw MartletError.invalid(
                    "The input \"\(input)\": \"shape\" has more than \(rankMax) dimensions.", field: input)
            }
            shape.append(dimension)
        }
        return shape
    }

    /// - Returns: how many raw bytes the input has; nil where its data are JSON.
    private static func readParameters(
        _ reader: inout JSONReader, input: String?
    ) throws(MartletError) -> Int? {
        var rawBytes: Int?
        try reader.readObject { reader, key throws(MartletError) in
            switch key {
            case "binary_data_size": rawBytes = try OpenInferenceRequest.readCount(&reader, key, input: input ?? "?")
            case "shared_memory_region": throw OpenInferenceRequest.sharedMemoryRefused
            default: try reader.skipValue()
            }
        }
        return rawBytes
    }
}
