internal import Crypto
internal import Foundation

/// The signature of a delivery, as MLflow and Standard Webhooks make it: HMAC-SHA256 over id, time and body.
enum WebhookSignature {
    /// - Parameters:
    ///   - timestamp: seconds since 1970.
    /// - Returns: `v1,` and base64.
    static func make(secret: String, deliveryID: String, timestamp: Int64, payload: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(deliveryID).\(timestamp).\(payload)".utf8), using: SymmetricKey(data: Data(secret.utf8)))
        return "v1," + Data(code).base64EncodedString()
    }
}
