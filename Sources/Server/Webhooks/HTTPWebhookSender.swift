internal import AsyncHTTPClient
internal import Domain
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Posts a delivery over HTTP: signed, to an address that was checked, without following redirects, within a deadline.
struct HTTPWebhookSender: WebhookSending {
    let resolver: WebhookResolver
    let clock: any WallClock

    func send(_ parcel: WebhookParcel) async -> WebhookOutcome {
        guard let host = URLComponents(string: parcel.url)?.host, !host.isEmpty else {
            return WebhookOutcome(error: "The webhook's URL cannot be read.", isFinal: true)
        }
        let name = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        do {
            let address = try await resolver.address(of: name)
            return try await post(parcel, host: name, address: address)
        } catch let error as MartletError {
            return WebhookOutcome(error: error.message, isFinal: error.code == .permissionDenied)
        } catch {
            // What the client says names the failure, not the body or the secret.
            return WebhookOutcome(error: "The webhook could not be reached: \(error)")
        }
    }

    private func post(_ parcel: WebhookParcel, host: String, address: String) async throws -> WebhookOutcome {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout = .init(connect: .seconds(5), read: .seconds(Int64(WebhookRules.deadlineSeconds)))
        // The name stands in Host and is what the certificate must be of; the connection goes to the address that was checked.
        if address != host { configuration.dnsOverride = [host: address] }
        let client = HTTPClient(
            eventLoopGroupProvider: .shared(MultiThreadedEventLoopGroup.singleton), configuration: configuration)
        do {
            let outcome = try await exchange(parcel, client)
            try await client.shutdown()
            return outcome
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    private func exchange(_ parcel: WebhookParcel, _ client: HTTPClient) async throws -> WebhookOutcome {
        let timestamp = clock.now().milliseconds / 1000
        var request = HTTPClientRequest(url: parcel.url)
        request.method = .POST
        request.headers = [
            "content-type": "application/json", "user-agent": "martlet", "x-mlflow-delivery-id": parcel.deliveryID,
            "x-mlflow-timestamp": String(timestamp),
        ]
        if let secret = parcel.secret {
            request.headers.add(
                name: "x-mlflow-signature",
                value: WebhookSignature.make(
                    secret: secret, deliveryID: parcel.deliveryID, timestamp: timestamp, payload: parcel.payload))
        }
        request.body = .bytes(ByteBuffer(string: parcel.payload))
        let response = try await client.execute(request, timeout: .seconds(Int64(WebhookRules.deadlineSeconds)))
        return WebhookOutcome(
            status: Int(response.status.code), body: try await Self.beginning(of: response.body),
            retryAfter: response.headers.first(name: "retry-after").flatMap { Int($0) })
    }

    /// The first bytes of an answer; the rest is not read.
    private static func beginning(of body: HTTPClientResponse.Body) async throws -> String {
        var bytes: [UInt8] = []
        for try await part in body {
            bytes += part.readableBytesView.prefix(WebhookRules.answerBytesMax - bytes.count)
            if bytes.count >= WebhookRules.answerBytesMax { break }
        }
        // A character cut in two, and NUL, which the database does not keep, are shown as what they are not.
        return String(decoding: bytes, as: UTF8.self).replacing("\0", with: "\u{FFFD}")
    }
}
