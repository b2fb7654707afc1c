internal import ArgumentParser
internal import Domain
internal import Foundation
internal import Logging
internal import Server
internal import Storage

/// Which server's databases a command means: the settings of `martlet serve` that name them.
struct DatabaseOptions: ParsableArguments {
    @Option(help: "YAML file of the server's settings.") var config: String?
    @Option(help: "Folder of databases, artifacts and keys.") var dataDir: String?
    @Option(
        help: "postgresql://USER@HOST:PORT/DATABASE, where the databases are not SQLite files (MARTLET_DATABASE_URL).")
    var databaseUrl: String?

    /// The settings that hold.
    ///
    /// - Parameter more: further settings that were given, by name.
    /// - Throws: what is wrong with them.
    func load(_ more: [(String, String?)] = []) async throws -> ServerConfiguration {
        var given: [String: String] = [:]
        given["data-dir"] = dataDir
        given["database-url"] = databaseUrl
        for (name, text) in more { given[name] = text }
        let loaded = await LoadedConfiguration.load(
            flags: given, environment: ProcessInfo.processInfo.environment, file: config)
        if let problem = loaded.problems.first { throw problem }
        return loaded.configuration
    }
}
