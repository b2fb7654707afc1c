internal import Storage

/// Of a server without a dashboard: nobody signs in there, so that no cookie proves anybody.
struct NoSessions: KeyProving {
    func authenticate(_ text: String) async throws -> KeyStore.Authenticated? { nil }
    func holder(ofKey id: String) async throws -> KeyStore.Authenticated? { nil }
}
