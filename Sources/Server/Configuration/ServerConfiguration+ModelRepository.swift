internal import Domain

extension ServerConfiguration {
    /// What is wrong with the settings of a model repository, or with others beside it.
    var repositoryProblems: [MartletError] {
        guard modelRepository != nil else {
            let alone = [
                ("model-name", modelName != nil), ("repository-poll-seconds", repositoryPollSeconds > 0),
                ("key-file", keyFile != nil),
            ]
            return alone.filter(\.1).map { .invalid("\($0.0) needs model-repository.", field: $0.0) }
        }
        // What would be asked for in vain is said.
        let registrys = [
            ("role", role != .all), ("database-url", databaseURL != nil), ("enable-guests", guestsEnabled),
            ("artifact-store", artifactStore != nil), ("encryption-key-file", encryptionKeyFile != nil),
            ("openlineage-url", openLineageURL != nil),
        ]
        var problems: [MartletError] = registrys.filter(\.1).map {
            .invalid("\($0.0) is of a server with a registry; with model-repository there is none.", field: $0.0)
        }
        if isDevelopment, keyFile != nil {
            problems.append(.invalid("dev has no authentication: it takes no key-file.", field: "key-file"))
        }
        return problems
    }
}
