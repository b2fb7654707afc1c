internal import ArgumentParser
internal import Foundation
internal import Logging
internal import Server

/// `martlet serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the server.",
        discussion: """
            Every setting is a flag, a variable (MARTLET_DATA_DIR for --data-dir) or a key of the YAML file (data-dir),
            looked for in this order. `martlet config check` shows what holds and where it comes from.
            """)

    @OptionGroup var options: ServeOptions

    func run() async throws {
        let loaded = await options.load()
        if let problem = loaded.problems.first { throw problem }
        let configuration = loaded.configuration
        let level = Logger.Level(rawValue: configuration.logLevel) ?? .info
        let isJSON = configuration.logFormat == .json
        let logger = Logger(label: "martlet") { label in
            var handler: any LogHandler =
                isJSON ? JSONLogHandler(label: label) : StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        try await Bootstrap(configuration: configuration, logger: logger).run()
    }
}
