/// The last bytes of a stream.
struct OutputTail {
    let bytesMax: Int
    private var bytes: [UInt8] = []

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    mutating func append(_ buffer: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: buffer)
        // Twice the limit before cutting, so that a byte is moved once on average.
        if bytes.count > 2 * bytesMax { bytes.removeFirst(bytes.count - bytesMax) }
    }

    /// As text, with repairs where bytes are not UTF-8.
    var text: String { String(decoding: bytes.suffix(bytesMax), as: UTF8.self) }
}
