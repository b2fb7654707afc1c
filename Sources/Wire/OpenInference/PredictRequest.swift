public import Domain

/// Reads a request of the v1 protocol (`:predict`): `instances`, a list of rows, or `inputs`, whole columns.
///
/// With one input a row is its value, nested as the input's shape without the rows; with several a row is an object by their names
/// or, where each takes one value of a row, the list of these values in the model's order. Values follow the rules of
/// `OpenInferenceRequest`. A last dimension of 1 may be left out.
public enum PredictRequest {
    /// - Throws: `invalidArgument`, naming the input or the byte at fault.
    public static func decode(_ bytes: [UInt8], inputs: [TensorSpec]) throws(MartletError) -> InferenceRequest {
        var reader = JSONReader(bytes)
        var columns = inputs.map { PredictColumn($0) }
        var form: String?
        try reader.readObject { reader, key throws(MartletError) in
            guard key == "instances" || key == "inputs" else { return try reader.skipValue() }
            guard form == nil else {
                throw MartletError.invalid("The request has both \"instances\" and \"inputs\".", field: key)
            }
            form = key
            if key == "instances" {
                try readRows(&reader, &columns)
            } else {
                try readColumns(&reader, &columns)
            }
        }
        try reader.expectEnd()
        guard form != nil else {
            throw MartletError.invalid("The request has neither \"instances\" nor \"inputs\".", field: "instances")
        }
        var tensors: [NamedTensor] = []
        for column in columns {
            tensors.append(NamedTensor(name: column.spec.name, tensor: try column.tensor()))
        }
        return InferenceRequest(inputs: tensors)
    }

    private static func readRows(_ reader: inout JSONReader, _ columns: inout [PredictColumn]) throws(MartletError) {
        guard reader.peek() == UInt8(ascii: "[") else {
            throw MartletError.invalid("\"instances\" is not an array.", field: "instances")
        }
        var count = 0
        try reader.readArray { reader throws(MartletError) in
            count += 1
            if reader.peek() == UInt8(ascii: "{") {
                try readObject(&reader, &columns) { reader, column throws(MartletError) in try column.readRow(&reader) }
            } else if columns.count == 1 {
                try columns[0].readRow(&reader)
            } else {
                try readValues(&reader, &columns)
            }
            for row in columns where row.rows != count {
                throw MartletError.invalid(
                    "Row \(count - 1) of \"instances\" has no value for the input \"\(row.spec.name)\".",
                    field: row.spec.name)
            }
        }
    }

    /// One value for each input, in the model's order.
    private static func readValues(_ reader: inout JSONReader, _ columns: inout [PredictColumn]) throws(MartletError) {
        guard columns.allSatisfy(\.isOneValueRow) else {
            throw MartletError.invalid(
                "A row of \"instances\" must be an object by the names of the inputs: "
                    + columns.map(\.spec.name).joined(separator: ", ") + ".", field: "instances")
        }
        var place = 0
        try reader.readArray { reader throws(MartletError) in
            guard place < columns.count else {
                throw MartletError.invalid(
                    "A row of \"instances\" has more than \(columns.count) values.", field: "instances")
            }
            try columns[place].readRow(&reader)
            place += 1
        }
    }

    private static func readColumns(_ reader: inout JSONReader, _ columns: inout [PredictColumn]) throws(MartletError) {
        if reader.peek() != UInt8(ascii: "{"), columns.count == 1 { return try columns[0].readAll(&reader) }
        try readObject(&reader, &columns) { reader, column throws(MartletError) in try column.readAll(&reader) }
        if let missing = columns.first(where: { $0.shape == nil }) {
            throw MartletError.invalid("The input \"\(missing.spec.name)\" is missing.", field: missing.spec.name)
        }
    }

    private static func readObject(
        _ reader: inout JSONReader, _ columns: inout [PredictColumn],
        _ read: (inout JSONReader, inout PredictColumn) throws(MartletError) -> Void
    ) throws(MartletError) {
        try reader.readObject { reader, key throws(MartletError) in
            guard let place = columns.firstIndex(where: { $0.spec.name == key }) else {
                throw MartletError.invalid(
                    "The model has no input \"\(key.prefix(64))\". It takes: "
                        + columns.map(\.spec.name).joined(separator: ", ") + ".", field: String(key.prefix(64)))
            }
            try read(&reader, &columns[place])
        }
    }
}

