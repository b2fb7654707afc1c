import AsyncHTTPClient
import Foundation
import Glibc
import NIOCore
import NIOHTTP1

/// A running `martlet serve`: the real binary on a free port, with a data folder of its own.
///
///     let server = try await MartletProcess.start()
///     let answer = try await server.send("GET", "/v2/health/live")
///     #expect(await server.stop() == .exited(0))
final class MartletProcess: Sendable {
    /// Start-up is well under a second; this allows for a loaded machine.
    static let startLimit: Duration = .seconds(60)
    /// Draining is quick; a server that takes longer hangs.
    static let stopLimit: Duration = .seconds(60)
    static let bodyBytesMax = 64 << 20

    /// For example `http://127.0.0.1:41234`.
    let url: String
    let dataDirectory: TemporaryDirectory
    let child: ChildProcess

    private let isWrapped: Bool

    private init(url: String, dataDirectory: TemporaryDirectory, child: ChildProcess, isWrapped: Bool) {
        self.isWrapped = isWrapped
        self.url = url
        self.dataDirectory = dataDirectory
        self.child = child
    }

    /// Starts the server and waits until it answers.
    ///
    /// - Parameters:
    ///   - authenticated: false is `--dev`.
    ///   - dataDirectory: of an earlier process, to start again on its data; nil is a new one.
    ///   - wrapper: a program and arguments put before the server's, for example `["strace", "-f"]`.
    /// - Throws: `Failure` with what the server wrote, if it ends or does not become ready in time.
    static func start(
        authenticated: Bool = false, arguments: [String] = [], environment: [String: String?] = [:],
        dataDirectory: TemporaryDirectory? = nil, wrapper: [String] = []
    ) async throws -> MartletProcess {
        let folder = try dataDirectory ?? TemporaryDirectory()
        var words =
            wrapper + [
                BuildProducts.martlet.path, "serve", "--port", "0", "--grpc-port", "0", "--data-dir", folder.path,
            ]
        if !authenticated { words.append("--dev") }
        words += arguments
        var merged: [String: String?] = ["ONNXRUNTIME_LIB": BuildProducts.onnxRuntime]
        // The person's own settings are not the test's.
        for name in ProcessInfo.processInfo.environment.keys where name.hasPrefix("MARTLET_") {
            merged[name] = .some(nil)
        }
        for (name, value) in environment { merged[name] = value }
        let executable = words[0].contains("/") ? words[0] : "/usr/bin/env"
        let child = try ChildProcess(
            executable, words[0].contains("/") ? Array(words.dropFirst()) : words, environment: merged)
        let url = try await waitUntilReady(child)
        return MartletProcess(url: url, dataDirectory: folder, child: child, isWrapped: !wrapper.isEmpty)
    }

    /// The administrator's first key, from the file that the server wrote.
    ///
    /// - Throws: if there is no such file.
    func adminKey() throws -> String {
        let file = dataDirectory.url.appending(path: "admin-key")
        return try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Sends SIGTERM and waits for the end; SIGKILL if that takes too long.
    @discardableResult
    func stop() async -> ChildProcess.Ending {
        signal(SIGTERM)
        return await withTaskGroup { group in
            group.addTask { await self.child.ended() }
            group.addTask {
                // Cancelled when the child has ended, which is the normal case.
                try? await Task.sleep(for: Self.stopLimit)
                if !Task.isCancelled { self.signal(SIGKILL) }
                return await self.child.ended()
            }
            let ending = await group.next() ?? .signalled(SIGKILL)
            group.cancelAll()
            return ending
        }
    }

    /// `kill -9`, and waits until it is gone.
    func kill() async {
        signal(SIGKILL)
        _ = await child.ended()
    }

    /// To the server itself: a wrapper such as strace would only let go of it.
    private func signal(_ number: Int32) {
        guard isWrapped else { return child.signal(number) }
        let path = "/proc/\(child.identifier)/task/\(child.identifier)/children"
        // No wrapper any more means no server any more.
        let children = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        for identifier in children.split(separator: " ").compactMap({ Int32($0) }) { Glibc.kill(identifier, number) }
    }

    deinit {
        if isWrapped, child.ending == nil { signal(SIGKILL) }
    }

    /// Where gRPC is answered, for example `127.0.0.1:41235`; nil if it is turned off.
    var grpcAddress: String? {
        child.standardOutput.firstMatch(of: /gRPC +(\S+:[0-9]+)/).map { String($0.1) }
    }

    /// What the server has logged.
    var log: String { child.standardError }

    /// One answer.
    struct Answer: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }

