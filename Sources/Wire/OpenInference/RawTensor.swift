public import Domain

/// A tensor's elements as the protocol sends them raw, over HTTP as over gRPC: little-endian, row-major, without padding; BOOL one byte,
/// 0 or 1; BYTES each with its length before it, in four bytes.
public enum RawTensor {
    private static let lengthBytes = 4

    /// - Parameters:
    ///   - bytes: at any address: nothing is taken to be aligned.
    ///   - input: the tensor's name, for errors.
    /// - Throws: `invalidArgument`, naming the input, if the bytes are not exactly the elements of the shape.
    public static func decode(
        _ bytes: UnsafeRawBufferPointer, datatype: Datatype, shape: [Int], input: String
    ) throws(MartletError) -> Tensor {
        guard let count = Tensor.elementCount(of: shape) else {
            throw fault(input, "the shape \(shape) is not one of a tensor")
        }
        guard count > 0 else { throw fault(input, "the shape \(shape) holds no elements") }
        guard let elementBytes = datatype.elementBytes else { return try strings(bytes, count, shape, input) }
        let (expected, overflow) = count.multipliedReportingOverflow(by: elementBytes)
        guard !overflow, expected == bytes.count else {
            let demanded = overflow ? "more bytes than there are" : "\(expected) bytes"
            throw fault(
                input, "the shape \(shape) of \(datatype.rawValue) takes \(demanded), and \(bytes.count) were sent")
        }
        if datatype == .bool, let wrong = bytes.firstIndex(where: { $0 > 1 }) {
            throw fault(input, "element \(wrong) of BOOL is the byte \(bytes[wrong]), neither 0 nor 1")
        }
        return try Tensor(datatype: datatype, shape: shape, bytes: Array(bytes))
    }

    private static func strings(
        _ raw: UnsafeRawBufferPointer, _ count: Int, _ shape: [Int], _ input: String
    ) throws(MartletError) -> Tensor {
        guard count <= raw.count / lengthBytes else {
            throw fault(input, "the shape \(shape) of BYTES takes more elements than \(raw.count) bytes hold")
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(raw.count - count * lengthBytes)
        var offsets = [0]
        offsets.reserveCapacity(count + 1)
        var place = 0
        for index in 0..<count {
            guard raw.count - place >= lengthBytes else {
                throw fault(input, "\(count) elements of BYTES are claimed, and the bytes end after \(index)")
            }
            let length = Int(UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: place, as: UInt32.self)))
            place += lengthBytes
            guard raw.count - place >= length else {
                throw fault(
                    input, "element \(index) of BYTES has the length \(length), and \(raw.count - place) bytes are left"
                )
            }
            bytes.append(contentsOf: raw[place..<place + length])
            offsets.append(bytes.count)
            place += length
        }
        guard place == raw.count else {
            throw fault(input, "\(raw.count - place) bytes are left after the \(count) elements of the shape \(shape)")
        }
        return try Tensor(shape: shape, bytes: bytes, offsets: offsets)
    }

    private static func fault(_ input: String, _ sentence: String) -> MartletError {
        .invalid("The input \"\(input)\": \(sentence).", field: input)
    }

    /// The bytes that `append` adds.
    public static func byteCount(_ tensor: Tensor) -> Int {
        tensor.bytes.count + (tensor.datatype == .bytes ? tensor.elementCount * lengthBytes : 0)
    }

    public static func append(_ tensor: Tensor, to bytes: inout [UInt8]) {
        guard tensor.datatype == .bytes else {
            bytes.append(contentsOf: tensor.bytes)
            return
        }
        for index in 0..<tensor.elementCount {
            let element = tensor.stringBytes(index)
            withUnsafeBytes(of: UInt32(element.count).littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: element)
        }
    }
}
