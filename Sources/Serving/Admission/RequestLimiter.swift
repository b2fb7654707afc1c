public import Domain
internal import Foundation
internal import Synchronization

/// Admits predictions by what their principals may ask for. Counts by itself: of several processes each has its own buckets and days.
///
/// A principal without limits costs nothing. Days' counts are kept in a file, so that a restart begins no new day.
public final class RequestLimiter: Sendable {
    /// Principals counted at most: more than there can be in force. Past it all begin anew, which forgives rather than grows.
    static let principalsMax = 20_000
    private static let daySeconds: Int64 = 86_400

    /// Requests that were refused.
    public struct Refusals: Sendable, Hashable {
        public var byRate = 0
        public var byDay = 0
    }

    private struct Count {
        var bucket: TokenBucket
        var today = 0
    }
    private struct State {
        /// Days since 1970 in UTC.
        var day: Int64 = 0
        var counts: [Principal.ID: Count] = [:]
        var refusals = Refusals()
        var isChanged = false
    }
    /// The file: what each principal has asked for on one day.
    private struct DayFile: Codable {
        var day: Int64
        var requests: [String: Int]
    }

    private let state = Mutex(State())
    private let clock: any WallClock
    private let path: String?

    /// - Parameter path: the file of the day's counts; none, or one that cannot be read, begins at zero. nil keeps none.
    public init(clock: any WallClock, path: String? = nil) {
        self.clock = clock
        self.path = path
        guard let path, let data = FileManager.default.contents(atPath: path),
            let file = try? JSONDecoder().decode(DayFile.self, from: data)
        else { return }
        let now = ContinuousClock.now
        state.withLock { state in
            state.day = file.day
            for (id, today) in file.requests.prefix(Self.principalsMax) {
                state.counts[Principal.ID(rawValue: id)] = Count(bucket: TokenBucket(at: now), today: today)
            }
        }
    }

    /// Counts one prediction.
    ///
    /// - Throws: `resourceExhausted` with the time until there is room: then it is not counted.
    public func admit(_ principal: Principal?) throws(MartletError) {
        guard let principal, let limits = principal.limits else { return }
        try admit(principal, limits, at: .now)
    }

    func admit(_ principal: Principal, _ limits: RequestLimits, at now: ContinuousClock.Instant) throws(MartletError) {
        let seconds = clock.now().milliseconds / 1000
        let refusal = state.withLock { state -> MartletError? in
            let day = seconds / Self.daySeconds
            if day != state.day {
                state.day = day
                for id in state.counts.keys { state.counts[id]?.today = 0 }
            }
            if state.counts.count >= Self.principalsMax, state.counts[principal.id] == nil { state.counts = [:] }
            var count = state.counts[principal.id] ?? Count(bucket: TokenBucket(at: now))
            defer { state.counts[principal.id] = count }
            if let most = limits.requestsPerDay, count.today >= most {
                state.refusals.byDay += 1
                return Self.refusal(
                    "\(principal.name) has asked for \(most) predictions today, which is all that it may.",
                    after: .seconds(Self.daySeconds - seconds % Self.daySeconds))
            }
            if let wait = count.bucket.take(limits, at: now) {
                state.refusals.byRate += 1
                return Self.refusal(
                    "\(principal.name) may ask for \(Tensor.text(of: limits.requestsPerSecond ?? 0)) predictions a second.",
                    after: wait)
            }
            count.today += 1
            state.isChanged = true
            return nil
        }
        if let refusal { throw refusal }
    }

    private static func refusal(_ sentence: String, after wait: Duration) -> MartletError {
        var error = MartletError(.resourceExhausted, sentence)
        error.retryAfter = wait
        return error
    }

    public var refusals: Refusals { state.withLock { $0.refusals } }

    /// Writes the day's counts, if they have changed.
    ///
    /// - Throws: what writing throws; the next call tries again.
    public func keep() throws {
        guard let path else { return }
        let file = state.withLock { state -> DayFile? in
            guard state.isChanged else { return nil }
            state.isChanged = false
            return DayFile(
                day: state.day,
                requests: Dictionary(
                    state.counts.filter { $0.value.today > 0 }.map { ($0.key.rawValue, $0.value.today) },
                    uniquingKeysWith: { $1 }))
        }
        guard let file else { return }
        do {
            try JSONEncoder().encode(file).write(to: URL(filePath: path), options: .atomic)
        } catch {
            state.withLock { $0.isChanged = true }
            throw error
        }
    }
}
