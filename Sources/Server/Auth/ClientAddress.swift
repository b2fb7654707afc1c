internal import HTTPTypes
internal import Hummingbird

/// Where a request comes from, for counting wrong keys.
enum ClientAddress {
    private static let forwardedFor = HTTPField.Name("x-forwarded-for")

    /// Behind a proxy, the address that it saw, which it appends; what stands before it is the client's own claim.
    static func of(_ request: Request, _ context: MartletRequestContext, isBehindProxy: Bool) -> String? {
        if isBehindProxy, let forwardedFor, let list = request.headers[forwardedFor],
            let last = list.split(separator: ",").last
        {
            return String(last.drop { $0 == " " }.prefix(64))
        }
        return context.remoteAddress?.ipAddress
    }
}
