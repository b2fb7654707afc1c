internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// HTTP/1.1 connections with the front before them.
struct FrontChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let base: HTTP1Channel
    let door: FrontDoor

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let door = door
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(FrontHandler(door: door, eventLoop: channel.eventLoop))
        }.flatMap { base.setup(channel: channel, logger: logger) }
    }

    func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}

/// Puts the watches of a connection where requests and answers are still HTTP/1's own parts.
final class ConnectionWatchInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let idleSeconds: Int

    init(idleSeconds: Int) {
        self.idleSeconds = idleSeconds
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let front = try pipeline.handler(type: FrontHandler.self)
            let watches: [any ChannelHandler] = [
                ConnectionWatch(front: front, idle: .seconds(Int64(idleSeconds))),
                BodyDeadlineHandler(graceSeconds: Double(idleSeconds)),
                ContinueHandler(),
            ]
            try pipeline.addHandlers(watches, position: .after(decoder))
        } catch {
            // Without its deadlines no connection is served.
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
        pipeline.removeHandler(context: context, promise: nil)
    }
}
