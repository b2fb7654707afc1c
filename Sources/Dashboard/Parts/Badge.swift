import Domain

/// A state as a word with a sign; the colour only repeats it.
struct Badge: Sendable, Hashable {
    enum Tone: String, Sendable { case good, bad, warning, active, neutral }
    var text: String
    var tone: Tone
    var icon: Icon

    var html: HTML {
        span(.class("badge \(tone.rawValue)")) {
            icon.html
            text
        }
    }
}

extension Badge {
    init(_ status: ReadinessReport.Status) {
        switch status {
        case .met: self.init(text: "met", tone: .good, icon: .check)
        case .unmet: self.init(text: "unmet", tone: .bad, icon: .cross)
        case .unknown: self.init(text: "unknown", tone: .warning, icon: .question)
        }
    }

    init(_ state: Rollout.State) {
        switch state {
        case .pending: self.init(text: "pending", tone: .neutral, icon: .clock)
        case .progressing: self.init(text: "progressing", tone: .active, icon: .play)
        case .paused: self.init(text: "paused", tone: .warning, icon: .pause)
        case .promoted: self.init(text: "promoted", tone: .good, icon: .check)
        case .rolledBack: self.init(text: "rolled back", tone: .bad, icon: .back)
        }
    }

    init(_ state: Alert.State) {
        switch state {
        case .pending: self.init(text: "pending", tone: .warning, icon: .clock)
        case .firing: self.init(text: "firing", tone: .bad, icon: .exclamation)
        case .resolved: self.init(text: "resolved", tone: .good, icon: .check)
        }
    }

    init(_ state: Approval.State) {
        switch state {
        case .pending: self.init(text: "pending", tone: .warning, icon: .clock)
        case .approved: self.init(text: "approved", tone: .good, icon: .check)
        case .rejected: self.init(text: "rejected", tone: .bad, icon: .cross)
        }
    }

    init(_ state: PolicyVersion.State) {
        switch state {
        case .inForce: self.init(text: "in force", tone: .good, icon: .check)
        case .pendingApproval: self.init(text: "waits for approval", tone: .warning, icon: .clock)
        case .superseded: self.init(text: "superseded", tone: .neutral, icon: .dash)
        case .rejected: self.init(text: "rejected", tone: .bad, icon: .cross)
        }
    }

    init(_ state: RetrainingRun.State) {
        switch state {
        case .running: self.init(text: "running", tone: .active, icon: .play)
        case .succeeded: self.init(text: "succeeded", tone: .good, icon: .check)
        case .failed: self.init(text: "failed", tone: .bad, icon: .cross)
        case .interrupted: self.init(text: "interrupted", tone: .warning, icon: .exclamation)
        }
    }

    init(_ state: VersionPreparation.State) {
        switch state {
        case .pending: self.init(text: "being prepared", tone: .active, icon: .clock)
        case .servable: self.init(text: "servable", tone: .good, icon: .check)
        case .unservable: self.init(text: "not servable", tone: .bad, icon: .cross)
        }
    }
}
