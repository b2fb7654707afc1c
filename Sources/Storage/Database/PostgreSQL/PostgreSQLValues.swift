internal import CPostgres

#if canImport(Glibc)
    internal import Glibc
#else
    internal import Darwin
#endif

/// The values of one statement in libpq's form: one buffer, and in it the place of each.
struct PostgreSQLValues {
    private var bytes: [UInt8] = []
    /// Start and length in the buffer; nil is NULL.
    private var places: [(start: Int, count: Int)?] = []

    /// - Throws: `StorageError` for text that holds NUL or a value past the protocol's limit.
    init(_ values: [SQLValue]) throws(StorageError) {
        places.reserveCapacity(values.count)
        for value in values { try append(value) }
    }

    private mutating func append(_ value: SQLValue) throws(StorageError) {
        let start = bytes.count
        switch value {
        case .null:
            places.append(nil)
            return
        case .real(let real) where real.isNaN:
            // As SQLite binds it.
            places.append(nil)
            return
        case .integer(let integer): append(bigEndian: UInt64(bitPattern: integer))
        case .real(let real): append(bigEndian: real.bitPattern)
        case .text(let text):
            bytes.append(contentsOf: text.utf8)
            if bytes[start...].contains(0) { throw .illegalText }
        case .blob(let blob): bytes.append(contentsOf: blob)
        }
        guard bytes.count <= Int(Int32.max) else { throw StorageError(.limit, "The values hold more than 2 GiB.") }
        places.append((start, bytes.count - start))
    }

    private mutating func append(bigEndian value: UInt64) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Calls with pointers that are valid during the call: values, lengths and formats (all binary).
    func withPointers<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?) -> Result
    ) -> Result {
        // One byte more, so that an empty value has an address too: libpq takes a null pointer for NULL.
        (bytes + [0]).withUnsafeBytes { buffer in
            let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers: [UnsafePointer<CChar>?] = places.map { place in place.flatMap { base?.advanced(by: $0.start) }
            }
            let lengths = places.map { Int32($0?.count ?? 0) }
            let formats = [Int32](repeating: 1, count: places.count)
            return pointers.withUnsafeBufferPointer { pointers in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(pointers.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}
