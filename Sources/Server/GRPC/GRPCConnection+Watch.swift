internal import NIOCore
internal import NIOHTTP2
internal import Wire

/// Ends what takes too long, and the connection when its time has come.
extension GRPCConnection {
    func startTimer(_ context: ChannelHandlerContext) -> RepeatedTask {
        let interval = TimeAmount.nanoseconds(max(service.idle.nanoseconds / 4, 100_000_000))
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        return context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            connection.value.look()
        }
    }

    private func look() {
        guard let context else { return }
        let now = NIODeadline.now()
        for stream in Array(streams.values) {
            if stream.isSlow(at: now, grace: service.idle) {
                end(stream, GRPCStatus(.deadlineExceeded, "The call's message came too slowly."))
            } else if stream.isStuck(at: now, grace: service.idle) {
                reset(stream.id, .cancel)
            }
        }
        let quiet = now - max(lastReceived, lastSent)
        guard quiet > service.idle else { return }
        if streams.isEmpty {
            guard farewell == .none else {
                context.close(promise: nil)
                return
            }
            return drain()
        }
        // A client that does not answer to a ping, either, is not there any more.
        if quiet > service.idle + service.idle {
            context.close(promise: nil)
            return
        }
        // Its calls are in work, or streams that may be silent for long: it has to show that it lives.
        let ping = HTTP2Frame(
            streamID: .rootStream, payload: .ping(HTTP2PingData(withInteger: 0x6D61_7274), ack: false))
        context.writeAndFlush(wrapOutboundOut(ping), promise: nil)
    }

    // MARK: goodbye

    static let farewellPing = HTTP2PingData(withInteger: 0x6661_7265_7765_6C6C)

    /// The server stops, or nothing has been asked for long: the client is told to begin no more calls, those that were begun are
    /// answered, and streams without an end are ended.
    ///
    /// In two steps (RFC 9113, section 6.8): which call is the last is not said before the client knows that there is a last one, so
    /// that none is lost on its way.
    func drain() {
        guard let context, farewell == .none else { return }
        farewell = .announced
        write(.goAway(lastStreamID: .maxID, errorCode: .noError, opaqueData: nil), context)
        write(.ping(Self.farewellPing, ack: false), context)
        context.flush()
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .seconds(GRPCLimits.farewellSeconds)) { connection.value.sayFarewell() }
        for stream in Array(streams.values) where !stream.isEnded && stream.method.isEndless && !stream.isBusy {
            if stream.method == .healthWatch { tellChange(stream) }
            end(stream, Self.draining)
        }
    }

    /// The client has answered, or had its time to.
    func sayFarewell() {
        guard let context, farewell == .announced else { return }
        farewell = .said
        write(.goAway(lastStreamID: lastStream, errorCode: .noError, opaqueData: nil), context)
        context.flush()
        closeIfDone()
    }

    func closeIfDone() {
        guard farewell == .said, streams.isEmpty, let context else { return }
        // What ended the last call may not have been flushed yet.
        let connection = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute {
            guard let context = connection.value.context else { return }
            context.flush()
            context.close(promise: nil)
        }
    }

    private func write(_ payload: HTTP2Frame.FramePayload, _ context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(HTTP2Frame(streamID: .rootStream, payload: payload)), promise: nil)
    }

    // MARK: watches of health

    /// Tells of every change from now on.
    func startWatch(_ stream: GRPCStream, _ told: ByteBuffer) {
        guard let context, farewell == .none else { return end(stream, Self.draining) }
        stream.watched = told
        let interval = TimeAmount.milliseconds(GRPCLimits.watchMilliseconds)
        let (id, connection) = (stream.id, NIOLoopBound(self, eventLoop: context.eventLoop))
        stream.watch = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            guard let stream = connection.value.streams[id], !stream.isEnded else { return }
            connection.value.tellChange(stream)
        }
    }

    private func tellChange(_ stream: GRPCStream) {
        guard let context, let watched = stream.watchedService else { return }
        let status = service.calls.health(of: watched) ?? .serviceUnknown
        let message = GRPCFraming.frame(HealthMessages.encode(status), allocator: context.channel.allocator)
        guard message != stream.watched else { return }
        stream.watched = message
        sendStreamed(stream, message)
    }

    static let draining = GRPCStatus(.unavailable, "The server is about to stop. Call another, or this one again.")
}
