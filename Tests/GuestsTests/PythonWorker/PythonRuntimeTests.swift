import Domain
import Foundation
import Inference
import Logging
import Testing

@testable import Guests

@Suite(
    "A model in a Python worker",
    .enabled(if: FileManager.default.isExecutableFile(atPath: FakeWorker.python), "needs \(FakeWorker.python)"))
struct PythonRuntimeTests {
    /// The error of what must fail.
    private func failure(_ body: () throws(MartletError) -> some Any) throws -> MartletError {
        do throws(MartletError) { _ = try body() } catch { return error }
        Issue.record("It did not fail.")
        throw CancellationError()
    }

    @Test("it answers one request after the other, small and large, from one process")
    func answers() async throws {
        let fake = try FakeWorker()
        let model = try await fake.runtime().load(path: fake.documentPath)
        #expect(model.metadata.inputs == [TensorSpec(name: "x", datatype: .fp64, shape: [-1])])
        #expect(model.runtimeIdentity?.hasPrefix("fake, ") == true)
        #expect(!model.isWorkBoundByShapes)
        let name = try model.ask(.name)
        #expect(try model.ask([1, 2, 3]) == [2, 4, 6])
        // More than the socket holds at a time.
        let many = (1...1_000_000).map(Double.init)
        #expect(try model.ask(many) == many.map { 2 * $0 })
        // What imports and answers have cost so far.
        #expect(model.otherProcessorSeconds > 0)
        #expect(try model.ask(.name) == name)
    }

    @Test("what the model refuses is the caller's fault, what it raises else is not; neither costs it its process")
    func failures() async throws {
        let fake = try FakeWorker()
        let model = try await fake.runtime().load(path: fake.documentPath)
        let name = try model.ask(.name)
        let refusal = try failure { () throws(MartletError) in try model.ask(.refuse) }
        #expect(refusal.code == .invalidArgument && refusal.message.contains("ValueError: not this"))
        #expect(try failure { () throws(MartletError) in try model.ask(.fail) }.code == .internal)
        #expect(try model.ask(.name) == name)
    }

    @Test(
        "a process that goes, lies or takes too much memory fails its request and no other",
        arguments: [
            (FakeWorker.Order.die, "signal 9"), (.exit, "exited with 5"), (.lie, "another tensor"),
            (.boast, "a message of 4 and"), (.eat, "300 MiB of memory"), (.multiply, "300 MiB of memory"),
        ])
    func loses(order: FakeWorker.Order, reason: String) async throws {
        let fake = try FakeWorker()
        let model = try await fake.runtime().load(path: fake.documentPath)
        let name = try model.ask(.name)
        let loss = try failure { () throws(MartletError) in try model.ask(order) }
        #expect(loss.code == .unavailable && loss.message.contains(reason), "\(loss)")
        #expect(try model.ask(.name) != name)
        #expect(try model.ask([21]) == [42])
    }

    @Test("a model that is lost again and again rests, and says for how long")
    func rests() async throws {
        let fake = try FakeWorker()
        let model = try await fake.runtime().load(path: fake.documentPath)
        for _ in 0..<2 { _ = try failure { () throws(MartletError) in try model.ask(.die) } }
        let rest = try failure { () throws(MartletError) in try model.ask([1]) }
        let left = try #require(rest.retryAfter)
        #expect(rest.code == .unavailable && left > .zero && left <= .seconds(1), "\(rest)")
        try await Task.sleep(for: left)
        #expect(try model.ask([1]) == [2])
    }

