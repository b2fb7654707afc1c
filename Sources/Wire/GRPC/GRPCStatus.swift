public import Domain

/// How a call of gRPC ended: a code and, unless it is well, a sentence.
public struct GRPCStatus: Sendable, Hashable {
    /// The codes of gRPC; the numbers are sent.
    public enum Code: Int, Sendable {
        case ok = 0
        case cancelled = 1
        case invalidArgument = 3
        case deadlineExceeded = 4
        case notFound = 5
        case alreadyExists = 6
        case permissionDenied = 7
        case resourceExhausted = 8
        case failedPrecondition = 9
        case unimplemented = 12
        case `internal` = 13
        case unavailable = 14
        case unauthenticated = 16
    }

    public var code: Code
    public var message: String
    /// When it is worth trying again, as gRPC's clients know it (`grpc-retry-pushback-ms`); nil is not known.
    public var retryMilliseconds: Int64?

    public init(_ code: Code, _ message: String, retryMilliseconds: Int64? = nil) {
        self.code = code
        self.message = message
        self.retryMilliseconds = retryMilliseconds
    }

    public init(_ error: MartletError) {
        let retry = error.retryAfter?.components
        self.init(
            Code(error.code), error.message,
            retryMilliseconds: retry.map { $0.seconds * 1000 + $0.attoseconds / 1_000_000_000_000_000 + 1 })
    }

    /// Bytes of `encodedMessage` at most: clients take some KiB of trailers, and refuse the whole answer beyond.
    static let encodedBytesMax = 2048

    /// The message as the field `grpc-message` carries it: UTF-8, of which all but printable ASCII is percent-encoded. What is too
    /// long is cut between two characters.
    public var encodedMessage: String {
        if message.utf8.count <= Self.encodedBytesMax, message.utf8.allSatisfy(Self.isPlain) { return message }
        var encoded: [UInt8] = []
        for character in message {
            let start = encoded.count
            for byte in character.utf8 {
                if Self.isPlain(byte) {
                    encoded.append(byte)
                } else {
                    encoded.append(UInt8(ascii: "%"))
                    encoded.append(Self.digits[Int(byte >> 4)])
                    encoded.append(Self.digits[Int(byte & 15)])
                }
            }
            guard encoded.count <= Self.encodedBytesMax else {
                encoded.removeSubrange(start...)
                break
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "%")
    }
}

extension GRPCStatus.Code {
    /// The code that clients of gRPC know an error by.
    public init(_ code: MartletError.Code) {
        self =
            switch code {
            case .invalidArgument, .unprocessable: .invalidArgument
            case .unauthenticated: .unauthenticated
            case .permissionDenied: .permissionDenied
            case .notFound: .notFound
            case .alreadyExists: .alreadyExists
            case .failedPrecondition: .failedPrecondition
            // gRPC has no other for a message past the limit.
            case .payloadTooLarge, .resourceExhausted: .resourceExhausted
            case .internal: .internal
            case .unimplemented: .unimplemented
            case .unavailable: .unavailable
            case .deadlineExceeded: .deadlineExceeded
            }
    }
}
