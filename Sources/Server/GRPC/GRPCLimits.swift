/// What one client may take of the port of gRPC. Each is a refusal when reached, never a wait without end.
enum GRPCLimits {
    /// Longest message, as of a body over HTTP.
    static let messageBytesMax = OpenInferenceRoutes.bodyBytesMax
    /// Longest message of a method that needs no key: nobody in particular must not fill the memory.
    static let openMessageBytesMax = 16 << 10
    /// Calls of one connection at a time; clients make more wait or open another connection.
    static let streamsMax = 256
    /// Bytes that a client may send of one call, and of one connection, before it is told that they were taken. Large enough that
    /// a message of some MiB does not wait for round trips.
    static let streamWindowBytes = 1 << 20
    static let connectionWindowBytes = 4 << 20
    /// Bytes of messages and answers of one connection that are not counted against the server's budget, as small bodies over HTTP
    /// are not.
    static let uncountedBytesMax = BodyBudgetMiddleware.smallBytesMax
    /// A larger message is read, and its answer written, on Swift's threads, so that the event loop's other connections go on. Raw tensors
    /// are only copied; the worst of so many bytes, integers one by one, hold it up for some milliseconds.
    static let inlineBytesMax = 256 << 10
    /// Of one frame: each costs by itself, and clients send as much at a time as they may.
    static let frameBytesMax = 64 << 10
    /// Room that is made at once for a message that says that it is so long.
    static let roomBytesMax = 1 << 20
    /// Answers of one stream that its client has not taken, before its next message waits.
    static let unsentBytesMax = 1 << 20
    /// Resets that a client may send within half a minute: clients reset every call whose deadline passes.
    static let resetsMax = 2_000
    /// Pings and settings within half a minute: clients that measure their bandwidth send several a second.
    static let controlFramesMax = 1_000
    /// How long a client has to answer a goodbye, before it is told which call was its last.
    static let farewellSeconds: Int64 = 2
    /// How often a watch of health looks.
    static let watchMilliseconds: Int64 = 500
}