    @Test("a run past its deadline ends the process; the next request has another")
    func stops() async throws {
        let fake = try FakeWorker()
        let model = try await fake.runtime().load(path: fake.documentPath)
        let name = try model.ask(.name)
        let stop = RunStop()
        stop.stop(after: 0.05)
        let start = ContinuousClock.now
        #expect(
            try failure { () throws(MartletError) in try model.ask(.sleepLong, stop: stop) }.code == .deadlineExceeded)
        #expect(ContinuousClock.now - start < .seconds(30))
        #expect(try model.ask(.name) != name)
    }

    @Test("a caller with little time does not cost the model its process")
    func isPatient() async throws {
        let fake = try FakeWorker()
        let model = try await fake.runtime().load(path: fake.documentPath)
        let name = try model.ask(.name)
        let stop = RunStop()
        stop.stop(after: 0.05)
        #expect(try model.ask([FakeWorker.Order.sleepBriefly.rawValue], stop: stop) == [-18])
        #expect(try model.ask(.name) == name)
    }

    @Test("a process that was killed while nobody asked costs no request")
    func restartsIdle() async throws {
        let fake = try FakeWorker()
        let runtime = await fake.runtime()
        let model = try runtime.load(path: fake.documentPath)
        let name = try model.ask(.name)
        (model as? PythonModel)?.end()
        #expect(try model.ask(.name) != name)
    }

    @Test("a process whose children take too much memory after its answer is ended while nobody asks")
    func watchesIdle() async throws {
        let fake = try FakeWorker()
        let model = try await fake.runtime().load(path: fake.documentPath)
        let name = try model.ask(.name)
        _ = try model.ask(.multiplyLater)
        let deadline = ContinuousClock.now + .seconds(30)
        // Who asks in the very moment of its end loses the answer.
        while (try? model.ask(.name)) == name, ContinuousClock.now < deadline {
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(try model.ask(.name) != name)
    }

    @Test("guests have different users, all in the range that no account has")
    func sparesUserIDs() {
        let ids = GuestUserIDs()
        let taken = (0..<50).map { _ in ids.take(workFolder: "/tmp") }
        #expect(Set(taken).count == 50 && taken.allSatisfy(GuestUserIDs.range.contains))
    }

    @Test("more models than workers take turns; a place is never taken from one that answers")
    func sharesPlaces() async throws {
        let (one, other) = (try FakeWorker(), try FakeWorker())
        let runtime = await one.runtime(workersMax: 1)
        let first = try runtime.load(path: one.documentPath)
        let second = try runtime.load(path: other.documentPath)
        #expect(second.runtimeIdentity == "of registration")
        let name = try first.ask(.name)
        #expect(try first.ask(.name) == name)
        #expect(try second.ask([1]) == [2])
        #expect(try first.ask(.name) != name)
        let busy = Task { try first.ask([FakeWorker.Order.sleepLong.rawValue]) }
        try await Task.sleep(for: .milliseconds(200))
        let refusal = try failure { () throws(MartletError) in try second.ask([1]) }
        #expect(refusal.code == .unavailable && refusal.message.contains("python-workers"), "\(refusal)")
        runtime.close()
        await #expect(throws: MartletError.self) { try await busy.value }
    }

    @Test(
        "a model that cannot be started says why",
        arguments: [("broken", "It is broken."), ("crash", "no such module"), ("silent", "not ready within 1 s")])
    func cannotStart(file: String, reason: String) async throws {
        let fake = try FakeWorker([file])
        let runtime = await fake.runtime(startSeconds: file == "silent" ? 1 : 30)
        let error = try failure { () throws(MartletError) in try runtime.load(path: fake.documentPath) }
        #expect(error.code == .failedPrecondition && error.message.contains(reason), "\(error)")
    }

    @Test("its process and its folder go with it")
    func leavesNothing() async throws {
        let fake = try FakeWorker(["mark-\(UUID().uuidString)"])
        let mark = try #require(
            try FileManager.default.contentsOfDirectory(atPath: fake.folder.appending(path: "model").path).first {
                $0.hasPrefix("mark")
            })
        func folders() throws -> [String] {
            let root = GuestConfiguration().workFolder
            return try FileManager.default.contentsOfDirectory(atPath: root).filter {
                $0.hasPrefix("martlet-guest-")
                    && FileManager.default.fileExists(atPath: "\(root)/\($0)/work/model/\(mark)")
            }
        }
        do {
            let model = try await fake.runtime().load(path: fake.documentPath)
            #expect(try model.ask([1]) == [2])
            #expect(try folders().count == 1)
        }
        #expect(try folders().isEmpty)
    }

    @Test("where others' code is off, it says what to do")
    func needsGuests() async throws {
        let fake = try FakeWorker()
        let runtime = await PythonRuntime(
            guests: ConfinedGuestRunner(configuration: GuestConfiguration()), runSecondsMax: 1,
            logger: Logger(label: "test"))
        let error = try failure { () throws(MartletError) in try runtime.load(path: fake.documentPath) }
        #expect(error.code == .failedPrecondition && error.message.contains("--enable-guests"), "\(error)")
    }

    @Test("folders that a killed server left behind are removed, those in use are not")
    func removesAbandonedFolders() throws {
        let parent = FileManager.default.temporaryDirectory.appending(path: "martlet-parent-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: parent) }
        let used = try GuestFolder(in: parent, ownedBy: nil, inputs: [])
        let abandoned = parent + "/martlet-guest-abcdef"
        let fresh = parent + "/martlet-guest-ghijkl"
        for path in [abandoned, fresh] {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        let longAgo = Date(timeIntervalSinceNow: -3600)
        for name in try FileManager.default.contentsOfDirectory(atPath: parent) where name != "martlet-guest-ghijkl" {
            try FileManager.default.setAttributes([.modificationDate: longAgo], ofItemAtPath: parent + "/" + name)
        }
        GuestFolder.removeAbandoned(in: parent)
        #expect(FileManager.default.fileExists(atPath: used.path))
        #expect(FileManager.default.fileExists(atPath: fresh))
        #expect(!FileManager.default.fileExists(atPath: abandoned))
        used.remove()
    }
}

extension RunStop {
    /// As the watch over runs does it.
    fileprivate func stop(after seconds: Double) {
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: seconds)
            self.stop()
        }
    }
}
