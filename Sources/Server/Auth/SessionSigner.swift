internal import Crypto
internal import Domain
internal import Foundation

/// The dashboard's sessions: a cookie that names an API key and an hour, sealed with a key of this process.
///
/// Nothing is stored: a restart ends all sessions, and a revoked API key ends its own.
struct SessionSigner: Sendable {
    static let cookieName = "martlet_session"
    /// A working day.
    static let lifeSeconds = 43_200.0

    private let key = SymmetricKey(size: .bits256)

    struct Session: Sendable {
        var keyID: String
        /// Shown by forms; proves that the form was ours.
        var csrfToken: String
    }

    func cookie(keyID: String, at now: Timestamp) -> String {
        let expiry = now.adding(seconds: Self.lifeSeconds).milliseconds
        let content = "\(keyID).\(expiry)"
        return "\(content).\(seal("session:" + content))"
    }

    /// - Returns: nil if the cookie is not ours or has expired.
    func open(_ cookie: String, at now: Timestamp) -> Session? {
        let parts = cookie.split(separator: ".").map(String.init)
        guard parts.count == 3, let expiry = Int64(parts[1]), expiry > now.milliseconds,
            isSealed(parts[2], "session:\(parts[0]).\(parts[1])")
        else { return nil }
        return Session(keyID: parts[0], csrfToken: csrfToken(for: cookie))
    }

    func csrfToken(for cookie: String) -> String { seal("csrf:" + cookie) }

    func isCSRFToken(_ token: String, for cookie: String) -> Bool { isSealed(token, "csrf:" + cookie) }

    private func seal(_ text: String) -> String {
        Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key)).map { byte in
            byte < 16 ? "0" + String(byte, radix: 16) : String(byte, radix: 16)
        }.joined()
    }

    /// In constant time.
    private func isSealed(_ code: String, _ text: String) -> Bool {
        var bytes: [UInt8] = []
        var rest = code[...]
        while rest.count >= 2, let byte = UInt8(rest.prefix(2), radix: 16) {
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        guard rest.isEmpty else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(Data(bytes), authenticating: Data(text.utf8), using: key)
    }
}
