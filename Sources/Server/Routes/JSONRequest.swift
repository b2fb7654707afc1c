internal import Domain
internal import Foundation
internal import Hummingbird

/// JSON bodies of the native API.
enum JSONRequest {
    /// - Throws: `invalidArgument` if it is not JSON.
    static func value(_ body: ByteBuffer) throws(MartletError) -> JSONValue {
        do {
            return try JSONDecoder().decode(JSONValue.self, from: Data(body.readableBytesView))
        } catch {
            throw MartletError(.invalidArgument, "The body is not valid JSON.", cause: error)
        }
    }
}
