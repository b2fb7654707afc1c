internal import Domain

/// Names what an entry does not tell, and what would tell it.
struct VersionEntryGaps {
    let entry: VersionEntry
    let facts: VersionEntryFacts

    var list: [VersionEntry.Gap] {
        [
            gap(
                entry.trainedAt == nil, "trained_at", noRun ?? "The run has no time of its own.",
                "Log the model in a run of the MLflow client."),
            gap(
                entry.responsibleTeam == nil, "responsible_team",
                facts.policy == nil ? "No policy governs the model." : "The policy names no team.",
                "Write `team:` into the policy, or set the tag \(VersionTag.team)."),
            gap(
                entry.data.isEmpty, "data", noRun ?? "The run logged no data set.",
                "Call mlflow.log_input with the training data."),
            gap(
                !entry.data.isEmpty && !entry.data.contains { $0.version != nil }, "data.version",
                "None of the run's data sets is a version that Martlet keeps.",
                "Add the data with `martlet data add`, and log it with that version's digest."),
            gap(
                entry.featureEngineering == nil, "feature_engineering",
                "No commit of the feature-engineering code was logged.",
                "Set the run's tag \(VersionTag.featureEngineeringCommit)."),
            gap(
                entry.training == nil, "training", noRun ?? "The run logged no commit of its code.",
                "Train from a Git work tree, or set the run's tag \(VersionTag.sourceCommit)."),
            gap(
                entry.hyperparameters.isEmpty, "hyperparameters", noRun ?? "The run logged no parameters.",
                "Call mlflow.log_params."),
            gap(
                entry.evaluations.isEmpty, "evaluations", noRun ?? "The run logged no metrics.",
                "Call mlflow.log_metrics with dataset=…"),
            gap(
                !entry.evaluations.isEmpty && entry.evaluations.allSatisfy { $0.dataset == nil }, "evaluations.dataset",
                "No metric names the data set that it was measured on.", "Call mlflow.log_metrics with dataset=…"),
            gap(
                entry.knownLimitations.isEmpty, "known_limitations", "Nobody has written any down.",
                "Write `known_limitations:` into the policy, or set the tag \(VersionTag.knownLimitations)."),
            gap(
                entry.notes.isEmpty, "notes", "The version has neither a description nor notes.",
                "Give the version a description, or set the tag \(VersionTag.notes)."),
            gap(
                entry.approvals.isEmpty, "approvals", "Nobody has asked for an approval.",
                "martlet approval request \(entry.id.model) \(entry.id.version)"),
            gap(
                entry.environment.isEmpty, "environment", "The version has no file that lists its packages.",
                "Log the model with MLflow, which writes requirements.txt."),
        ].compactMap { $0 }
    }

    /// Why everything that a run tells is unknown; nil where there is a run.
    private var noRun: String? {
        if facts.run != nil { return nil }
        return facts.record.runID.map { "The run \($0) is gone." } ?? "The version names no run."
    }

    private func gap(_ isMissing: Bool, _ field: String, _ reason: String, _ remedy: String) -> VersionEntry.Gap? {
        isMissing ? VersionEntry.Gap(field: field, reason: reason, remedy: remedy) : nil
    }
}
