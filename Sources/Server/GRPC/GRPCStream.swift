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
    /// Whether its status is written; the bytes before it may still wait for its client.
    var isEnded = false
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

    /// What `cut` would say, without taking the message out.
    func peek() -> Cut {
        let whole = received
        defer { received = whole }
        return cut()
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
        guard length <= GRPCLimits.messageBytesMax else {
            return .refused(
                GRPCStatus(
                    .resourceExhausted,
                    "The message is of \(length) bytes; this server takes \(GRPCLimits.messageBytesMax)."))
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
        guard !isInputEnded, !isEnded, !method.isClientStreaming else { return false }
        let earned = Double(receivedBytes) / BodyDeadlineHandler.bytesPerSecondMin
        return now > begun + grace + .nanoseconds(Int64(earned * 1e9))
    }
}
