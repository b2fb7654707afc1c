/// How refusals of one kind of search begin: MLflow's clients match on them, and its searches do not agree.
struct SearchWords: Sendable {
    var clause = "Invalid clause(s) in filter string"
    var comparator = "Invalid comparator"
    var orderKey = "attribute key"
}
