import Domain
import Testing

@testable import Monitoring

@Suite("Alert: pending, firing, resolved")
struct AlertTrackerTests {
    static func verdict(_ isBroken: Bool, version: Int = 1) -> MonitorVerdict {
        MonitorVerdict(
            endpoint: "e", version: version, windowStart: Timestamp(milliseconds: 0),
            windowEnd: Timestamp(milliseconds: 1),
            kind: .featureDrift, subject: "heat", value: isBroken ? 1 : 0, threshold: 0.2, rows: 200,
            isBroken: isBroken,
            detail: isBroken ? "broken" : "whole")
    }
    let now = Timestamp(milliseconds: 10)

    @Test("with one window to fire it fires and is resolved at once")
    func single() {
        var board = AlertBoard()
        let fired = board.take([Self.verdict(true)], windowsToFire: 1, now: now)
        #expect(fired.map(\.alert.state) == [.firing])
        #expect(fired.map(\.change) == [.announced])
        #expect(board.take([Self.verdict(true)], windowsToFire: 1, now: now).map(\.change) == [.stored])
        let resolved = board.take([Self.verdict(false)], windowsToFire: 1, now: now)
        #expect(resolved.map(\.alert.state) == [.resolved])
        #expect(resolved.map(\.change) == [.announced])
        #expect(board.open.isEmpty)
        #expect(board.take([Self.verdict(false)], windowsToFire: 1, now: now).isEmpty)
    }

    @Test("with three windows to fire, two in a row and a whole one tell nobody")
    func pending() {
        var board = AlertBoard()
        for _ in 0..<2 {
            #expect(board.take([Self.verdict(true)], windowsToFire: 3, now: now).map(\.change) == [.stored])
        }
        let gone = board.take([Self.verdict(false)], windowsToFire: 3, now: now)
        #expect(gone.map(\.alert.state) == [.resolved])
        #expect(gone.map(\.change) == [.stored])
        var states: [Alert.State] = []
        for _ in 0..<3 { states += board.take([Self.verdict(true)], windowsToFire: 3, now: now).map(\.alert.state) }
        #expect(states == [.pending, .pending, .firing])
        // One whole window among broken ones does not resolve it.
        for isBroken in [false, false, true, false, false] {
            #expect(
                board.take([Self.verdict(isBroken)], windowsToFire: 3, now: now).map(\.alert.state) == [.firing])
        }
        #expect(board.take([Self.verdict(false)], windowsToFire: 3, now: now).map(\.alert.state) == [.resolved])
    }

    @Test("alerts end with the reign of their version, and a restart keeps those that fire")
    func endings() {
        var board = AlertBoard()
        let fired = board.take([Self.verdict(true)], windowsToFire: 1, now: now)
        var restarted = AlertBoard(open: fired.map(\.alert))
        #expect(restarted.take([Self.verdict(true)], windowsToFire: 1, now: now).map(\.change) == [.stored])
        let ended = restarted.endAll(endpoint: "e", exceptVersion: 2, now: now)
        #expect(ended.map(\.alert.state) == [.resolved])
        #expect(ended.map(\.change) == [.announced])
        #expect(restarted.endAll(endpoint: "e", exceptVersion: 2, now: now).isEmpty)
    }
}
