import Domain
import Foundation
import Testing

@testable import Server

@Suite("Configuration")
struct LoadedConfigurationTests {
    private func file(_ text: String) throws -> String {
        let path = NSTemporaryDirectory() + "martlet-config-\(UUID().uuidString).yaml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    private func load(
        _ flags: [String: String] = [:], _ environment: [String: String] = [:], file: String? = nil
    ) async -> LoadedConfiguration {
        var environment = environment
        environment["HOME"] = "/nowhere"
        return await LoadedConfiguration.load(flags: flags, environment: environment, file: file)
    }

    @Test("without anything the defaults hold and the server can start")
    func defaults() async {
        let loaded = await load()
        #expect(loaded.problems.isEmpty)
        #expect(loaded.configuration.dataDirectory == "/nowhere/.local/share/martlet")
        #expect(loaded.entries.count == ServerSetting.all.count)
        #expect(loaded.entries.allSatisfy { $0.source == .default })
        #expect(Set(ServerSetting.all.map(\.name)).count == ServerSetting.all.count)
    }

    @Test("settings of a model repository go together, and those of a registry do not go with them")
    func modelRepository() async {
        let loaded = await load(["model-repository": "/models", "model-name": "m", "repository-poll-seconds": "5"])
        #expect(loaded.problems.isEmpty)
        #expect(loaded.configuration.modelRepository == "/models")
        for name in ["model-name", "key-file"] { #expect(await load([name: "x"]).problems.map(\.field) == [name]) }
        #expect(await load(["repository-poll-seconds": "1"]).problems.map(\.field) == ["repository-poll-seconds"])
        for (name, text) in [
            ("role", "inference"), ("database-url", "postgresql://h/d"), ("enable-guests", "true"),
            ("artifact-store", "s3://models/p"), ("openlineage-url", "http://h"),
        ] {
            #expect(await load(["model-repository": "/models", name: text]).problems.map(\.field) == [name])
        }
        let dev = await load(["model-repository": "/models", "dev": "true", "key-file": "/keys"])
        #expect(dev.problems.map(\.field) == ["key-file"])
    }

    @Test("only addresses that are loopback for certain count as loopback")
    func loopback() {
        for host in ["localhost", "::1", "127.0.0.1", "127.255.255.254"] {
            #expect(ServerConfiguration.isLoopback(host))
        }
        for host in ["127.example.org", "127.1", "127.0.0.256", "127.0.0.1.example.org", "0.0.0.0", ""] {
            #expect(!ServerConfiguration.isLoopback(host))
        }
    }

    @Test("a flag comes before the environment, that before the file, that before the default")
    func order() async throws {
        let path = try file("port: 1001\nhost: 127.0.0.3\nidle-seconds: 11\ndev: true\n")
        let loaded = await load(
            ["port": "1003"], ["MARTLET_PORT": "1002", "MARTLET_HOST": "127.0.0.2"], file: path)
        #expect(loaded.problems.isEmpty)
        #expect(loaded.configuration.port == 1003)
        #expect(loaded.configuration.host == "127.0.0.2")
        #expect(loaded.configuration.idleSeconds == 11)
        #expect(loaded.configuration.isDevelopment)
        let sources = Dictionary(uniqueKeysWithValues: loaded.entries.map { ($0.setting.name, $0.source) })
        #expect(sources["port"] == .flag)
        #expect(sources["host"] == .environment)
        #expect(sources["idle-seconds"] == .file)
        #expect(sources["role"] == .default)
    }

    @Test("the size of an artifact is 64 GiB unless a flag, a variable or the file says otherwise")
    func artifactSize() async {
        #expect(await load().configuration.artifactMebibytesMax << 20 == 64 << 30)
        let told = await load([:], ["MARTLET_ARTIFACT_MEBIBYTES_MAX": "512"])
        #expect(told.problems.isEmpty && told.configuration.artifactMebibytesMax == 512)
        #expect(await load(["artifact-mebibytes-max": "0"]).problems.map(\.field) == ["artifact-mebibytes-max"])
    }

    @Test("gRPC has port 8081 unless a flag, a variable or the file says otherwise; none turns it off")
    func grpcPort() async throws {
        #expect(await load().configuration.grpcPort == 8081)
        #expect(await load(["grpc-port": "0"]).configuration.grpcPort == 0)
        #expect(await load([:], ["MARTLET_GRPC_PORT": "9000"]).configuration.grpcPort == 9000)
        let off = await load(file: try file("grpc-port: none\n"))
        #expect(off.problems.isEmpty && off.configuration.grpcPort == nil)
        #expect(off.entries.first { $0.setting.name == "grpc-port" }?.text == "none")
        for wrong in ["", "off", "-1", "65536", "8081.0"] {
            #expect(await load(["grpc-port": wrong]).problems.map(\.field) == ["grpc-port"], "\(wrong)")
        }
        #expect(await load(["grpc-port": "8080"]).problems.map(\.field) == ["grpc-port"])
        #expect(await load(["grpc-port": "8080", "role": "control"]).problems.isEmpty)
    }

    @Test("an unknown key of the file is a problem that names it")
    func unknownKey() async throws {
        let loaded = await load(file: try file("prot: 1001\n"))
        #expect(loaded.problems.map(\.field) == ["prot"])
    }

    @Test("a value that is a list, a mapping or nothing is a problem that names its key, never a default")
    func mistypedValue() async throws {
        for value in ["[1]", "{a: 1}", "", "~", "null"] {
            #expect(await load(file: try file("port: \(value)\n")).problems.map(\.field) == ["port"], "\(value)")
        }
    }

    @Test("a file without a setting sets nothing", arguments: ["", "\n", "# nothing yet\n"])
    func emptyFile(text: String) async throws {
        let loaded = await load(file: try file(text))
        #expect(loaded.problems.isEmpty && loaded.file != nil)
        #expect(loaded.configuration.port == 8080)
    }

    @Test("a file that is asked for must be there and must be YAML")
    func missingFile() async throws {
        #expect(await load(file: "/nowhere/x.yaml").problems.count == 1)
        #expect(await load(file: try file("- a\n- b\n")).problems.count == 1)
        #expect(await load([:], ["MARTLET_CONFIG": "/nowhere/x.yaml"]).problems.count == 1)
    }

    @Test("every problem is told, with the setting at fault")
    func problems() async {
        let loaded = await load(["port": "x", "role": "both"], ["MARTLET_DEV": "maybe", "MARTLET_GUEST_USER": "0"])
        #expect(loaded.problems.compactMap(\.field) == ["port", "role", "dev", "guest-user"])
    }

    @Test(
        "plain HTTP is refused on any address but loopback",
        arguments: [
            (["host": "0.0.0.0"], false), (["host": "10.1.2.3"], false), (["host": "::"], false),
            (["host": "0.0.0.0", "behind-proxy": "true"], true),
            (["host": "0.0.0.0", "tls-certificate": "c", "tls-key": "k"], true),
            (["host": "0.0.0.0", "dev": "true", "behind-proxy": "true"], false),
            (["tls-certificate": "c"], false), (["host": "::1"], true), (["host": "localhost"], true),
        ] as [([String: String], Bool)])
    func loopback(flags: [String: String], isLegal: Bool) async {
        #expect(await load(flags).problems.isEmpty == isLegal, "\(flags)")
    }
}
