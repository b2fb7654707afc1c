internal import NIOCore

/// Stands before the HTTP server on its connections: it answers the plain requests that `FrontDoor` admits and lets all other bytes
/// through unchanged.
///
/// One request of a connection is in work at a time, so that answers keep the order of the requests. After bytes that are not plain the
/// HTTP server has the connection for good; after a plain request that is not the front's, until it has answered.
final class FrontHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Mode {
        /// The next byte begins a request.
        case between
        /// An admitted request whose body has not come whole, and what that takes of the server's budget; nil for a small one.
        case gathering(FrontDoor.Admission, BodyBudget.Share?)
        case answering
        /// The HTTP server has a request: bytes of it that are still to come, and whether it has answered.
        case passing(bytesLeft: Int, isAnswered: Bool)
        /// The HTTP server has the connection.
        case open
    }

    /// Bytes that wait here while an answer is made, before no more are read.
    private static let waitingBytesMax = 128 << 10
    /// A head that comes in more pieces is left to the HTTP server, since each piece has it read from its beginning.
    private static let piecesMax = 8

    private let door: FrontDoor
    private let executor: EventLoopExecutor
    private let date = HTTPDate()
    private var mode = Mode.between
    private var memory = FrontDoor.Memory()
    private var waiting = ByteBuffer()
    private var pieces = 0
    private var isReadHeldBack = false
    /// Whether bytes have been let through since the last complete read.
    private var hasLetThrough = false
    private var isQuiescing = false
    /// Whether the connection closes as soon as what is written is out.
    private var isEnding = false
    /// Whether the last answer of the connection was the front's: it is on its way, while that of the HTTP server may not be.
    private var hasAnswered = false
    private var isInputClosed = false
    private var isAdvancing = false
    private var context: ChannelHandlerContext?
    /// When a request last began or was answered here.
    private(set) var lastActive = NIODeadline.now()

    init(door: FrontDoor, eventLoop: any EventLoop) {
        self.door = door
        executor = EventLoopExecutor(eventLoop)
    }

    /// Whether the server, not the client, is to go on.
    var isAnswering: Bool {
        if case .answering = mode { return true }
        return false
    }

    private var isBetween: Bool {
        if case .between = mode { return true }
        return false
    }

    /// Whether a head has come and its body has not.
    var isGathering: Bool {
        if case .gathering = mode { return true }
        return false
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    // MARK: what comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .gathering(let admission, let share) = mode {
            gather(unwrapInboundIn(data), admission, share)
        } else if waiting.readableBytes == 0 {
            switch mode {
            case .open:
                hasLetThrough = true
                context.fireChannelRead(data)
                return
            case .passing(let bytesLeft, let isAnswered):
                let count = unwrapInboundIn(data).readableBytes
                // Most of a large body comes this way.
                if count < bytesLeft {
                    mode = .passing(bytesLeft: bytesLeft - count, isAnswered: isAnswered)
                    hasLetThrough = true
                    context.fireChannelRead(data)
                    return
                }
            case .between: lastActive = .now()
            case .gathering, .answering: break
            }
            waiting = unwrapInboundIn(data)
        } else {
            var bytes = unwrapInboundIn(data)
            waiting.writeBuffer(&bytes)
        }
        _ = advance(context)
        if hasAnswered { quiesceIfIdle(context) }
    }

    private func gather(_ bytes: ByteBuffer, _ admission: FrontDoor.Admission, _ share: BodyBudget.Share?) {
        // As `BodyDeadlineHandler` has it: a body that comes fast enough may take its time.
        let earned = Double(bytes.readableBytes) / BodyDeadlineHandler.bytesPerSecondMin
        lastActive = min(.now(), lastActive + .nanoseconds(Int64(earned * 1e9)))
        // The head stays before the reader's place: the HTTP server is given it where the body never comes whole.
        waiting.writeImmutableBuffer(bytes)
        // The HTTP server, which counts in the same way, makes the refusal.
        do { try share?.take(bytes.readableBytes) } catch { leave(admission) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // What is behind has heard of nothing where all that was read was the front's.
        guard hasLetThrough else { return }
        hasLetThrough = false
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        switch mode {
        case .answering, .passing: isReadHeldBack = waiting.readableBytes > Self.waitingBytesMax
        case .between, .gathering, .open: isReadHeldBack = false
        }
        if !isReadHeldBack { context.read() }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            // The HTTP server would close the connection under the answer, of which it does not know.
            isQuiescing = true
            if isAnswering || isGathering { return }
        case ChannelEvent.inputClosed:
            isInputClosed = true
            switch mode {
            case .answering: return
            // It would end the connection after this answer, and others may wait here.
            case .passing(0, _): return
            case .between, .gathering: giveUp(context)
            case .passing, .open: break
            }
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        waiting.clear()
        context.fireChannelInactive()
    }

    /// Does what can be done with the bytes that are here.
    ///
    /// - Returns: whether bytes were let through.
    private func advance(_ context: ChannelHandlerContext) -> Bool {
        // What is let through may come back at once as the end of its answer.
        guard !isAdvancing else { return false }
        isAdvancing = true
        defer { isAdvancing = false }
        var hasPassed = false
        while step(context, &hasPassed) {}
        return hasPassed
    }

    /// - Returns: whether there may be more to do.
    private func step(_ context: ChannelHandlerContext, _ hasPassed: inout Bool) -> Bool {
        switch mode {
        case .answering: return false
        case .open:
            hasPassed = pass(waiting.readableBytes, context) || hasPassed
            return false
        case .passing(let bytesLeft, let isAnswered):
            let count = min(bytesLeft, waiting.readableBytes)
            mode = .passing(bytesLeft: bytesLeft - count, isAnswered: isAnswered)
            hasPassed = pass(count, context) || hasPassed
            // The answer may have ended while its request was let through.
            guard case .passing(0, true) = mode else { return false }
            mode = .between
            return true
        case .gathering(let admission, let share):
            guard waiting.readableBytes >= admission.head.bodyBytes else { return false }
            begin(admission, share, context)
            return true
        case .between:
            guard waiting.readableBytes > 0 else { return false }
            return beginRequest()
        }
    }

    private func beginRequest() -> Bool {
        if let admission = waiting.withUnsafeReadableBytes({ door.admitAgain($0, memory) }) {
            pieces = 0
            gather(admission)
            return true
        }
        pieces += 1
        switch waiting.withUnsafeReadableBytes({ PlainHead.read($0) }) {
        case .incomplete where pieces < Self.piecesMax: return false
        case .incomplete, .odd: mode = .open
        case .plain(let head):
            pieces = 0
            if let admission = waiting.withUnsafeReadableBytes({ door.admit(head, $0, &memory) }) {
                gather(admission)
            } else {
                mode = .passing(bytesLeft: head.headBytes + head.bodyBytes, isAnswered: false)
            }
        }
        return true
    }

    private func gather(_ admission: FrontDoor.Admission) {
        waiting.moveReaderIndex(forwardBy: admission.head.headBytes)
        let bodyBytes = admission.head.bodyBytes
        guard bodyBytes > BodyBudgetMiddleware.smallBytesMax else { return mode = .gathering(admission, nil) }
        let share = BodyBudget.Share(door.budget)
        mode = .gathering(admission, share)
        do { try share.take(min(waiting.readableBytes, bodyBytes)) } catch { return leave(admission) }
        // Room that is not touched takes no memory; growing step by step copies what has come each time.
        waiting.reserveCapacity(minimumWritableBytes: max(0, bodyBytes - waiting.readableBytes))
    }

    /// Leaves a request whose body is being gathered to the HTTP server.
    private func leave(_ admission: FrontDoor.Admission) {
        let head = admission.head
        waiting.moveReaderIndex(to: waiting.readerIndex - head.headBytes)
        mode = .passing(bytesLeft: head.headBytes + head.bodyBytes, isAnswered: false)
    }

    /// - Returns: whether there was anything.
    private func pass(_ count: Int, _ context: ChannelHandlerContext) -> Bool {
        guard count > 0, let bytes = waiting.readSlice(length: count) else { return false }
        if waiting.readableBytes == 0 { waiting = ByteBuffer() }
        hasLetThrough = true
        context.fireChannelRead(wrapInboundOut(bytes))
        return true
    }

    /// Leaves a request that will never be whole to the HTTP server.
    private func giveUp(_ context: ChannelHandlerContext) {
        if case .gathering(let admission, _) = mode { leave(admission) }
        mode = .open
        if advance(context) { context.fireChannelReadComplete() }
    }

    // MARK: requests that the front answers

    private func begin(
        _ admission: FrontDoor.Admission, _ share: BodyBudget.Share?, _ context: ChannelHandlerContext
    ) {
        let body = waiting.readSlice(length: admission.head.bodyBytes) ?? ByteBuffer()
        // The body keeps its bytes; what comes next starts afresh.
        if waiting.readableBytes == 0 {
            waiting = ByteBuffer()
        } else if share != nil {
            // What is left of a next request must not hold on to the large body, which counts no longer when it is answered.
            waiting = ByteBuffer(bytes: waiting.readableBytesView)
        }
        let request = FrontRequest(head: admission.head, target: admission.target, body: body)
        switch door.begin(request, admission) {
        case .answered(let answer):
            write(answer, context)
        case .waiting(let work):
            mode = .answering
            let (door, handler) = (door, NIOLoopBound(self, eventLoop: context.eventLoop))
            Task(executorPreference: executor) {
                let answer = await door.end(request, work)
                withExtendedLifetime(share) {}
                handler.value.finish(answer)
            }
        }
    }

    private func finish(_ answer: FrontAnswer) {
        guard let context, context.channel.isActive else { return }
        write(answer, context)
        if !isEnding { goOn(context) }
    }

    /// Writes an answer, after which the next request may begin.
    private func write(_ answer: FrontAnswer, _ context: ChannelHandlerContext) {
        lastActive = .now()
        mode = .between
        hasAnswered = true
        let isLast = isQuiescing && waiting.readableBytes == 0
        let bytes = FrontResponse.bytes(
            answer, date: date.now(), isSecure: door.isSecure, isLast: isLast, allocator: context.channel.allocator)
        if isLast {
            isEnding = true
            context.writeAndFlush(wrapOutboundOut(bytes)).assumeIsolated().whenComplete { _ in
                self.context?.close(promise: nil)
            }
            return
        }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    /// The HTTP server has ended an answer, which is not flushed yet: nothing here may close the connection now.
    func answerEnded() {
        guard let context, case .passing(let bytesLeft, _) = mode else { return }
        hasAnswered = false
        mode = .passing(bytesLeft: bytesLeft, isAnswered: true)
        goOn(context)
    }

    private func goOn(_ context: ChannelHandlerContext) {
        // NIO's asynchronous channel hands on what it has been given when a read is complete.
        if advance(context) { context.fireChannelReadComplete() }
        if isInputClosed, isGathering || isBetween {
            giveUp(context)
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        }
        if isReadHeldBack { read(context: context) }
        if hasAnswered { quiesceIfIdle(context) }
    }

    /// After the last answer of a connection that is to end, what is left of a next request is nobody's.
    private func quiesceIfIdle(_ context: ChannelHandlerContext) {
        guard isQuiescing, !isEnding, case .between = mode else { return }
        context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
}
