import Domain
import Lifecycle
import Logging
import Synchronization
import TestSupport
import Testing

@Suite("Retraining by alert, by schedule and by hand")
struct RetrainingServiceTests {
    /// Everything that the service asks, in memory.
    final class World: PolicyKeeping, RetrainingKeeping, NarrowKeyIssuing, RetrainingDataSource, GuestRunner {
        struct State: Sendable {
            var rule: RetrainingRule? = RetrainingRule(command: ["/bin/train", "--fast"])
            var runs: [RetrainingRun] = []
            var cooldowns: [Double] = []
            var commands: [GuestCommand] = []
            var keys: [String] = []
            var revoked: [String] = []
            var ending = GuestResult.Ending.exited(0)
            var isRefused = false
        }
        let state = Mutex(State())
        let allows: Bool
        let clock = ManualClock()

        init(allows: Bool = true) { self.allows = allows }

        var runsOthersCode: Bool { allows }

        func apply(
            _ policy: Policy, document: String, by actor: Principal,
            loosened: @escaping @Sendable (Policy, Policy) -> [String]
        ) async throws -> PolicyVersion { throw MartletError.notFound("not here") }
        func policyInForce(_ model: String) async throws -> PolicyVersion? {
            guard model == "wear" else { return nil }
            var policy = Policy(model: "wear", owner: "o", purpose: "p", task: .regression)
            policy.retraining = state.withLock { $0.rule }
            return PolicyVersion(
                model: model, version: 1, policy: policy, document: "", state: .inForce, author: .init(rawValue: "a"),
                authorName: "a", appliedAt: clock.now(), loosens: [])
        }
        func policiesInForce() async throws -> [PolicyVersion] { [try await policyInForce("wear")].compactMap { $0 } }
        func policyVersions(_ model: String) async throws -> [PolicyVersion] { [] }
        func policyVersion(_ model: String, _ version: Int) async throws -> PolicyVersion {
            throw MartletError.notFound("not here")
        }

        func begin(
            model: String, trigger: RetrainingRun.Trigger, reason: String, cooldownSeconds: Double, by actor: Principal
        ) async throws -> RetrainingRun {
            try state.withLock { state in
                if state.isRefused { throw MartletError.precondition("cooldown") }
                let run = RetrainingRun(
                    id: Int64(state.runs.count + 1), model: model, trigger: trigger, reason: reason, state: .running,
                    startedBy: actor.name, startedAt: clock.now())
                state.runs.append(run)
                state.cooldowns.append(cooldownSeconds)
                return run
            }
        }
        func end(_ run: RetrainingRun) async throws {
            state.withLock { state in state.runs[Int(run.id) - 1] = run }
        }
        func markInterrupted() async throws -> Int { 0 }
        func run(_ id: Int64) async throws -> RetrainingRun { state.withLock { $0.runs[Int(id) - 1] } }
        func runs(model: String?, before: Int64?, limit: Int) async throws -> [RetrainingRun] {
            state.withLock { $0.runs }
        }

        func issueNarrowKey(
            model: String, purpose: String, validSeconds: Int, actor: Principal
        ) async throws -> IssuedKey {
            state.withLock { $0.keys.append("\(model), \(validSeconds) s") }
            return IssuedKey(
                key: APIKey(
                    id: "k1", principalID: Principal.retraining.id, principalName: "retraining", label: purpose,
                    onlyModel: model, createdAt: clock.now(), expiresAt: nil), text: "the-secret")
        }
        func revokeNarrowKey(id: String, actor: Principal) async throws { state.withLock { $0.revoked.append(id) } }

        func dataset(model: String) async throws -> RetrainingDataset {
            RetrainingDataset(csv: Array("a,label\r\n1,0\r\n".utf8), rows: 1, digest: "d1")
        }

