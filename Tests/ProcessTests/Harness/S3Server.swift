import AsyncHTTPClient
import Foundation
import NIOCore

/// A running S3 server that checks signatures (moto), with one user and the bucket `models`.
final class S3Server: Sendable {
    /// What the server says of itself.
    private struct Announcement: Decodable {
        var url: String
        var key: String
        var secret: String
    }

    /// Importing moto takes a few seconds on a loaded machine.
    static let startLimit: Duration = .seconds(90)

    let url: String
    private let key: String
    private let secret: String
    private let child: ChildProcess

    private init(_ said: Announcement, child: ChildProcess) {
        (url, key, secret) = (said.url, said.key, said.secret)
        self.child = child
    }

    /// - Throws: `MartletProcess.Failure` with what it wrote, if it does not start in time.
    static func start() async throws -> S3Server {
        guard let python = BuildProducts.python else {
            throw MartletProcess.Failure(description: "There is no Python environment: run script/bootstrap.")
        }
        let script = BuildProducts.repository.appending(path: "Tests/ProcessTests/Python/s3_server.py").path
        let child = try ChildProcess(python, [script], environment: ["PYTHONUNBUFFERED": "1"])
        let deadline = ContinuousClock.now + startLimit
        while ContinuousClock.now < deadline, child.ending == nil {
            if let line = child.standardOutput.split(separator: "\n").first {
                let said = try JSONDecoder().decode(Announcement.self, from: Data(line.utf8))
                return S3Server(said, child: child)
            }
            // It writes to a file; there is no event to wait for.
            try await Task.sleep(for: .milliseconds(50))
        }
        throw MartletProcess.Failure(description: "the S3 server did not start\n\(child.standardError)")
    }

    /// Ends it at once.
    func kill() async {
        child.signal(SIGKILL)
        _ = await child.ended()
    }

    /// Flags of `martlet serve` that keep artifacts here.
    func arguments(prefix: String = "team/a") -> [String] {
        ["--artifact-store", "s3://models/\(prefix)", "--s3-endpoint", url, "--s3-region", "us-east-1"]
    }

    /// Variables with the user's keys.
    func environment(secret: String? = nil) -> [String: String?] {
        [
            "AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret ?? self.secret, "AWS_SESSION_TOKEN": nil,
            "AWS_PROFILE": nil, "AWS_WEB_IDENTITY_TOKEN_FILE": nil, "S3_URL": url,
        ]
    }

    /// Writes a credentials file with one profile, and gives its path.
    func profileFile(_ folder: TemporaryDirectory, name: String) throws -> String {
        let file = folder.url.appending(path: "credentials")
        let text = "[\(name)]\naws_access_key_id = \(key)\naws_secret_access_key = \(secret)\n"
        try Data(text.utf8).write(to: file)
        return file.path
    }

    /// How many requests there were: by method, or `sts`.
    func count(_ what: String) async throws -> Int {
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: url + "/_counts"), timeout: .seconds(30))
        let body = try await response.body.collect(upTo: 1 << 20)
        return try JSONDecoder().decode([String: Int].self, from: Data(body.readableBytesView))[what] ?? 0
    }
}
