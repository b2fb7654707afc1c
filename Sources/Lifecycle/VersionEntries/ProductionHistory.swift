internal import Domain

/// When a version was behind its endpoint, told by the endpoint's rollouts: nothing else changes what an endpoint serves.
struct ProductionHistory {
    let version: Int
    /// Of the endpoint, in any order.
    let rollouts: [Rollout]

    /// Oldest first.
    var periods: [VersionEntry.Period] {
        let ordered = rollouts.sorted { $0.id < $1.id }
        var periods: [VersionEntry.Period] = []
        for (index, rollout) in ordered.enumerated() where rollout.candidate == version {
            // A first version is promoted at once: then there was no trial.
            if !(rollout.state == .promoted && rollout.updatedAt == rollout.startedAt) {
                periods.append(
                    VersionEntry.Period(
                        kind: .trial, from: rollout.startedAt, to: rollout.state.isFinal ? rollout.updatedAt : nil,
                        rolloutID: rollout.id, detail: trialDetail(rollout)))
            }
            guard rollout.state == .promoted else { continue }
            let successor = ordered[(index + 1)...].first { $0.state == .promoted }
            periods.append(
                VersionEntry.Period(
                    kind: .production, from: rollout.updatedAt, to: successor?.updatedAt, rolloutID: rollout.id,
                    detail: successor.map { "Replaced by version \($0.candidate), rollout \($0.id)." }))
        }
        return periods
    }

    private func trialDetail(_ rollout: Rollout) -> String? {
        switch rollout.state {
        case .pending, .progressing: "Rollout \(rollout.id) is on step \(rollout.step + 1)."
        case .paused: rollout.reason.map { "Paused: \($0)" }
        case .promoted, .rolledBack: rollout.reason
        }
    }
}
