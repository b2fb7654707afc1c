internal import Domain
internal import Foundation
internal import Logging
internal import NIOSSL
internal import ServiceLifecycle
internal import Synchronization

/// The certificate with which the server is known, on both of its ports, and the authority that its clients must be certified by.
///
/// The files are looked at every few seconds and read anew when they have changed: a certificate that is renewed holds for connections made from
/// then on. What cannot be used is logged, and the one before stays.
final class TLSCertificates: Service {
    /// The contexts of new connections.
    struct Contexts: Sendable {
        let http: NIOSSLContext
        let grpc: NIOSSLContext
    }

    /// How often the files are looked at.
    static let interval = Duration.seconds(5)

    private let certificate: String
    private let key: String
    private let clientAuthority: String?
    private let logger: Logger
    private let contexts: Mutex<Contexts>

    /// - Parameter clientAuthority: PEM file with the certificates of those who certify clients; nil asks no client for a certificate.
    /// - Throws: `invalidArgument`, naming the setting, if the files are not what they should be.
    init(certificate: String, key: String, clientAuthority: String?, logger: Logger) throws {
        self.certificate = certificate
        self.key = key
        self.clientAuthority = clientAuthority
        self.logger = logger
        contexts = Mutex(try Self.contexts(certificate, key, clientAuthority))
    }

    var current: Contexts { contexts.withLock { $0 } }

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.watch() }
    }

    private func watch() async {
        var seen = contents
        // Sleeping throws only when the server stops.
        while (try? await Task.sleep(for: Self.interval)) != nil {
            let found = contents
            guard found != seen else { continue }
            seen = found
            readAgain()
        }
    }

    private func readAgain() {
        do {
            let new = try Self.contexts(certificate, key, clientAuthority)
            contexts.withLock { $0 = new }
            logger.notice("the TLS certificate was read anew", metadata: ["file": "\(certificate)"])
        } catch {
            logger.error(
                "the TLS certificate has changed and cannot be used; the one before stays",
                metadata: ["file": "\(certificate)", "error": "\(error)"])
        }
    }

    /// What the files hold: a few kilobytes, and the one thing that tells every way in which they may be replaced.
    private var contents: [Data?] {
        [certificate, key, clientAuthority].compactMap { $0 }.map { FileManager.default.contents(atPath: $0) }
    }

    private static func contexts(_ certificate: String, _ key: String, _ clientAuthority: String?) throws -> Contexts {
        let chain = try StartFailure.naming("tls-certificate", certificate, "PEM certificates") {
            try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
        }
        let privateKey = try StartFailure.naming("tls-key", key, "a PEM private key") {
            try NIOSSLPrivateKey(file: key, format: .pem)
        }
        var settings = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(privateKey))
        if let clientAuthority {
            let trusted = try StartFailure.naming("tls-client-authority", clientAuthority, "PEM certificates") {
                try NIOSSLCertificate.fromPEMFile(clientAuthority)
            }
            settings.trustRoots = .certificates(trusted)
            // A client has no name that could be compared.
            settings.certificateVerification = .noHostnameVerification
        }
        do {
            let http = try NIOSSLContext(configuration: settings)
            settings.applicationProtocols = ["h2"]
            return Contexts(http: http, grpc: try NIOSSLContext(configuration: settings))
        } catch {
            throw MartletError(
                .invalidArgument,
                "TLS cannot be set up: does the key \(key) belong to the certificate \(certificate)?",
                field: "tls-key", cause: error)
        }
    }
}