/// One input of a v1 request as it is read.
struct PredictColumn {
    let spec: TensorSpec
    private var bytes: [UInt8] = []
    private var offsets = [0]
    private(set) var rows = 0
    /// Of a row, or of the whole where there are no rows; nil until something was read.
    private(set) var shape: [Int]?
    private var isWhole = false

    init(_ spec: TensorSpec) {
        self.spec = spec
    }

    var isOneValueRow: Bool { spec.shape.dropFirst().allSatisfy { $0 == 1 } }

    mutating func readRow(_ reader: inout JSONReader) throws(MartletError) {
        let read = try value(&reader, depth: 1)
        if let shape, shape != read { throw ragged() }
        shape = read
        rows += 1
    }

    mutating func readAll(_ reader: inout JSONReader) throws(MartletError) {
        isWhole = true
        shape = try value(&reader, depth: 0)
    }

    func tensor() throws(MartletError) -> Tensor {
        var full = isWhole ? shape ?? [] : [rows] + (shape ?? [])
        if full.count + 1 == spec.shape.count, let last = spec.shape.last, last == 1 || last == -1 {
            full.append(1)
        } else if full.count == spec.shape.count + 1, full.last == 1 {
            full.removeLast()
        }
        if spec.datatype == .bytes { return try Tensor(shape: full, bytes: bytes, offsets: offsets) }
        return try Tensor(datatype: spec.datatype, shape: full, bytes: bytes)
    }

    /// - Returns: the shape of what was read.
    private mutating func value(_ reader: inout JSONReader, depth: Int) throws(MartletError) -> [Int] {
        guard reader.peek() == UInt8(ascii: "[") else {
            try element(&reader)
            return []
        }
        guard depth < InferenceInput.rankMax else {
            throw fault("the values are nested more than \(InferenceInput.rankMax) deep")
        }
        var (count, inner): (Int, [Int]?) = (0, nil)
        try reader.readArray { reader throws(MartletError) in
            let shape = try value(&reader, depth: depth + 1)
            if let inner, inner != shape { throw ragged() }
            inner = shape
            count += 1
        }
        return [count] + (inner ?? [])
    }

    private mutating func element(_ reader: inout JSONReader) throws(MartletError) {
        switch spec.datatype {
        case .bool: try append(JSONBool.self, &reader)
        case .uint8: try append(UInt8.self, &reader)
        case .uint16: try append(UInt16.self, &reader)
        case .uint32: try append(UInt32.self, &reader)
        case .uint64: try append(UInt64.self, &reader)
        case .int8: try append(Int8.self, &reader)
        case .int16: try append(Int16.self, &reader)
        case .int32: try append(Int32.self, &reader)
        case .int64: try append(Int64.self, &reader)
        case .fp32: try append(Float.self, &reader)
        case .fp64: try append(Double.self, &reader)
        case .bytes:
            guard reader.peek() == UInt8(ascii: "\"") else { throw mistyped(reader) }
            try reader.readString(into: &bytes)
            offsets.append(bytes.count)
        case .fp16, .bf16: throw fault("\(spec.datatype.rawValue) has no form in JSON: use the v2 protocol")
        }
    }

    private mutating func append<Element: JSONElement>(
        _ type: Element.Type, _ reader: inout JSONReader
    ) throws(MartletError) {
        _ = reader.peek()
        let start = reader
        guard let element = try Element.read(&reader) else { throw mistyped(start) }
        withUnsafeBytes(of: element) { bytes.append(contentsOf: $0) }
    }

    private func mistyped(_ reader: JSONReader) -> MartletError {
        let found = String(decoding: reader.bytes[reader.index...].prefix(24), as: UTF8.self)
        return fault("at byte \(reader.index) stands what is no \(spec.datatype.rawValue): \(found)")
    }

    private func ragged() -> MartletError { fault("its values are not all of one shape") }

    private func fault(_ sentence: String) -> MartletError {
        .invalid("The input \"\(spec.name)\": \(sentence).", field: spec.name)
    }
}
