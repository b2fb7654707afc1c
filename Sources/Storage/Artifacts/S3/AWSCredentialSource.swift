internal import AsyncHTTPClient
internal import Domain
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// Where credentials come from, in AWS's order: environment, web identity, profile. Those that expire are asked for anew five
/// minutes before they do.
actor AWSCredentialSource {
    /// Before the end of their life, in seconds.
    static let refreshSeconds = 300.0
    /// How long a profile's keys are believed before the file is read again, in seconds.
    static let profileSeconds = 300.0

    private enum Kind {
        case fixed(AWSCredentials)
        case webIdentity(tokenFile: String, role: String, session: String)
        case profile(file: String, name: String)
    }

    private let kind: Kind
    private let region: String
    private let stsURL: String
    private var cached: (credentials: AWSCredentials, until: Date)?
    /// The request that others wait for too.
    private var inFlight: Task<AWSCredentials, any Error>?

    /// Which source there is, for messages.
    nonisolated let name: String

    /// - Throws: `failedPrecondition` if the environment names none.
    init(environment: [String: String], region: String) throws {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        self.region = region
        let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        stsURL = value("AWS_ENDPOINT_URL_STS") ?? "https://sts.\(region).\(domain)"
        let file = value("AWS_SHARED_CREDENTIALS_FILE") ?? (value("HOME") ?? "/root") + "/.aws/credentials"
        if let id = value("AWS_ACCESS_KEY_ID"), let secret = value("AWS_SECRET_ACCESS_KEY") {
            kind = .fixed(
                AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: value("AWS_SESSION_TOKEN")))
            name = "the environment"
        } else if let token = value("AWS_WEB_IDENTITY_TOKEN_FILE"), let role = value("AWS_ROLE_ARN") {
            kind = .webIdentity(
                tokenFile: token, role: role, session: value("AWS_ROLE_SESSION_NAME") ?? "martlet")
            name = "the web identity of \(role)"
        } else if value("AWS_PROFILE") != nil || FileManager.default.fileExists(atPath: file) {
            let profile = value("AWS_PROFILE") ?? "default"
            kind = .profile(file: file, name: profile)
            name = "the profile \(profile) of \(file)"
        } else {
            throw MartletError.precondition(
                "There are no credentials for S3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, or a profile in \(file)."
            )
        }
    }

    /// Credentials that are good for some minutes.
    ///
    /// - Throws: `failedPrecondition` if a file holds none, `unavailable` if AWS gives none.
    func credentials() async throws -> AWSCredentials {
        if case .fixed(let credentials) = kind { return credentials }
        if let cached, cached.until > Date() { return cached.credentials }
        if let inFlight { return try await inFlight.value }
        let task = Task { try await self.fetch() }
        inFlight = task
        defer { inFlight = nil }
        let credentials = try await task.value
        let until =
            credentials.expiresAt?.addingTimeInterval(-Self.refreshSeconds)
            ?? Date().addingTimeInterval(Self.profileSeconds)
        cached = (credentials, until)
        return credentials
    }

    private func fetch() async throws -> AWSCredentials {
        switch kind {
        case .fixed(let credentials): return credentials
        case .profile(let file, let name): return try Self.profile(name, file: file)
        case .webIdentity(let tokenFile, let role, let session):
            return try await assumeRole(tokenFile: tokenFile, role: role, session: session)
        }
    }

    // MARK: profile

    static func profile(_ name: String, file: String) throws -> AWSCredentials {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw MartletError.precondition("\(file) cannot be read, and it must hold the profile \(name).")
        }
        let values = INIFile.section(name, of: String(decoding: data, as: UTF8.self))
        guard let id = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] else {
            throw MartletError.precondition(
                "\(file) has no profile \(name) with aws_access_key_id and aws_secret_access_key.")
        }
        return AWSCredentials(accessKeyID: id, secretAccessKey: secret, sessionToken: values["aws_session_token"])
    }

    // MARK: web identity

    private func assumeRole(tokenFile: String, role: String, session: String) async throws -> AWSCredentials {
        guard let data = FileManager.default.contents(atPath: tokenFile) else {
            throw MartletError.precondition("AWS_WEB_IDENTITY_TOKEN_FILE names \(tokenFile), which cannot be read.")
        }
        let token = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        var request = HTTPClientRequest(url: stsURL + "/")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/x-www-form-urlencoded; charset=utf-8")
        // In the body: URLs end up in logs.
        request.body = .bytes(
            ByteBuffer(
                string: SignatureV4.queryText([
                    ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
                    ("RoleSessionName", session), ("WebIdentityToken", token),
                ])))
        let status: UInt
        let text: String
        do {
            let response = try await S3Client.http.execute(request, timeout: .seconds(30))
            status = response.status.code
            text = String(buffer: try await response.body.collect(upTo: 1 << 20))
        } catch {
            throw MartletError(.unavailable, "\(stsURL) did not answer AssumeRoleWithWebIdentity.", cause: error)
        }
        guard status == 200, let id = S3XML.value("AccessKeyId", in: text),
            let secret = S3XML.value("SecretAccessKey", in: text),
            let sessionToken = S3XML.value("SessionToken", in: text)
        else {
            let code = S3XML.value("Code", in: text) ?? String(status)
            throw MartletError(.unavailable, "\(stsURL) refused the role \(role) to this web identity (\(code)).")
        }
        let expiry = S3XML.value("Expiration", in: text).flatMap(Self.date)
        return AWSCredentials(
            accessKeyID: id, secretAccessKey: secret, sessionToken: sessionToken,
            // Without a date that can be read they are believed for the shortest life that AWS gives.
            expiresAt: expiry ?? Date().addingTimeInterval(900))
    }

    /// ISO 8601, with or without a fraction.
    static func date(_ text: String) -> Date? {
        let whole = text.split(separator: ".").first.map { $0.hasSuffix("Z") ? String($0) : $0 + "Z" }
        return whole.flatMap { try? Date($0, strategy: .iso8601) }
    }
}
