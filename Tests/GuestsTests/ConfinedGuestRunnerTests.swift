import Domain
import Foundation
import Glibc
import Guests
import Testing

@Suite("A guest is confined")
struct ConfinedGuestRunnerTests {
    private let runner: ConfinedGuestRunner

    init() {
        var configuration = GuestConfiguration()
        configuration.runsOthersCode = true
        runner = ConfinedGuestRunner(configuration: configuration)
    }

    /// A shell command as a guest.
    private func shell(_ script: String, limits: GuestLimits = GuestLimits(), outputs: [GuestCommand.Output] = [])
        -> GuestCommand
    {
        GuestCommand(
            executable: "/bin/sh", arguments: ["-c", script], code: .others, outputs: outputs, limits: limits)
    }

    @Test("its output, exit code and files come back")
    func returnsResult() async throws {
        let result = try await runner.run(
            shell(
                "cat given; echo oops >&2; printf made > new; exit 3",
                outputs: [.init(name: "new", bytesMax: 100), .init(name: "absent", bytesMax: 100)]
            ).with(.init(path: "given", content: .bytes(Array("hello".utf8)))))
        #expect(result.ending == .exited(3))
        #expect(result.standardOutput == "hello")
        #expect(result.standardError.hasSuffix("oops\n"))
        #expect(result.outputs == ["new": Array("made".utf8)])
    }

    @Test("it inherits nothing of the server's environment")
    func scrubsEnvironment() async throws {
        setenv("MARTLET_TEST_SECRET", "s3cret", 1)
        let result = try await runner.run(shell("env"))
        #expect(!result.standardOutput.contains("s3cret"))
        #expect(result.standardOutput.contains("HOME=/tmp/martlet-guest-"))
        #expect(result.standardOutput.contains("PATH=/usr/local/bin:/usr/bin:/bin"))
    }

