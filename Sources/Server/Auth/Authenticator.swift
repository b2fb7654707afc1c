internal import Crypto
internal import Domain
internal import Foundation
internal import Storage
internal import Synchronization

/// Proves who asks, with a short memory so that a prediction does not wait for the database.
final class Authenticator: Sendable {
    /// How long a proven key is believed without asking again. Revocation in this process ends it at once.
    static let rememberSeconds = 5.0
    /// Keys remembered at most; past it the memory starts anew.
    static let rememberedMax = 10_000
    /// Wrong keys from one address within a minute, after which it has to wait.
    static let failuresMax = 30
    static let failureWindowSeconds = 60.0
    /// Addresses watched at most; past it the table starts anew, which forgives rather than grows.
    static let addressesMax = 10_000

    private struct Remembered {
        var principal: Principal
        var until: Timestamp
    }
    private struct Failures {
        var count: Int
        var since: Timestamp
    }
    private struct State {
        var remembered: [SHA256.Digest: Remembered] = [:]
        var failures: [String: Failures] = [:]
    }

    /// That somebody has shown a good key.
    struct Proof {
        let principal: Principal
        fileprivate let until: Timestamp
        fileprivate let generation: Int
    }

    private let keys: any KeyProving
    private let clock: any WallClock
    /// Asked when the database cannot be; nil where the database is a file beside us.
    private let memory: KeyMemory?
    private let state = Mutex(State())
    /// Counts the times that all was forgotten, so that a look-up begun before does not bring a revoked key back.
    private let generation = Atomic<Int>(0)

    init(keys: any KeyProving, clock: any WallClock, memory: KeyMemory? = nil) {
        self.keys = keys
        self.clock = clock
        self.memory = memory
    }

    /// - Parameter address: of the peer, for counting wrong keys; nil is not counted.
    /// - Throws: `unauthenticated` for a wrong key, `resourceExhausted` after too many of them.
    func principal(key: String, name: String?, address: String?) async throws -> Principal {
        let now = clock.now()
        let digest = SHA256.hash(data: Data(key.utf8))
        if let known = state.withLock({ $0.remembered[digest] }), known.until > now {
            return try match(known.principal, name)
        }
        if let address, isBlocked(address, at: now) {
            throw MartletError(.resourceExhausted, "Too many wrong keys from this address. Wait a minute.")
        }
        let generation = generation.load(ordering: .acquiring)
        let hex = digest.map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
        guard let found = try await authenticate(key, digest: hex, at: now) else {
            memory?.forget(hex)
            if let address { countFailure(address, at: now) }
            throw MartletError(.unauthenticated, "The API key is unknown, expired or revoked.")
        }
        let until = now.adding(seconds: Self.rememberSeconds)
        state.withLock { state in
            guard self.generation.load(ordering: .acquiring) == generation else { return }
            if state.remembered.count >= Self.rememberedMax { state.remembered.removeAll() }
            state.remembered[digest] = Remembered(
                principal: found.principal, until: min(until, found.expiresAt ?? until))
        }
        return try match(found.principal, name)
    }

    /// Who shows this key, if it was proven a moment ago; nil leaves the question, and the refusal of a wrong name, to `principal`.
    func remembered(key: String, name: String?) -> Proof? {
        // Before the look-up: what is forgotten after it ends the proof.
        let generation = generation.load(ordering: .acquiring)
        let digest = SHA256.hash(data: Array(key.utf8))
        guard let known = state.withLock({ $0.remembered[digest] }), known.until > clock.now(),
            name == nil || name == known.principal.name
        else { return nil }
        return Proof(principal: known.principal, until: known.until, generation: generation)
    }

    /// Whether a proof may be relied on again.
    func holds(_ proof: Proof) -> Bool {
        proof.generation == generation.load(ordering: .acquiring) && proof.until > clock.now()
    }

    /// Asks the database, or what it said last where it cannot be asked.
    private func authenticate(_ key: String, digest: String, at now: Timestamp) async throws
        -> KeyStore.Authenticated?
    {
        guard let memory else { return try await keys.authenticate(key) }
        do {
            let found = try await keys.authenticate(key)
            if let found { memory.keep(digest, found.principal, expiresAt: found.expiresAt, at: now) }
            return found
        } catch let error as MartletError where [.unavailable, .deadlineExceeded].contains(error.code) {
            guard let known = memory.entry(digest, at: now) else { throw error }
            return KeyStore.Authenticated(principal: known.principal, expiresAt: known.expiresAt)
        }
    }

    /// Forgets all proven keys, after a key or principal has changed.
    func forget() {
        memory?.forgetAll()
        state.withLock { state in
            state.remembered.removeAll()
            generation.wrappingAdd(1, ordering: .acquiringAndReleasing)
        }
    }

    private func match(_ principal: Principal, _ name: String?) throws -> Principal {
        guard name == nil || name == principal.name else {
            throw MartletError(.unauthenticated, "The API key does not belong to that user name.")
        }
        return principal
    }

    private func isBlocked(_ address: String, at now: Timestamp) -> Bool {
        state.withLock { state in
            guard let failures = state.failures[address] else { return false }
            if now.seconds(since: failures.since) > Self.failureWindowSeconds {
                state.failures[address] = nil
                return false
            }
            return failures.count >= Self.failuresMax
        }
    }

    private func countFailure(_ address: String, at now: Timestamp) {
        state.withLock { state in
            if state.failures.count >= Self.addressesMax { state.failures.removeAll() }
            state.failures[address, default: Failures(count: 0, since: now)].count += 1
        }
    }
}
