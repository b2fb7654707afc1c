internal import NIOCore
internal import NIOHTTP1

/// Watches one connection where requests and answers are HTTP/1's own parts: tells the front when the HTTP server has ended an answer,
/// and closes a connection on which nothing is asked for.
final class ConnectionWatch: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let front: FrontHandler
    private let idle: TimeAmount
    private var inWork = 0
    private var isReceiving = false
    private var lastActive = NIODeadline.now()
    private var timer: Scheduled<Void>?

    init(front: FrontHandler, idle: TimeAmount) {
        self.front = front
        self.idle = idle
    }

    func handlerAdded(context: ChannelHandlerContext) { startTimer(context, in: idle) }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        timer?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastActive = .now()
        switch unwrapInboundIn(data) {
        case .head:
            isReceiving = true
            inWork += 1
        case .body: break
        case .end: isReceiving = false
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        inWork -= 1
        lastActive = .now()
        context.write(data, promise: promise)
        front.answerEnded()
    }

    private func startTimer(_ context: ChannelHandlerContext, in time: TimeAmount) {
        timer = context.eventLoop.assumeIsolatedUnsafeUnchecked().scheduleTask(in: time) { self.look(context) }
    }

    private func look(_ context: ChannelHandlerContext) {
        timer = nil
        guard context.channel.isActive else { return }
        let isOurs = front.isAnswering || (inWork > 0 && !isReceiving)
        let quietUntil = isOurs ? NIODeadline.now() + idle : max(lastActive, front.lastActive) + idle
        let now = NIODeadline.now()
        guard quietUntil <= now else { return startTimer(context, in: quietUntil - now) }
        if front.isGathering { context.write(wrapOutboundOut(.head(Self.timeout)), promise: nil) }
        context.flush()
        context.close(promise: nil)
    }

    private static var timeout: HTTPResponseHead {
        var headers = HTTPHeaders()
        headers.add(name: "connection", value: "close")
        headers.add(name: "content-length", value: "0")
        return HTTPResponseHead(version: .http1_1, status: .requestTimeout, headers: headers)
    }
}