    @Test("it cannot read a file that only root may read", .enabled(if: geteuid() == 0, "needs root"))
    func cannotReadRootFile() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "martlet-secret-\(UUID().uuidString)").path
        try Data("s3cret".utf8).write(to: URL(filePath: path))
        #expect(chmod(path, 0o600) == 0)
        defer { unlink(path) }
        let result = try await runner.run(shell("cat \(path); cat /proc/1/environ; id -u"))
        #expect(!result.standardOutput.contains("s3cret"))
        #expect(result.standardError.contains("Permission denied"))
        let user = try #require(Int(result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)))
        #expect(user >= 61184)
    }

    @Test("a hidden folder is empty for it")
    func hidesFolders() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-data-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data("truth".utf8).write(to: folder.appending(path: "registry.db"))
        var configuration = GuestConfiguration()
        configuration.runsOthersCode = true
        configuration.hiddenPaths = [folder.path]
        let result = try await ConfinedGuestRunner(configuration: configuration).run(shell("cat \(folder.path)/*"))
        #expect(result.ending != .exited(0))
        #expect(!result.standardOutput.contains("truth"))
        #expect(FileManager.default.fileExists(atPath: folder.appending(path: "registry.db").path))
    }

    @Test("a path inside a closed folder is seen, its neighbours are not", .enabled(if: geteuid() == 0, "needs root"))
    func opensReadablePaths() async throws {
        let closed = FileManager.default.temporaryDirectory.appending(path: "martlet-closed-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: closed) }
        for name in ["shown", "other"] {
            let folder = closed.appending(path: "home/\(name)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(name.utf8).write(to: folder.appending(path: "file"))
        }
        #expect(chmod(closed.path, 0o700) == 0)
        var command = shell("cat \(closed.path)/home/shown/file; ls \(closed.path)/home")
        command.readablePaths = [closed.path + "/home/shown"]
        let result = try await runner.run(command)
        #expect(result.standardOutput == "shownshown\n", "\(result.standardError)")
    }

    @Test("it sees no folder of another guest, and its own only is writable to it")
    func seesOwnFolderOnly() async throws {
        let other = "/tmp/martlet-guest-other-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: other) }
        let result = try await runner.run(
            shell("ls /tmp; for f in /tmp /etc; do touch $f/x; done 2>/dev/null; touch own && echo mine"))
        let lines = result.standardOutput.split(separator: "\n")
        #expect(lines.count == 2 && lines.first?.hasPrefix("martlet-guest-") == true && lines.last == "mine")
        #expect(!FileManager.default.fileExists(atPath: "/tmp/x"))
    }

    @Test(
        "with the server's own user it can write nowhere else",
        .enabled(if: geteuid() != 0, "needs a user that is not root"))
    func isSealed() async throws {
        let folder = URL(filePath: "/var/tmp/martlet-owned-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let result = try await runner.run(shell("echo owned > \(folder.path)/file"))
        #expect(!result.isSuccess)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test("what a guest needs is seen in a hidden folder, its neighbours are not; a hidden file is empty")
    func hidesAround() async throws {
        let folder = URL(filePath: "/var/tmp/martlet-hidden-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["shown", "other"] {
            let inner = folder.appending(path: name)
            try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
            try Data(name.utf8).write(to: inner.appending(path: "file"))
            try Data("secret".utf8).write(to: inner.appending(path: "key"))
        }
        var configuration = GuestConfiguration()
        configuration.runsOthersCode = true
        configuration.hiddenPaths = [folder.path, folder.path + "/shown/key"]
        var command = shell("ls \(folder.path); cat \(folder.path)/shown/file \(folder.path)/shown/key")
        command.readablePaths = [folder.path + "/shown"]
        let result = try await ConfinedGuestRunner(configuration: configuration).run(command)
        #expect(result.standardOutput == "shown\nshown", "\(result.standardError)")
    }

    @Test("a memory hog is killed")
    func limitsMemory() async throws {
        // Many processes, each within its own address space, are together too much.
        let script =
            "for i in 1 2 3 4 5 6 7 8; do (head -c 40000000 /dev/zero | tail -c 40000000 | sleep 20) & done; wait"
        let result = try await runner.run(
            shell(script, limits: GuestLimits(memoryBytesMax: 100 << 20, wallSeconds: 30)))
        #expect(result.ending == .memoryExceeded)
        #expect(result.memoryBytesPeak > 100 << 20)
    }

    @Test("one process cannot take more address space than its limit")
    func limitsAddressSpace() async throws {
        let result = try await runner.run(
            shell(
                "head -c 500000000 /dev/zero | tail -c 500000000 | wc -c",
                limits: GuestLimits(memoryBytesMax: 200 << 20)))
        #expect(!result.standardOutput.contains("500000000"))
    }

    @Test("a fork bomb is bounded and leaves nothing behind")
    func limitsProcesses() async throws {
        let result = try await runner.run(
            shell("f() { f | f & f; }; f", limits: GuestLimits(wallSeconds: 2, processesMax: 32)))
        #expect(result.ending != .exited(0))
        // Far below what it would be without the limit; a busy machine may take its time.
        #expect(result.wallSeconds < 100)
    }

    @Test("at the time limit its grandchildren die too, even in sessions of their own")
    func killsGrandchildren() async throws {
        let mark = "martlet-\(UUID().uuidString)"
        let result = try await runner.run(
            shell(
                "setsid sh -c 'sleep 300; : \(mark)' & setsid -f sleep 301; sleep 300",
                limits: GuestLimits(wallSeconds: 0.5)))
        #expect(result.ending == .timedOut)
        // Without the limit it would be 300 s; a busy machine may take its time.
        #expect(result.wallSeconds < 100)
        // The kernel takes a moment to bury them; there is nobody to ask but /proc.
        let deadline = ContinuousClock.now + .seconds(5)
        while try commandLines().contains(where: { $0.contains(mark) }), ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try !commandLines().contains { $0.contains(mark) })
    }

    /// Of all processes of the machine.
    private func commandLines() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }
            .compactMap { FileManager.default.contents(atPath: "/proc/\($0)/cmdline") }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("endless output is cut to its end")
    func boundsOutput() async throws {
        let result = try await runner.run(
            shell("yes | head -c 50000000; echo the end", limits: GuestLimits(outputBytesMax: 1000)))
        #expect(result.ending == .exited(0))
        #expect(result.standardOutput.utf8.count == 1000)
        #expect(result.standardOutput.hasSuffix("the end\n"))
    }

    @Test("a link or a large file as output does not come back")
    func refusesHostileOutputs() async throws {
        let result = try await runner.run(
            shell(
                "ln -s /etc/passwd link; head -c 2000 /dev/zero > large; mkfifo pipe",
                outputs: ["link", "large", "pipe", "../x"].map { .init(name: $0, bytesMax: 1000) }))
        #expect(result.isSuccess)
        #expect(result.outputs.isEmpty)
    }

    @Test("it has no network unless allowed")
    func cutsNetwork() async throws {
        let script = "cat /proc/net/dev | grep -c -v -e lo: -e Inter -e face"
        let without = try await runner.run(shell(script))
        var command = shell(script)
        command.mayUseNetwork = true
        let with = try await runner.run(command)
        #expect(without.standardOutput == "0\n", "\(without.confinement)")
        #expect(with.confinement.contains("with network"))
    }

    @Test("others' code is refused where the configuration forbids it; our own is not")
    func refusesOthersCode() async throws {
        let runner = ConfinedGuestRunner(configuration: GuestConfiguration())
        await #expect(throws: MartletError.self) { try await runner.run(shell("true")) }
        var own = shell("exit 0")
        own.code = .own
        #expect(try await runner.run(own).isSuccess)
    }

    @Test("its folder goes away with it")
    func removesFolder() async throws {
        let result = try await runner.run(shell("mkdir -p a/b; touch a/b/c; pwd"))
        let path = result.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(path.contains("martlet-guest-"))
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}

extension GuestCommand {
    fileprivate func with(_ input: Input) -> GuestCommand {
        var command = self
        command.inputs.append(input)
        return command
    }
}
