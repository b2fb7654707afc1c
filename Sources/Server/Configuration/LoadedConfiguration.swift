internal import Configuration
public import Domain
internal import Foundation
internal import SystemPackage
internal import Yams

/// The configuration as it was found: flag before environment before file before default.
public struct LoadedConfiguration: Sendable {
    /// Where a value came from.
    public enum Source: String, Sendable { case flag, environment, file, `default` }

    public struct Entry: Sendable {
        public var setting: ServerSetting
        public var text: String
        public var source: Source
    }

    public var configuration: ServerConfiguration
    /// Every setting with its effective value, in the order of `ServerSetting.all`.
    public var entries: [Entry]
    /// The file that was read; nil if there was none.
    public var file: String?
    /// All that is wrong; empty if the server can start with this.
    public var problems: [MartletError]

    /// - Parameters:
    ///   - flags: what the command line gave, by the name of its setting.
    ///   - environment: the process's.
    ///   - file: a file that must exist; nil takes `MARTLET_CONFIG`, else `$XDG_CONFIG_HOME/martlet/config.yaml` if it is there.
    public static func load(
        flags: [String: String], environment: [String: String], file: String? = nil
    ) async -> LoadedConfiguration {
        var loaded = LoadedConfiguration(
            configuration: ServerConfiguration(dataDirectory: defaultDataDirectory(environment)), entries: [],
            problems: [])
        let asked = file ?? environment["MARTLET_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
        let path = asked ?? defaultFile(environment)
        var sources: [(Source, ConfigReader)] = [
            (.flag, reader(flags)),
            (
                .environment,
                ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: environment))
                    .scoped(to: "martlet")
            ),
        ]
        if asked != nil || FileManager.default.fileExists(atPath: path) {
            do {
                loaded.file = path
                // A file of comments alone sets nothing.
                if let root = try Yams.compose(yaml: String(contentsOfFile: path, encoding: .utf8)) {
                    let wrong = problems(of: root, file: path)
                    loaded.problems += wrong
                    // Nothing starts with a file that is wrong, and its values would be told of as if they held.
                    if wrong.isEmpty {
                        let provider = try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))
                        sources.append((.file, ConfigReader(provider: provider)))
                    }
                }
            } catch {
                loaded.file = nil
                loaded.problems.append(
                    .invalid("\(path) cannot be read as YAML with one `name: value` a line.", field: "config"))
            }
        }
        loaded.take(from: sources)
        loaded.problems += loaded.configuration.problems
        return loaded
    }

    private mutating func take(from sources: [(Source, ConfigReader)]) {
        for setting in ServerSetting.all {
            var source = Source.default
            for (candidate, reader) in sources {
                guard let text = reader.string(forKey: ConfigKey([setting.name])) else { continue }
                do {
                    try setting.read(text, &configuration)
                } catch {
                    problems.append(.invalid("\(error.message) (\(candidate.rawValue))", field: setting.name))
                }
                source = candidate
                break
            }
            entries.append(Entry(setting: setting, text: setting.text(configuration), source: source))
        }
    }

    private static func reader(_ flags: [String: String]) -> ConfigReader {
        ConfigReader(
            provider: InMemoryProvider(
                name: "flags",
                values: Dictionary(
                    uniqueKeysWithValues: flags.map { name, text in
                        (AbsoluteConfigKey([name]), ConfigValue(.string(text), isSecret: false))
                    })))
    }

    /// Neither a misspelt key nor a value that is none must pass in silence as a default.
    private static func problems(of root: Node, file: String) -> [MartletError] {
        guard let mapping = root.mapping else { return [] }
        return mapping.compactMap { key, value in
            guard let name = key.string, ServerSetting.named(name) != nil else {
                return .invalid(
                    "\(file) has the unknown key \(key.string ?? "that is no text"). `martlet config check` lists the keys.",
                    field: key.string)
            }
            guard value.scalar != nil, value.null == nil else {
                return .invalid("\(name) takes one value, `\(name): value`; \(file) gives none or a list.", field: name)
            }
            return nil
        }
    }

    public static func defaultDataDirectory(_ environment: [String: String]) -> String {
        let base = environment["XDG_DATA_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        return (base ?? (environment["HOME"] ?? "/var/lib") + "/.local/share") + "/martlet"
    }

    private static func defaultFile(_ environment: [String: String]) -> String {
        let base = environment["XDG_CONFIG_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        return (base ?? (environment["HOME"] ?? "/root") + "/.config") + "/martlet/config.yaml"
    }
}
