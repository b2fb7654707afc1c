/// How much of each item a list gives.
public enum ListDetail: String, Sendable, Hashable, CaseIterable {
    /// Everything, as MLflow does.
    case full
    /// Without params, metrics, tags, inputs and outputs: what a page of rows needs, at a fraction of the cost.
    case basic
}
