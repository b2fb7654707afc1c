public import Domain

/// Makes the entry of a version out of what was read. Pure: the same facts give the same entry.
public struct VersionEntryAssembler: Sendable {
    /// Files by which Python's packagers, and MLflow, write an environment down.
    static let environmentFiles: Set<String> = ["requirements.txt", "conda.yaml", "python_env.yaml"]

    private let facts: VersionEntryFacts
    private var record: VersionRecord { facts.record }

    public init(_ facts: VersionEntryFacts) {
        self.facts = facts
    }

    public var entry: VersionEntry {
        var entry = VersionEntry(
            id: record.id, registeredAt: record.createdAt, registeredBy: record.createdByName,
            aliases: record.aliases.sorted(), runID: record.runID)
        addTraining(to: &entry)
        addPeople(to: &entry)
        entry.evaluations = evaluations
        entry.production = ProductionHistory(version: record.id.version, rollouts: facts.rollouts).periods
        entry.status = status(entry.production)
        entry.previousVersion = facts.previousVersion
        entry.replacedVersion =
            facts.rollouts.first { $0.state == .promoted && $0.candidate == record.id.version }?
            .champion
        entry.approvals = facts.approvals
        entry.environment = record.files.filter { file in
            Self.environmentFiles.contains(file.path.split(separator: "/").last.map(String.init) ?? "")
        }
        entry.gaps = VersionEntryGaps(entry: entry, facts: facts).list
        return entry
    }

    // MARK: data, code and parameters

    private func addTraining(to entry: inout VersionEntry) {
        if let run = facts.run {
            let moment = run.endedAt ?? run.startedAt
            // A client may have logged no time at all.
            entry.trainedAt = moment.milliseconds > 0 ? moment : nil
            entry.data = run.datasets.map { dataset in
                VersionEntry.Data(
                    name: dataset.name, digest: dataset.digest, context: dataset.context,
                    sourceType: dataset.sourceType,
                    version: facts.datasetVersions[LoggedDatasetKey(name: dataset.name, digest: dataset.digest)])
            }
        }
        entry.training = commit(
            VersionTag.sourceCommit, repository: VersionTag.sourceRepository, branch: VersionTag.sourceBranch)
        entry.featureEngineering = commit(
            VersionTag.featureEngineeringCommit, repository: VersionTag.featureEngineeringRepository, branch: nil)
        // What was logged for the model itself is nearer to it than what was logged for its run.
        entry.hyperparameters = (facts.run?.params ?? [:]).merging(facts.loggedModel?.params ?? [:]) { $1 }
    }

    private func commit(_ key: String, repository: String, branch: String?) -> VersionEntry.Commit? {
        tag(key).map { found in
            VersionEntry.Commit(
                commit: found.value, repository: tag(repository)?.value, branch: branch.flatMap { tag($0)?.value },
                source: found.source)
        }
    }

    /// The version's own tag, else its run's; an empty one says nothing.
    private func tag(_ key: String) -> VersionEntry.Fact? {
        if let value = record.tags[key], !value.isEmpty {
            return VersionEntry.Fact(value, source: "version tag \(key)")
        }
        if let value = facts.run?.tags[key], !value.isEmpty {
            return VersionEntry.Fact(value, source: "run tag \(key)")
        }
        return nil
    }

    // MARK: people and words

    private func addPeople(to entry: inout VersionEntry) {
        let source = facts.policy.map { "policy version \($0.version)" } ?? ""
        if let policy = facts.policy?.policy {
            entry.owner = VersionEntry.Fact(policy.owner, source: source)
            entry.responsibleTeam = policy.team.map { VersionEntry.Fact($0, source: source) }
            entry.knownLimitations = policy.knownLimitations.map { VersionEntry.Fact($0, source: source) }
        }
        entry.responsibleTeam = entry.responsibleTeam ?? tag(VersionTag.team)
        if let limits = tag(VersionTag.knownLimitations) {
            entry.knownLimitations += limits.value.split(whereSeparator: \.isNewline).map {
                VersionEntry.Fact(String($0), source: limits.source)
            }
        }
        if let description = record.description, !description.isEmpty {
            entry.notes.append(VersionEntry.Fact(description, source: "description of the version"))
        }
        entry.notes += [VersionTag.notes, VersionTag.note].compactMap(tag)
    }

    // MARK: metrics

    /// By data set, those without one last; of each metric the newest value.
    private var evaluations: [VersionEntry.Evaluation] {
        struct Key: Hashable {
            var dataset: String?
            var digest: String?
        }
        var found: [Key: [String: VersionEntry.Evaluation.Metric]] = [:]
        for metric in facts.run?.metrics ?? [] where isOfThisModel(metric.modelID) {
            found[Key(dataset: metric.datasetName, digest: metric.datasetDigest), default: [:]][metric.key] = .init(
                name: metric.key, value: metric.value, loggedAt: metric.loggedAt)
        }
        for point in facts.loggedModel?.metrics.map(\.point) ?? [] {
            let key = Key(dataset: point.datasetName, digest: point.datasetDigest)
            if let known = found[key]?[point.key], known.loggedAt >= point.timestamp { continue }
            found[key, default: [:]][point.key] = .init(name: point.key, value: point.value, loggedAt: point.timestamp)
        }
        return found.map { key, metrics in
            VersionEntry.Evaluation(
                dataset: key.dataset, digest: key.digest, metrics: metrics.values.sorted { $0.name < $1.name })
        }.sorted { first, second in
            switch (first.dataset, second.dataset) {
            case (let one?, let other?): (one, first.digest ?? "") < (other, second.digest ?? "")
            case (_?, nil): true
            default: false
            }
        }
    }

    /// A run may have made several models.
    private func isOfThisModel(_ modelID: String?) -> Bool {
        modelID == nil || record.loggedModelID == nil || modelID == record.loggedModelID
    }

    // MARK: production

    private func status(_ periods: [VersionEntry.Period]) -> VersionEntry.ProductionStatus {
        switch facts.endpoint?.variants.first(where: { $0.version == record.id.version })?.role {
        case .champion: return .inProduction
        case .candidate, .shadow: return .onTrial
        case nil: break
        }
        if periods.contains(where: { $0.kind == .production }) { return .replaced }
        return periods.isEmpty ? .neverServed : .rolledBack
    }
}
