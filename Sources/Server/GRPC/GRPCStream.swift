internal import NIOCore
internal import NIOHTTP2
internal import Wire

/// One call on a connection. Used on its event loop alone.
final class GRPCStream {
    /// What stands first in the bytes that have come.
    enum Cut {
        case incomplete
        case message(ByteBuffer)
        case refused(GRPCStatus)
    }

    /// A byte that tells of compression and four of length.
    static let prefixBytes = 5

    let id: HTTP2StreamID
    let method: GRPCMethod
    let begun = NIODeadline.now()
    /// nil until it is known who calls.
    var caller: GRPCCaller?
    /// Bytes that have come and are no message's yet.
    var received = ByteBuffer()
    /// All bytes that have come.
    var receivedBytes = 0
    /// Whether its client sends no more.
    var isInputEnded = false
    /// Whether a message is being answered.
    var isBusy = false
    var hasResponseHead = false
    /// When its status was written; the bytes before it may still wait for its client.
    var endedAt: NIODeadline?
    var isEnded: Bool { endedAt != nil }
    /// Bytes of all its answers.
    var answeredBytes = 0
    var task: Task<Void, Never>?
    var deadline: Scheduled<Void>?
    /// What looks for changes that a watch tells of, of which service, and what it told last.
    var watch: RepeatedTask?
    var watchedService: String?
    var watched: ByteBuffer?
    /// Bytes of it among those that its connection may have without counting, and those that are counted.
    var uncountedBytes = 0
    var share: BodyBudget.Share?
    /// What is left of the bytes that its client may send, where nothing more is granted for now.
    var windowHeldBack: Int?
    /// Bytes of answers that wait for its client.
    var unsentBytes = 0

    init(id: HTTP2StreamID, method: GRPCMethod) {
        self.id = id
        self.method = method
    }

    static let severalMessages = GRPCStatus(.unimplemented, "The call has several messages; its method takes one.")

    /// Takes bytes that have come.
    func receive(_ bytes: ByteBuffer) {
        receivedBytes += bytes.readableBytes
        guard received.readableBytes > 0 else { return received = bytes }
        if received.writableBytes < bytes.readableBytes,
            let length = received.getInteger(at: received.readerIndex + 1, as: UInt32.self)
        {
            // Growing step by step copies what has come each time.
            let missing = min(Int(length), GRPCLimits.roomBytesMax) + Self.prefixBytes - received.readableBytes
            received.reserveCapacity(minimumWritableBytes: max(missing, bytes.readableBytes))
        }
        received.writeImmutableBuffer(bytes)
    }

    /// What is wrong already with what has come of a call of one message.
    var earlyRefusal: GRPCStatus? {
        let whole = received
        defer { received = whole }
        switch cut() {
        case .incomplete: return nil
        case .message: return received.readableBytes > 0 ? Self.severalMessages : nil
        case .refused(let status): return status
        }
    }

    /// Whether a message has come that waits for its turn.
    var hasWholeMessage: Bool {
        let whole = received
        defer { received = whole }
        guard case .message = cut() else { return false }
        return true
    }

    /// Takes the first message out of what has come.
    func cut() -> Cut {
        let start = received.readerIndex
        guard let flag = received.getInteger(at: start, as: UInt8.self),
            let length = received.getInteger(at: start + 1, as: UInt32.self)
        else { return .incomplete }
        guard flag == 0 else {
            return .refused(
                flag == 1
                    ? GRPCStatus(.unimplemented, "Compressed messages are not taken by this server.")
                    : GRPCStatus(.invalidArgument, "A message begins with \(flag), which is none of gRPC's."))
        }
        guard length <= method.messageBytesMax else {
            return .refused(
                GRPCStatus(
                    .resourceExhausted,
                    "The message is of \(length) bytes; this method takes \(method.messageBytesMax)."
                ))
        }
        guard received.readableBytes - Self.prefixBytes >= Int(length) else { return .incomplete }
        received.moveReaderIndex(forwardBy: Self.prefixBytes)
        guard let message = received.readSlice(length: Int(length)) else { return .incomplete }
        // The message keeps its bytes; what comes next starts afresh.
        if received.readableBytes == 0 { received = ByteBuffer() }
        return .message(message)
    }

    /// Whether its client has been slow beyond `grace` in sending all of its one message.
    func isSlow(at now: NIODeadline, grace: TimeAmount) -> Bool {
        guard !isInputEnded, endedAt == nil, !method.isClientStreaming else { return false }
        return now > begun + grace + Self.time(of: receivedBytes)
    }

    /// Whether its client has been slow beyond `grace` in taking what it was answered.
    func isStuck(at now: NIODeadline, grace: TimeAmount) -> Bool {
        guard let endedAt else { return false }
        return now > endedAt + grace + Self.time(of: answeredBytes)
    }

    /// What the slowest client may take for so many bytes.
    private static func time(of bytes: Int) -> TimeAmount {
        .nanoseconds(Int64(Double(bytes) / BodyDeadlineHandler.bytesPerSecondMin * 1e9))
    }
}
