internal import ArgumentParser
internal import Domain
internal import Foundation

/// `martlet login`
struct Login: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep a server and a key on this machine for later commands.",
        discussion: "Reads the key from --key, MARTLET_KEY or standard input, and asks the server who it belongs to.")

    @OptionGroup var client: ClientOptions
    @Flag(help: "Only tell who you are.") var show = false

    mutating func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        if !show, client.key == nil, environment["MARTLET_KEY"] == nil {
            if isatty(0) == 1 { print("API key: ", terminator: "") }
            fflush(nil)
            client.key = readLine(strippingNewline: true)?.trimmingCharacters(in: .whitespaces)
        }
        let target = try ClientTarget.resolve(url: client.url, key: client.key, environment: environment)
        let who = try await client.withClient { try await $0.get(["whoami"]) }
        if !show {
            guard let key = target.key else { throw MartletError(.unauthenticated, "No key was given.") }
            try StoredCredentials(url: target.url, key: key).save(environment: environment)
        }
        print("\(target.url): \(Column.plain(who["name"])), \(Column.plain(who["roles"]))")
    }
}
