/// Numbers of many rows, laid out column by column. Missing numbers are NaN.
public struct NumberMatrix: Sendable {
    public let columnCount: Int
    public let rowsMax: Int
    public private(set) var rowCount = 0
    /// Column c begins at c × rowsMax.
    private var numbers: [Double]

    public init(columns: Int, rowsMax: Int) {
        columnCount = columns
        self.rowsMax = rowsMax
        numbers = [Double](unsafeUninitializedCapacity: columns * rowsMax) { buffer, count in
            buffer.initialize(repeating: .nan)
            count = columns * rowsMax
        }
    }

    /// The numbers of one column.
    public func withColumn<Value>(_ column: Int, _ body: (Span<Double>) -> Value) -> Value {
        body(numbers.span.extracting(column * rowsMax..<column * rowsMax + rowCount))
    }

    public mutating func removeRows() { rowCount = 0 }

    /// Adds rows of tensors whose elements lie row by row.
    ///
    /// - Parameters:
    ///   - elements: the tensor's bytes.
    ///   - rows: no more than there is room for.
    ///   - places: where each column lies in a row; what is not there is NaN.
    @inline(__always)
    mutating func append<Element: BitwiseCopyable>(
        _ elements: UnsafeRawBufferPointer, of type: Element.Type, rows: Range<Int>, width: Int, places: [Int],
        _ number: (Element) -> Double
    ) {
        precondition(places.count == columnCount && rowCount + rows.count <= rowsMax, "room for the rows")
        let size = MemoryLayout<Element>.size
        let count = elements.count / size
        let (start, stride) = (rowCount, rowsMax)
        numbers.withUnsafeMutableBufferPointer { numbers in
            places.withUnsafeBufferPointer { places in
                for (offset, row) in rows.enumerated() {
                    var target = start + offset
                    for place in places {
                        let element = row * width + place
                        numbers[target] =
                            element < count
                            ? number(elements.loadUnaligned(fromByteOffset: element * size, as: Element.self)) : .nan
                        target += stride
                    }
                }
            }
        }
        rowCount += rows.count
    }
}
