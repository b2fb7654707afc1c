internal import CSpawn
internal import Domain
internal import Glibc

/// A child process as it was started, with the server's ends of what joins them. Not by Subprocess, whose children end with the call that
/// starts them.
struct SpawnedWorker: ~Copyable {
    let identifier: pid_t
    let socket: Descriptor
    /// Closed, it ends the child: by the kernel, if the server is killed.
    let lifeline: Descriptor
    /// What the child writes to its standard streams.
    let output: Descriptor

    /// - Throws: `internal`.
    init(_ guest: StagedGuest) throws(MartletError) {
        let sockets = try DescriptorPair.sockets()
        let life = try DescriptorPair.pipe()
        let words = try DescriptorPair.pipe()
        identifier = try Self.spawn(
            guest, [life.first.number, words.second.number, words.second.number, sockets.second.number])
        socket = sockets.first
        lifeline = life.second
        output = words.first
    }

    private static func spawn(_ guest: StagedGuest, _ descriptors: [Int32]) throws(MartletError) -> pid_t {
        let arguments = guest.words.map { strdup($0) } + [nil]
        let environment = guest.environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var identifier: pid_t = 0
        let error = martlet_spawn(
            &identifier, guest.folder.path, descriptors, Int32(descriptors.count), arguments, environment)
        guard error == 0 else {
            throw MartletError(.internal, "A worker cannot be started: \(guest.words[0]) gave error \(error).")
        }
        return identifier
    }
}
