import Domain

/// The steps of a rollout with the one that it stands at.
enum RolloutSteps {
    static func html(_ rollout: Rollout) -> HTML {
        ol(.class("steps"), .label("Steps of rollout \(rollout.id)")) {
            for (index, step) in rollout.plan.steps.enumerated() {
                item(name(step), state: state(index, in: rollout), detail: demand(step))
            }
            item("100\u{a0}%", state: rollout.state == .promoted ? .done : .ahead, detail: "promoted")
        }
    }

    private enum StepState: String {
        case done, here, broken, ahead
        var word: String {
            switch self {
            case .done: "done"
            case .here: "now"
            case .broken: "stopped here"
            case .ahead: "ahead"
            }
        }
    }

    private static func state(_ index: Int, in rollout: Rollout) -> StepState {
        if index < rollout.step || rollout.state == .promoted { return .done }
        guard index == rollout.step else { return .ahead }
        return rollout.state == .rolledBack ? .broken : rollout.state == .pending ? .ahead : .here
    }

    private static func item(_ name: String, state: StepState, detail: String) -> HTML {
        li([.class("step \(state.rawValue)")] + (state == .here ? [Attribute("aria-current", "step")] : [])) {
            span(.class("step-name"), text: name)
            span(.class("step-word"), text: state.word)
            small(.class("muted"), text: detail)
        }
    }

    static func name(_ step: RolloutPlan.Step) -> String {
        step.weightPercent.map { NumberText.significant($0, figures: 3) + "\u{a0}%" } ?? "shadow"
    }

    private static func demand(_ step: RolloutPlan.Step) -> String {
        "≥ \(NumberText.duration(seconds: step.durationSeconds)), ≥ \(NumberText.counted(step.requestsAtLeast, "request"))"
    }
}