        func run(_ command: GuestCommand) async throws -> GuestResult {
            try state.withLock { state in
                state.commands.append(command)
                if state.ending == .signalled(1) { throw MartletError(.resourceExhausted, "too many guests") }
                return GuestResult(
                    ending: state.ending, standardOutput: "my key is the-secret", standardError: "", outputs: [:],
                    wallSeconds: 1, memoryBytesPeak: 1, confinement: "as user 61184")
            }
        }
    }

    struct Versions: RegistryReading {
        let clock: ManualClock
        func versionRecord(_ id: ModelVersionID) async throws -> VersionRecord { throw MartletError.notFound("no") }
        func version(model: String, alias: String) async throws -> Int? { nil }
        func versionRecords(model: String) async throws -> [VersionRecord] {
            [(3, Principal.retraining.id, 0.0), (2, .init(rawValue: "dana"), 0.0), (1, Principal.retraining.id, -9.0)]
                .map { version, author, age in
                    VersionRecord(
                        id: .init(model: model, version: version), createdAt: clock.now().adding(seconds: age),
                        createdBy: author, createdByName: "x", runID: nil, loggedModelID: nil, source: "s",
                        description: nil, tags: [:], aliases: [], files: [])
                }
        }
        func runRecord(_ runID: String) async throws -> RunRecord { throw MartletError.notFound("no") }
        func modelNames() async throws -> [String] { ["wear"] }
    }

    private let omar = Principal(id: .init(rawValue: "o"), name: "omar", roles: [.operator])