        /// - Throws: if the body is not JSON of this type.
        func decoded<T: Decodable>(as type: T.Type = T.self) throws -> T {
            try JSONDecoder().decode(type, from: Data(body))
        }
    }

    /// Sends one request; any status is an answer.
    ///
    /// - Throws: if no answer comes.
    func send(
        _ method: String, _ path: String, body: String? = nil, key: String? = nil, headers: [String: String] = [:],
        timeout: Duration = .seconds(60)
    ) async throws -> Answer {
        try await send(method, path, bytes: body.map { Array($0.utf8) }, key: key, headers: headers, timeout: timeout)
    }

    /// Sends one request with a body of any bytes; any status is an answer.
    ///
    /// - Throws: if no answer comes.
    func send(
        _ method: String, _ path: String, bytes: [UInt8]?, key: String? = nil, headers: [String: String] = [:],
        timeout: Duration = .seconds(60)
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = HTTPMethod(rawValue: method)
        if let bytes {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(bytes)
        }
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: TimeAmount(timeout))
        let body = try await response.body.collect(upTo: Self.bodyBytesMax)
        return Answer(status: Int(response.status.code), headers: response.headers, body: Array(body.readableBytesView))
    }

    /// Waits until a version has been prepared and is served under its explicit path.
    ///
    /// - Throws: `Failure` with the log if that does not happen.
    func waitUntilServed(_ model: String, version: Int, key: String? = nil, limit: Duration = .seconds(90)) async throws
    {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            if try await send("GET", "/v2/models/\(model)/versions/\(version)/ready", key: key).status == 200 { return }
            // Preparation has no event for a client; its outcome is asked for.
            try await Task.sleep(for: .milliseconds(200))
        }
        throw Failure(description: "\(model) version \(version) was not served within \(limit)\n\(log)")
    }

    /// Runs one `martlet` command against this server.
    ///
    /// - Returns: exit code, standard output and standard error.
    /// - Throws: if the binary does not start.
    func martlet(
        _ arguments: String..., key: String? = nil, timeout: Duration = .seconds(60)
    ) async throws -> ProgramResult {
        try await martlet(arguments: arguments, key: key, timeout: timeout)
    }

    func martlet(
        arguments: [String], key: String? = nil, timeout: Duration = .seconds(180)
    ) async throws -> ProgramResult {
        // A home of its own: no credentials of the person who runs the tests.
        let home = try TemporaryDirectory()
        return try await ProgramResult.run(
            BuildProducts.martlet.path, arguments,
            environment: ["MARTLET_URL": url, "MARTLET_KEY": key, "HOME": home.path, "XDG_CONFIG_HOME": nil],
            timeout: timeout)
    }

    /// The server did not start.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private static func waitUntilReady(_ child: ChildProcess) async throws -> String {
        let clock = ContinuousClock()
        let deadline = clock.now + startLimit
        while clock.now < deadline {
            if let ending = child.ending {
                throw Failure(description: "martlet serve ended at its start: \(ending)\n\(child.standardError)")
            }
            if let url = printedURL(child), await isLive(url) { return url }
            // The server writes to a file; there is no event to wait for.
            try await Task.sleep(for: .milliseconds(20))
        }
        child.signal(SIGKILL)
        throw Failure(
            description:
                "martlet serve was not ready within \(startLimit)\n\(child.standardOutput)\n\(child.standardError)")
    }

    private static func printedURL(_ child: ChildProcess) -> String? {
        let said = child.standardOutput + "\n" + child.standardError
        guard let match = said.firstMatch(of: /listening on (https?:\/\/[^\s"]+:[0-9]+)/) else { return nil }
        return String(match.1)
    }

    private static func isLive(_ url: String) async -> Bool {
        let request = HTTPClientRequest(url: url + "/v2/health/live")
        // Refused or slow is "not yet"; the caller has the deadline.
        guard let response = try? await HTTPClient.shared.execute(request, timeout: .seconds(5)) else { return false }
        return response.status == .ok
    }
}
