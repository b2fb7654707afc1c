internal import CZlib
public import Domain

extension ContentCoding {
    /// What deflate makes of zeros is a thousandth of them; numbers of real data shrink to a tenth at best.
    public static let ratioMax = 200
    /// Up to here the ratio does not matter: a small tensor may well be all zeros.
    public static let ratioFreeBytes = 4 << 20
    /// Smaller answers gain no packet by being compressed.
    public static let answerBytesMin = 256

    private static let pieceBytes = 64 << 10

    /// The bytes before they were compressed.
    ///
    /// - Parameter grow: told of each piece's bytes before they are kept.
    /// - Throws: `invalidArgument` if they are not of this coding, end early or go on after their end; `payloadTooLarge` beyond
    ///   `bytesMax`, or beyond `ratioMax` times what was sent; what `grow` throws.
    public func inflate(
        _ bytes: UnsafeRawBufferPointer, bytesMax: Int, grow: (Int) throws(MartletError) -> Void
    ) throws(MartletError) -> [UInt8] {
        var inflater = try Inflater(windowBits: windowBits(of: bytes), coding: self)
        let allowed = min(
            bytesMax, max(Self.ratioFreeBytes, bytes.count.multipliedReportingOverflow(by: Self.ratioMax).partialValue))
        var output: [UInt8] = []
        var place = 0
        repeat {
            var isAtEnd = false
            while !isAtEnd {
                let piece = try inflater.next(bytes, &place, pieceBytes: Self.pieceBytes, isAtEnd: &isAtEnd)
                guard output.count + piece.count <= allowed else {
                    throw MartletError(
                        .payloadTooLarge,
                        allowed == bytesMax
                            ? "The body is larger than \(bytesMax >> 20) MiB when it is no longer compressed."
                            : "The body is more than \(Self.ratioMax) times as large when it is no longer compressed.")
                }
                try grow(piece.count)
                output.append(contentsOf: piece)
            }
            // A gzip file may be several, one after the other (RFC 1952, section 2.2).
            if place < bytes.count {
                guard self == .gzip else { throw Inflater.broken(self) }
                try inflater.startAgain()
            }
        } while place < bytes.count
        return output
    }

    /// As zlib asks for the formats: 16 more for gzip, negative for no header.
    private func windowBits(of bytes: UnsafeRawBufferPointer) -> Int32 {
        switch self {
        case .gzip: return 15 + 16
        case .deflate:
            // RFC 1950: method 8, and a check in the first two bytes.
            guard bytes.count >= 2 else { return 15 }
            let isZlib = bytes[0] & 0x0F == 8 && (UInt(bytes[0]) << 8 | UInt(bytes[1])) % 31 == 0
            return isZlib ? 15 : -15
        }
    }

    /// The bytes compressed; nil where that gains nothing.
    public func deflated(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count >= Self.answerBytesMin else { return nil }
        // On the heap, since zlib keeps the address.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        // A small body needs no large window, whose memory would cost more than the work.
        let isSmall = bytes.count <= 8 << 10
        let windowBits: Int32 = (isSmall ? 13 : 15) + (self == .gzip ? 16 : 0)
        // The fastest level: the network is near.
        guard mz_deflate_init(stream, 1, windowBits, isSmall ? 5 : 8) == Z_OK else { return nil }
        defer { deflateEnd(stream) }
        let result = bytes.withUnsafeBytes { input in
            [UInt8](unsafeUninitializedCapacity: bytes.count) { output, count in
                stream.pointee.next_in = Self.readable(input.baseAddress)
                stream.pointee.avail_in = UInt32(clamping: input.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(clamping: output.count)
                let isWhole = CZlib.deflate(stream, Z_FINISH) == Z_STREAM_END
                count = isWhole ? output.count - Int(stream.pointee.avail_out) : 0
            }
        }
        return result.isEmpty ? nil : result
    }

    /// zlib only reads there, whatever its type says.
    fileprivate static func readable(_ address: UnsafeRawPointer?) -> UnsafeMutablePointer<UInt8>? {
        UnsafeMutableRawPointer(mutating: address)?.assumingMemoryBound(to: UInt8.self)
    }
}

/// Owns one stream of zlib.
private struct Inflater: ~Copyable {
    // On the heap, since zlib keeps the address.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let coding: ContentCoding

    init(windowBits: Int32, coding: ContentCoding) throws(MartletError) {
        self.coding = coding
        stream.initialize(to: z_stream())
        guard mz_inflate_init(stream, windowBits) == Z_OK else {
            throw MartletError(.internal, "zlib gave no stream.")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    mutating func startAgain() throws(MartletError) {
        guard inflateReset(stream) == Z_OK else { throw Self.broken(coding) }
    }

    /// The next piece; `place` goes forward by what was read.
    mutating func next(
        _ bytes: UnsafeRawBufferPointer, _ place: inout Int, pieceBytes: Int, isAtEnd: inout Bool
    ) throws(MartletError) -> [UInt8] {
        var status = Z_OK
        let stream = stream
        let piece = [UInt8](unsafeUninitializedCapacity: pieceBytes) { output, count in
            let left = UInt32(clamping: bytes.count - place)
            stream.pointee.next_in = ContentCoding.readable(bytes.baseAddress.map { $0 + place })
            stream.pointee.avail_in = left
            stream.pointee.next_out = output.baseAddress
            // The array may have been given more.
            stream.pointee.avail_out = UInt32(pieceBytes)
            status = CZlib.inflate(stream, Z_NO_FLUSH)
            place += Int(left - stream.pointee.avail_in)
            count = pieceBytes - Int(stream.pointee.avail_out)
        }
        isAtEnd = status == Z_STREAM_END
        // Nothing more can come of what was sent.
        guard isAtEnd || (status == Z_OK && (place < bytes.count || piece.count == pieceBytes)) else {
            throw Self.broken(coding)
        }
        return piece
    }

    static func broken(_ coding: ContentCoding) -> MartletError {
        .invalid("The body is not \(coding.rawValue), as its content encoding says, or it ends too early.")
    }
}
