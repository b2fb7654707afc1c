internal import NIOCore
internal import NIOHTTP1

/// Closes connections whose request body comes too slowly, be it read or thrown away: a byte now and then would otherwise hold a
/// connection for ever, without any key.
///
/// A body may make the server wait for `graceSeconds` in all, and earns a second back with each `bytesPerSecondMin` bytes, never more
/// than the grace. While the server itself does not read on, nothing is counted. A request that is answered before its body has come
/// has the grace once more and earns nothing.
final class BodyDeadlineHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Slower than any modem of this century.
    static let bytesPerSecondMin = 4_096.0

    private let graceSeconds: Double
    private var isReceiving = false
    private var isAnswering = false
    private var isAnswered = false
    /// Seconds that it may still wait.
    private var credit = 0.0
    /// Since when it waits for the client; nil while it does not.
    private var waitsSince: NIODeadline?
    private var timer: Scheduled<Void>?

    init(graceSeconds: Double) {
        self.graceSeconds = graceSeconds
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isReceiving = true
            isAnswering = false
            isAnswered = false
            credit = graceSeconds
            waitsSince = nil
        case .body(let piece):
            spend()
            if !isAnswered { credit = min(graceSeconds, credit + Double(piece.readableBytes) / Self.bytesPerSecondMin) }
        case .end:
            isReceiving = false
            stopTimer()
        }
        context.fireChannelRead(data)
    }

    /// Passed on only when whoever handles the request wants more of it.
    func read(context: ChannelHandlerContext) {
        if isReceiving, waitsSince == nil {
            waitsSince = .now()
            // Most bodies come whole at once and need no timer.
            if timer == nil { startTimer(context, seconds: credit) }
        }
        context.read()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head: isAnswering = true
        case .body: break
        case .end:
            if isReceiving {
                isAnswered = true
                spend()
                credit = graceSeconds
            }
        }
        context.write(data, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        stopTimer()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { stopTimer() }

    private func spend() {
        guard let since = waitsSince else { return }
        credit -= Self.seconds(from: since)
        waitsSince = nil
    }

    private static func seconds(from start: NIODeadline) -> Double {
        Double((NIODeadline.now() - start).nanoseconds) / 1e9
    }

    private func startTimer(_ context: ChannelHandlerContext, seconds: Double) {
        // Not more often than this, whatever is left.
        let wait = TimeAmount.milliseconds(Int64(max(0.05, seconds) * 1000))
        timer = context.eventLoop.assumeIsolatedUnsafeUnchecked().scheduleTask(in: wait) { self.look(context) }
    }

    private func stopTimer() {
        timer?.cancel()
        timer = nil
    }

    private func look(_ context: ChannelHandlerContext) {
        timer = nil
        guard isReceiving else { return }
        let left = credit - (waitsSince.map(Self.seconds) ?? 0)
        guard left <= 0 else { return startTimer(context, seconds: left) }
        isReceiving = false
        if !isAnswering {
            var headers = HTTPHeaders()
            headers.add(name: "connection", value: "close")
            headers.add(name: "content-length", value: "0")
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .requestTimeout, headers: headers))),
                promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        context.close(promise: nil)
    }
}