    private func service(_ world: World, url: String? = "http://here") -> RetrainingService {
        RetrainingService(
            policies: world, runs: world,
            child: RetrainingChild(
                runner: world, keys: world, data: world, registry: Versions(clock: world.clock), serverURL: { url },
                readablePaths: ["/opt/train"]),
            clock: world.clock, logger: Logger(label: "t", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// The end of the first run.
    private func ended(_ world: World) async throws -> RetrainingRun {
        for _ in 0..<2_000 {
            if let run = world.state.withLock({ $0.runs.first }), run.state != .running { return run }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw MartletError(.deadlineExceeded, "It did not end within ten seconds.")
    }

    private func alert(_ kind: Alert.Kind, _ state: Alert.State = .firing) -> Alert {
        Alert(
            id: 1, endpoint: "wear", version: 1, kind: kind, subject: "heat", state: state, detail: "It moved.",
            value: 1, threshold: 0, startedAt: Timestamp(milliseconds: 0), updatedAt: Timestamp(milliseconds: 0))
    }

    @Test("a person's run gets the data set and a narrow key that ends with it, and its versions are told")
    func byHand() async throws {
        let world = World()
        _ = try await service(world).start(model: "wear", reason: "spring", by: omar)
        let run = try await ended(world)
        #expect(run.state == .succeeded && run.exitCode == 0 && run.trigger == .manual && run.startedBy == "omar")
        #expect(run.versions == [3] && run.datasetRows == 1 && run.datasetDigest == "d1")
        #expect(run.logTail.contains("my key is •••") && !run.logTail.contains("the-secret"))
        let state = world.state.withLock { $0 }
        #expect(state.keys == ["wear, 3660 s"] && state.revoked == ["k1"] && state.cooldowns == [0])
        let command = try #require(state.commands.first)
        #expect(command.executable == "/bin/train" && command.arguments == ["--fast"] && command.code == .others)
        #expect(command.environment["MLFLOW_TRACKING_TOKEN"] == "the-secret" && command.mayUseNetwork)
        #expect(command.environment["MLFLOW_TRACKING_URI"] == "http://here")
        #expect(command.environment["MARTLET_DATASET"] == command.inputs.first?.path)
        #expect(command.readablePaths == ["/opt/train"] && command.limits.wallSeconds == 3600)
    }

    @Test("drift and quality start it under the cooldown; other alerts, other states and another model do not")
    func byAlert() async throws {
        let world = World()
        let service = service(world)
        await service.alertChanged(alert(.missingValues))
        await service.alertChanged(alert(.quality, .pending))
        await service.alertChanged(alert(.quality, .resolved))
        var other = alert(.quality)
        other.endpoint = "other"
        await service.alertChanged(other)
        #expect(world.state.withLock { $0.runs.isEmpty })
        world.state.withLock { $0.rule?.onAlert = false }
        await service.alertChanged(alert(.quality))
        #expect(world.state.withLock { $0.runs.isEmpty })
        world.state.withLock { $0.rule?.onAlert = true }
        await service.alertChanged(alert(.featureDrift))
        let run = try await ended(world)
        #expect(run.trigger == .alert && run.reason == "feature_drift of heat: It moved.")
        #expect(world.state.withLock { $0.cooldowns } == [600])
    }

    @Test("where guests are off an alert leaves a failed run that says how to turn them on, and no key")
    func alertWithoutGuests() async throws {
        let world = World(allows: false)
        await service(world).alertChanged(alert(.quality))
        let run = try await ended(world)
        #expect(run.state == .failed && run.logTail.contains("--enable-guests") && run.datasetRows == nil)
        #expect(world.state.withLock { $0.keys.isEmpty && $0.commands.isEmpty })
    }

    @Test("a schedule starts it at its minute, once, and not for times that passed before it was known")
    func bySchedule() async throws {
        let world = World()
        world.state.withLock { $0.rule?.schedule = "0 * * * *" }
        let service = service(world)
        let policy = try #require(try await world.policyInForce("wear"))
        await service.startIfDue(policy)
        world.clock.advance(seconds: 3_599)
        await service.startIfDue(policy)
        #expect(world.state.withLock { $0.runs.isEmpty })
        world.clock.advance(seconds: 1)
        await service.startIfDue(policy)
        await service.startIfDue(policy)
        #expect(world.state.withLock { $0.runs.map(\.trigger) } == [.schedule])
        _ = try await ended(world)
    }

    @Test("a command that fails, is cut off or cannot start leaves a failed run that says why, and no key")
    func failures() async throws {
        for (ending, words) in [
            (GuestResult.Ending.exited(3), "exited with 3"), (.timedOut, "time limit"), (.memoryExceeded, "memory"),
            (.signalled(1), "too many guests"),
        ] {
            let world = World()
            world.state.withLock { $0.ending = ending }
            _ = try await service(world).start(model: "wear", reason: "", by: omar)
            let run = try await ended(world)
            #expect(run.state == .failed && run.logTail.contains(words), "\(run.logTail)")
            #expect(world.state.withLock { $0.revoked } == ["k1"])
        }
        let deaf = World()
        _ = try await service(deaf, url: nil).start(model: "wear", reason: "", by: omar)
        #expect(try await ended(deaf).state == .failed)
        #expect(deaf.state.withLock { $0.keys.isEmpty })
    }

    @Test("who may not, what has no command, and a server without guests are refused and leave no run")
    func refusals() async throws {
        func code(_ world: World, model: String = "wear", _ principal: Principal) async -> MartletError.Code? {
            do {
                _ = try await service(world).start(model: model, reason: "", by: principal)
                return nil
            } catch {
                return (error as? MartletError)?.code
            }
        }
        let world = World()
        let dana = Principal(id: .init(rawValue: "d"), name: "dana", roles: [.contributor])
        #expect(await code(world, dana) == .permissionDenied)
        var narrow = omar
        narrow.onlyModel = "other"
        #expect(await code(world, narrow) == .permissionDenied)
        #expect(await code(world, model: "none", omar) == .failedPrecondition)
        #expect(await code(World(allows: false), omar) == .failedPrecondition)
        world.state.withLock { $0.isRefused = true }
        #expect(await code(world, omar) == .failedPrecondition)
        #expect(world.state.withLock { $0.runs.isEmpty })
    }
}
