/// Elements of one type in row-major order, with a shape.
///
/// Fixed-size elements lie in `bytes`, little-endian, without padding. Strings (`BYTES`) lie in `bytes` one after the other,
/// and `offsets` tells where each begins.
public struct Tensor: Sendable, Hashable {
    public let datatype: Datatype
    /// Every dimension is 0 or more; the empty shape is one element.
    public let shape: [Int]
    public let bytes: [UInt8]
    /// For `BYTES`: element count + 1 ascending places in `bytes`, from 0 to its length. Else empty.
    public let offsets: [Int]

    /// Elements of a fixed size.
    ///
    /// - Throws: `invalidArgument` if the bytes are not exactly those of the shape.
    public init(datatype: Datatype, shape: [Int], bytes: [UInt8]) throws(MartletError) {
        guard let elementBytes = datatype.elementBytes else {
            throw MartletError.invalid("A BYTES tensor needs the places of its elements.")
        }
        guard let count = Self.elementCount(of: shape),
            count.multipliedReportingOverflow(by: elementBytes).overflow == false,
            count * elementBytes == bytes.count
        else {
            throw MartletError.invalid(
                "The shape \(shape) of \(datatype.rawValue) does not hold exactly \(bytes.count) bytes.")
        }
        self.datatype = datatype
        self.shape = shape
        self.bytes = bytes
        offsets = []
    }

    /// Strings: `bytes` holds them one after the other, element i from `offsets[i]` to `offsets[i + 1]`.
    ///
    /// - Throws: `invalidArgument` if the places are not those of the shape's elements.
    public init(shape: [Int], bytes: [UInt8], offsets: [Int]) throws(MartletError) {
        guard let count = Self.elementCount(of: shape), offsets.count == count + 1, offsets.first == 0,
            offsets.last == bytes.count, zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 })
        else {
            throw MartletError.invalid(
                "The shape \(shape) of BYTES does not hold exactly \(offsets.count - 1) elements.")
        }
        datatype = .bytes
        self.shape = shape
        self.bytes = bytes
        self.offsets = offsets
    }

    /// - Throws: `invalidArgument` if the number of strings is not that of the shape.
    public init(shape: [Int], strings: [String]) throws(MartletError) {
        var bytes: [UInt8] = []
        var offsets = [0]
        for string in strings {
            bytes.append(contentsOf: string.utf8)
            offsets.append(bytes.count)
        }
        try self.init(shape: shape, bytes: bytes, offsets: offsets)
    }

    /// - Throws: `invalidArgument` if the number of elements is not that of the shape.
    public init<Element: BitwiseCopyable>(
        _ datatype: Datatype, shape: [Int], elements: [Element]
    ) throws(MartletError) {
        precondition(MemoryLayout<Element>.size == datatype.elementBytes, "Element type and datatype differ in size.")
        try self.init(datatype: datatype, shape: shape, bytes: elements.withUnsafeBytes { Array($0) })
    }

    /// The number of elements; nil if a dimension is negative or the product overflows.
    public static func elementCount(of shape: [Int]) -> Int? {
        var count = 1
        for dimension in shape {
            guard dimension >= 0 else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard !overflow else { return nil }
            count = product
        }
        return count
    }

    /// The number of elements.
    public var elementCount: Int {
        datatype.elementBytes.map { bytes.count / $0 } ?? offsets.count - 1
    }

    /// The first dimension; 1 for a scalar.
    public var rows: Int { shape.first ?? 1 }

    /// All elements as `Element`, whose size must be the datatype's.
    // Inlinable: answers are written by this, and unspecialized it costs more than the writing.
    @inlinable
    public func elements<Element: BitwiseCopyable>(as type: Element.Type) -> [Element] {
        precondition(MemoryLayout<Element>.size == datatype.elementBytes, "Element type and datatype differ in size.")
        return [Element](unsafeUninitializedCapacity: elementCount) { elements, count in
            count = elements.count
            UnsafeMutableRawBufferPointer(elements).copyBytes(from: bytes)
        }
    }

    /// The bytes of one string.
    public func stringBytes(_ index: Int) -> ArraySlice<UInt8> { bytes[offsets[index]..<offsets[index + 1]] }

    /// One string; bytes that are not UTF-8 are replaced.
    public func string(_ index: Int) -> String { String(decoding: stringBytes(index), as: UTF8.self) }
}

/// A tensor with the name of the input or output that it is.
public struct NamedTensor: Sendable, Hashable {
    public var name: String
    public var tensor: Tensor

    public init(name: String, tensor: Tensor) {
        self.name = name
        self.tensor = tensor
    }
}
