/// The tags by which people tell what no client logs by itself. A tag of the version goes before the same tag of its run.
public enum VersionTag {
    /// The commit of the code that made the features.
    public static let featureEngineeringCommit = "martlet.feature_engineering.commit"
    /// The repository of that commit.
    public static let featureEngineeringRepository = "martlet.feature_engineering.repository"
    /// The responsible team, where no policy names one.
    public static let team = "martlet.team"
    /// Known limitations beside those of the policy, one a line.
    public static let knownLimitations = "martlet.known_limitations"
    /// Notes for whoever reads the version's entry.
    public static let notes = "martlet.notes"
    /// Of a run: the artifact that holds the reference rows, where it is not `reference.csv`.
    public static let reference = "martlet.reference"
    /// The version of the same model that an optimised one was made of, as `MODEL/VERSION`.
    public static let derivedFrom = "martlet.derived_from"
    /// How: `int8`, `fp16` or `prune 0.3`.
    public static let optimization = "martlet.optimization"

    // What MLflow's clients log by themselves.
    public static let sourceCommit = "mlflow.source.git.commit"
    public static let sourceRepository = "mlflow.source.git.repoURL"
    public static let sourceBranch = "mlflow.source.git.branch"
    public static let sourceName = "mlflow.source.name"
    public static let note = "mlflow.note.content"
}
