internal import Domain
internal import Glibc

/// Why a worker can be asked nothing more.
enum WorkerLoss: Error {
    case gone
    case late
    /// Nobody waits for its answer any more.
    case stopped
    case memoryExceeded
    /// It does not speak as it should.
    case garbled(String)
}

/// The server's end of the socket to a worker: whole messages, each by a deadline.
struct WorkerSocket: ~Copyable {
    /// Bytes of a message's head: a golden request and its answer are in the first.
    static let headBytesMax = 4 << 20
    /// Bytes of all tensors of an answer. Requests are bounded where they are read.
    static let bodyBytesMax = 256 << 20
    /// How often the worker is looked at while it is waited for.
    static let lookMilliseconds: Int64 = 250

    /// What is waited with.
    struct Patience {
        var deadline: ContinuousClock.Instant
        /// Called now and then.
        var look: () throws(WorkerLoss) -> Void
    }

    private let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) {
        _ = fcntl(descriptor.number, F_SETFL, O_NONBLOCK)
        self.descriptor = descriptor
    }

    var number: Int32 { descriptor.number }

    /// Whether there is something to read, or the other end is closed: between two requests, neither should be.
    var isStirring: Bool {
        var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) != 0
    }

    func send(head: [UInt8], body: [[UInt8]], _ patience: Patience) throws(WorkerLoss) {
        var lengths: [UInt8] = []
        withUnsafeBytes(of: UInt32(head.count).littleEndian) { lengths.append(contentsOf: $0) }
        let bodyBytes = body.reduce(0) { $0 + $1.count }
        withUnsafeBytes(of: UInt64(bodyBytes).littleEndian) { lengths.append(contentsOf: $0) }
        try send(lengths + head, patience)
        for part in body { try send(part, patience) }
    }

    func receive(_ patience: Patience) throws(WorkerLoss) -> (head: [UInt8], body: [UInt8]) {
        let lengths = try receive(12, patience)
        let (headBytes, bodyBytes) = lengths.withUnsafeBytes { bytes in
            (
                UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)),
                UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
            )
        }
        guard headBytes <= Self.headBytesMax, bodyBytes <= Self.bodyBytesMax else {
            throw .garbled("a message of \(headBytes) and \(bodyBytes) bytes")
        }
        return (try receive(Int(headBytes), patience), try receive(Int(bodyBytes), patience))
    }

    private func send(_ bytes: [UInt8], _ patience: Patience) throws(WorkerLoss) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(
                    number, buffer.baseAddress.map { $0 + sent }, buffer.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count > 0 { sent += count } else { try wait(for: POLLOUT, after: count, patience) }
        }
    }

    private func receive(_ count: Int, _ patience: Patience) throws(WorkerLoss) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes { buffer in
                recv(number, buffer.baseAddress.map { $0 + filled }, buffer.count - filled, 0)
            }
            guard got != 0 else { throw .gone }
            if got > 0 { filled += got } else { try wait(for: POLLIN, after: got, patience) }
        }
        return bytes
    }

    /// - Parameter result: of the call that could do nothing.
    private func wait(for event: Int32, after result: Int, _ patience: Patience) throws(WorkerLoss) {
        guard result >= 0 || errno == EAGAIN || errno == EINTR else { throw .gone }
        while true {
            let left = patience.deadline - .now
            guard left > .zero else { throw .late }
            var entry = pollfd(fd: number, events: Int16(event), revents: 0)
            let ready = poll(&entry, 1, Int32(min(left.wholeMilliseconds + 1, Self.lookMilliseconds)))
            if ready > 0 { return }
            guard ready == 0 || errno == EINTR else { throw .gone }
            try patience.look()
        }
    }
}

extension Duration {
    var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
