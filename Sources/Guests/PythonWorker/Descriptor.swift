internal import Domain
internal import Glibc

/// Owns an open file descriptor.
struct Descriptor: ~Copyable, Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close(number) }

    /// The same at a number above those that a child has for standard streams and its socket, closed in all other children.
    consuming func moved() throws(MartletError) -> Descriptor {
        let moved = fcntl(number, F_DUPFD_CLOEXEC, 10)
        guard moved >= 0 else { throw Self.failure("fcntl") }
        return Descriptor(moved)
    }

    static func failure(_ call: String) -> MartletError {
        MartletError(.internal, "A worker cannot be started: \(call) gave error \(errno).")
    }
}

/// Two descriptors that are joined.
struct DescriptorPair: ~Copyable {
    /// Of a pipe, the reading end.
    let first: Descriptor
    let second: Descriptor

    private init(_ numbers: [Int32]) throws(MartletError) {
        let one = Descriptor(numbers[0])
        let other = Descriptor(numbers[1])
        let first = try one.moved()
        let second = try other.moved()
        self.first = first
        self.second = second
    }

    static func sockets() throws(MartletError) -> DescriptorPair {
        var numbers: [Int32] = [0, 0]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &numbers) == 0 else {
            throw Descriptor.failure("socketpair")
        }
        return try DescriptorPair(numbers)
    }

    static func pipe() throws(MartletError) -> DescriptorPair {
        var numbers: [Int32] = [0, 0]
        guard Glibc.pipe(&numbers) == 0 else { throw Descriptor.failure("pipe") }
        return try DescriptorPair(numbers)
    }
}
