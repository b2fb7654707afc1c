internal import Domain
internal import Logging
internal import NIOCore
internal import NIOHTTP2
internal import Wire

/// Answers the calls of one connection, frame by frame.
///
/// `NIOHTTP2Handler` before it does all of HTTP/2's own: settings, header compression, the windows of what is sent, the rules that
/// streams obey. Here frames become calls, and answers frames; and clients are granted more bytes as what they sent is taken.
final class GRPCConnection: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    let service: GRPCService
    private let executor: EventLoopExecutor
    private let peer: String?
    private var memory = GRPCDoor.Memory()
    /// Whether frames are being handed over, after which `NIOHTTP2Handler` flushes.
    private var isReading = false
    private(set) var streams: [HTTP2StreamID: GRPCStream] = [:]
    private(set) var context: ChannelHandlerContext?
    /// Calls whose answers are being made, those included that their clients have given up.
    private var running = 0
    private var isFlushScheduled = false
    private var uncountedBytes = 0
    private var timer: RepeatedTask?
    var farewell = Farewell.none
    private(set) var lastStream = HTTP2StreamID.rootStream
    /// When a frame last came.
    private(set) var lastReceived = NIODeadline.now()
    /// When a client last took something.
    private(set) var lastSent = NIODeadline.now()

    /// How far the connection has come in saying goodbye.
    enum Farewell {
        case none
        /// The client has been told to begin no more calls; some may be under way.
        case announced
        /// The client has been told which was its last call.
        case said
    }

    init(service: GRPCService, eventLoop: any EventLoop, peer: String?) {
        self.service = service
        self.peer = peer
        executor = EventLoopExecutor(eventLoop)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = startTimer(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) { endAll() }

    func channelInactive(context: ChannelHandlerContext) {
        endAll()
        context.fireChannelInactive()
    }

    private func endAll() {
        timer?.cancel()
        timer = nil
        for stream in streams.values { forget(stream) }
        streams.removeAll()
        context = nil
    }

    /// What is wrong with one call has reset it; anything else is the end of the connection, which `NIOHTTP2Handler` has announced.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is NIOHTTP2Errors.StreamError { return }
        service.logger.debug("connection closed", metadata: ["error": "\(error)", "address": "\(peer ?? "-")"])
        context.close(promise: nil)
    }

    // MARK: what comes in

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastReceived = .now()
        isReading = true
        let frame = unwrapInboundIn(data)
        switch frame.payload {
        case .headers(let head):
            if let stream = streams[frame.streamID] {
                // Trailers, which say nothing in gRPC.
                if head.endStream { endInput(stream) }
            } else {
                begin(frame.streamID, head)
            }
        case .data(let data):
            guard let stream = streams[frame.streamID], !stream.isEnded, case .byteBuffer(let bytes) = data.data else {
                return
            }
            take(stream, bytes, isLast: data.endStream)
        case .ping(let data, ack: true) where data == Self.farewellPing: sayFarewell()
        default: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case let event as NIOHTTP2WindowUpdatedEvent: windowChanged(event)
        case let event as StreamClosedEvent:
            if let stream = streams.removeValue(forKey: event.streamID) { forget(stream) }
            closeIfDone()
        case is ChannelShouldQuiesceEvent: drain()
        default: break
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func begin(_ id: HTTP2StreamID, _ fields: HTTP2Frame.FramePayload.Headers) {
        lastStream = id
        let head: GRPCRequestHead
        do { head = try GRPCRequestHead(fields.headers) } catch {
            return refuse(id, error.status, httpStatus: error.httpStatus, isInputEnded: fields.endStream)
        }
        let admission: GRPCDoor.Admission
        do { admission = try service.door.admit(head, peer: peer, &memory) } catch {
            return refuse(id, GRPCStatus(error), isInputEnded: fields.endStream)
        }
        let stream = GRPCStream(id: id, method: head.method)
        streams[id] = stream
        if let nanoseconds = head.timeoutNanoseconds { startDeadline(stream, .nanoseconds(nanoseconds)) }
        switch admission {
        case .admitted(let caller): stream.caller = caller
        case .unknown(let key, let name, let address): prove(stream, key, name, address)
        }
        if fields.endStream { endInput(stream) }
    }

    /// Asks who holds a key, while the message comes.
    private func prove(_ stream: GRPCStream, _ key: String, _ name: String?, _ address: String?) {
        guard let context else { return }
        let (service, method, id) = (service, stream.method, stream.id)
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        stream.task = Task(executorPreference: executor) {
            do {
                let caller = try await service.door.prove(key: key, name: name, address: address)
                connection.value.admit(id, caller)
            } catch {
                connection.value.end(id, service.status(error, method))
            }
        }
    }

    private func admit(_ id: HTTP2StreamID, _ caller: GRPCCaller) {
        guard let stream = streams[id], !stream.isEnded else { return }
        stream.caller = caller
        stream.task = nil
        advance(stream)
    }

    private func take(_ stream: GRPCStream, _ bytes: ByteBuffer, isLast: Bool) {
        do { try hold(stream, bytes.readableBytes) } catch { return end(stream, GRPCStatus(error)) }
        stream.receive(bytes)
        if isLast { stream.isInputEnded = true }
        advance(stream)
    }

    private func endInput(_ stream: GRPCStream) {
        stream.isInputEnded = true
        if !stream.isEnded { advance(stream) }
    }

    // MARK: calls

    /// Does what can be done with what has come of a call.
    private func advance(_ stream: GRPCStream) {
        if stream.method.isClientStreaming { advanceStreaming(stream) } else { advanceUnary(stream) }
        grantHeldBack(stream)
    }

    private func advanceUnary(_ stream: GRPCStream) {
        guard stream.isInputEnded else {
            // What is refused need not wait for its end, which may never come.
            if let refusal = stream.earlyRefusal { end(stream, refusal) }
            return
        }
        guard let caller = stream.caller, !stream.isBusy else { return }
        switch stream.cut() {
        case .incomplete:
            end(
                stream,
                stream.receivedBytes == 0
                    ? GRPCStatus(.unimplemented, "The call has no message; its method takes one.")
                    : GRPCStatus(.invalidArgument, "The call ends within its message."))
        case .refused(let status): end(stream, status)
        case .message(let message):
            guard stream.received.readableBytes == 0 else {
                return end(stream, GRPCStream.severalMessages)
            }
            if stream.method == .healthWatch {
                // A message that is none is refused by what answers it.
                stream.watchedService = try? message.withUnsafeReadableBytes { try HealthMessages.decode($0) }
            }
            start(stream, message, caller)
        }
    }

    /// One message after the other, and none while its client leaves answers where they are.
    private func advanceStreaming(_ stream: GRPCStream) {
        guard let caller = stream.caller, !stream.isBusy, stream.unsentBytes <= GRPCLimits.unsentBytesMax else {
            return
        }
        switch stream.cut() {
        case .refused(let status): end(stream, status)
        case .message(let message):
            start(stream, message, caller)
            do { try holdAnew(stream) } catch { end(stream, GRPCStatus(error)) }
        case .incomplete:
            if stream.isInputEnded {
                let isWhole = stream.received.readableBytes == 0
                end(
                    stream,
                    isWhole ? GRPCStatus(.ok, "") : GRPCStatus(.invalidArgument, "The call ends within a message."))
            } else if farewell != .none {
                end(stream, Self.draining)
            }
        }
    }

    private func start(_ stream: GRPCStream, _ message: ByteBuffer, _ caller: GRPCCaller) {
        guard let context else { return }
        stream.isBusy = true
        running += 1
        let (service, method, id, share) = (service, stream.method, stream.id, stream.share)
        let (allocator, eventLoop) = (context.channel.allocator, context.eventLoop)
        let connection = NIOLoopBound(self, eventLoop: eventLoop)
        guard message.readableBytes <= GRPCLimits.inlineBytesMax else {
            stream.task = Task {
                let answer = await service.answer(method, message, caller, allocator: allocator)
                withExtendedLifetime(share) {}
                eventLoop.execute { connection.value.finish(id, answer) }
            }
            return
        }
        guard method == .modelInfer else {
            stream.task = Task(executorPreference: executor) {
                let answer = await service.answer(method, message, caller, allocator: allocator)
                withExtendedLifetime(share) {}
                connection.value.finish(id, answer)
            }
            return
        }
        switch service.begin(message, caller, allocator: allocator) {
        case .answered(let answer): finish(id, answer)
        case .waiting(let routed):
            stream.task = Task(executorPreference: executor) {
                let answer = await service.end(routed, allocator: allocator)
                withExtendedLifetime(share) {}
                connection.value.finish(id, answer)
            }
        }
    }

    private func finish(_ id: HTTP2StreamID, _ answer: Result<ByteBuffer, GRPCFailure>) {
        running -= 1
        guard let stream = streams[id], !stream.isEnded else { return }
        stream.isBusy = false
        stream.task = nil
        switch answer {
        case .success(let message) where stream.method.isEndless:
            sendStreamed(stream, message)
            if stream.method == .healthWatch { startWatch(stream, message) } else { advance(stream) }
        case .success(let message):
            do { try hold(stream, message.readableBytes) } catch { return end(stream, GRPCStatus(error)) }
            send(stream, message, promise: nil)
            end(stream, GRPCStatus(.ok, ""))
        case .failure(let failure): end(stream, failure.status)
        }
    }

    private func startDeadline(_ stream: GRPCStream, _ time: TimeAmount) {
        guard let context else { return }
        let id = stream.id
        stream.deadline = context.eventLoop.assumeIsolatedUnsafeUnchecked().scheduleTask(in: time) {
            self.end(id, GRPCStatus(.deadlineExceeded, "The call had no answer within its deadline."))
        }
    }

    private func forget(_ stream: GRPCStream) {
        stream.endedAt = stream.endedAt ?? .now()
        stream.task?.cancel()
        stream.deadline?.cancel()
        stream.watch?.cancel()
        release(stream)
    }

    // MARK: memory

    /// Counts bytes that a call has in memory until it ends.
    ///
    /// - Throws: `unavailable` if the server has no more for them.
    private func hold(_ stream: GRPCStream, _ count: Int) throws(MartletError) {
        if uncountedBytes + count <= GRPCLimits.uncountedBytesMax {
            uncountedBytes += count
            stream.uncountedBytes += count
            return
        }
        let share = stream.share ?? BodyBudget.Share(service.budget)
        stream.share = share
        try share.take(count)
    }

    /// Counts what is left of a stream's bytes when a message of it has been taken, which counts by itself.
    private func holdAnew(_ stream: GRPCStream) throws(MartletError) {
        release(stream)
        if stream.received.readableBytes > 0 { try hold(stream, stream.received.readableBytes) }
    }

    private func release(_ stream: GRPCStream) {
        uncountedBytes -= stream.uncountedBytes
        stream.uncountedBytes = 0
        stream.share = nil
    }

    // MARK: windows

    private func windowChanged(_ event: NIOHTTP2WindowUpdatedEvent) {
        lastSent = .now()
        guard let size = event.inboundWindowSize else { return }
        if event.streamID == .rootStream {
            grant(.rootStream, size, of: GRPCLimits.connectionWindowBytes)
        } else if let stream = streams[event.streamID] {
            stream.windowHeldBack = size
            grantHeldBack(stream)
        }
    }

    private func grantHeldBack(_ stream: GRPCStream) {
        guard let size = stream.windowHeldBack, stream.caller != nil, !stream.isInputEnded, !stream.isEnded else {
            return
        }
        // What waits for its turn is enough for now.
        let isMuch =
            stream.method.isClientStreaming && stream.received.readableBytes >= GRPCLimits.streamWindowBytes / 2
        guard !isMuch || !stream.hasWholeMessage else { return }
        stream.windowHeldBack = nil
        grant(stream.id, size, of: GRPCLimits.streamWindowBytes)
    }

    /// Half of the window at a time: few frames, and the client never stands still.
    private func grant(_ id: HTTP2StreamID, _ size: Int, of window: Int) {
        guard size <= window / 2, let context else { return }
        let payload = HTTP2Frame.FramePayload.windowUpdate(windowSizeIncrement: window - size)
        context.write(wrapOutboundOut(HTTP2Frame(streamID: id, payload: payload)), promise: nil)
        flushSoon()
    }

    // MARK: what goes out

    /// One of a stream's answers, which counts until its client has taken it.
    func sendStreamed(_ stream: GRPCStream, _ message: ByteBuffer) {
        guard let context else { return }
        let count = message.readableBytes
        let share = BodyBudget.Share(service.budget)
        if count > GRPCLimits.uncountedBytesMax {
            do { try share.take(count) } catch { return end(stream, GRPCStatus(error)) }
        }
        stream.unsentBytes += count
        let promise = context.eventLoop.makePromise(of: Void.self)
        let (id, connection) = (stream.id, NIOLoopBound(self, eventLoop: context.eventLoop))
        promise.futureResult.whenComplete { _ in
            withExtendedLifetime(share) {}
            connection.value.sent(id, count)
        }
        send(stream, message, promise: promise)
        flushSoon()
    }

    private func sent(_ id: HTTP2StreamID, _ count: Int) {
        guard let stream = streams[id], !stream.isEnded else { return }
        let wasFull = stream.unsentBytes > GRPCLimits.unsentBytesMax
        stream.unsentBytes -= count
        if wasFull { advance(stream) }
    }

    private func send(_ stream: GRPCStream, _ message: ByteBuffer, promise: EventLoopPromise<Void>?) {
        guard let context else { return }
        if !stream.hasResponseHead {
            stream.hasResponseHead = true
            let head = HTTP2Frame.FramePayload.headers(.init(headers: GRPCFraming.responseHead))
            context.write(wrapOutboundOut(HTTP2Frame(streamID: stream.id, payload: head)), promise: nil)
        }
        stream.answeredBytes += message.readableBytes
        let data = HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(message)))
        context.write(wrapOutboundOut(HTTP2Frame(streamID: stream.id, payload: data)), promise: promise)
    }

    func end(_ id: HTTP2StreamID, _ status: GRPCStatus) {
        if let stream = streams[id], !stream.isEnded { end(stream, status) }
    }

    /// Ends a call after what has been sent of it.
    func end(_ stream: GRPCStream, _ status: GRPCStatus) {
        guard let context else { return }
        stream.endedAt = .now()
        stream.task?.cancel()
        stream.deadline?.cancel()
        stream.watch?.cancel()
        service.log(stream, status, address: peer)
        guard stream.hasResponseHead else {
            return refuse(stream.id, status, isInputEnded: stream.isInputEnded)
        }
        let trailers = HTTP2Frame.FramePayload.headers(
            .init(headers: GRPCFraming.trailers(status), endStream: true))
        let frame = wrapOutboundOut(HTTP2Frame(streamID: stream.id, payload: trailers))
        if stream.isInputEnded {
            context.write(frame, promise: nil)
        } else {
            // The rest of the call is not wanted, but what goes before the status must not be lost.
            let id = stream.id
            context.writeAndFlush(frame).assumeIsolated().whenSuccess { self.reset(id) }
        }
        flushSoon()
    }

    /// Ends a call of which nothing has been sent.
    private func refuse(_ id: HTTP2StreamID, _ status: GRPCStatus, httpStatus: Int = 200, isInputEnded: Bool) {
        guard let context else { return }
        let head = HTTP2Frame.FramePayload.headers(
            .init(headers: GRPCFraming.head(status, httpStatus: httpStatus), endStream: true))
        context.write(wrapOutboundOut(HTTP2Frame(streamID: id, payload: head)), promise: nil)
        if !isInputEnded {
            context.write(wrapOutboundOut(HTTP2Frame(streamID: id, payload: .rstStream(.noError))), promise: nil)
        }
        flushSoon()
    }

    /// Tells a client that no more of an ended call is wanted; or, for a reason, that nothing more comes of it.
    func reset(_ id: HTTP2StreamID, _ reason: HTTP2ErrorCode = .noError) {
        guard let context, streams[id] != nil else { return }
        context.writeAndFlush(wrapOutboundOut(HTTP2Frame(streamID: id, payload: .rstStream(reason))), promise: nil)
    }

    /// Flushes once for all calls that are answered in this turn of the event loop.
    private func flushSoon() {
        guard !isReading else { return }
        guard running > 0 else {
            context?.flush()
            return
        }
        guard !isFlushScheduled, let context else { return }
        isFlushScheduled = true
        context.eventLoop.assumeIsolatedUnsafeUnchecked().execute {
            self.isFlushScheduled = false
            self.context?.flush()
        }
    }
}
