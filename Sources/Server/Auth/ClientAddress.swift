internal import HTTPTypes
internal import Hummingbird

/// The address by which wrong keys are counted.
enum ClientAddress {
    /// A proxy appends the address that it saw; what stands before it is the client's own claim.
    ///
    /// - Parameter isBehindProxy: whether the peer is a proxy, whose X-Forwarded-For tells the client's address.
    static func of(_ request: Request, _ context: MartletRequestContext, isBehindProxy: Bool) -> String? {
        if isBehindProxy, let name = HTTPField.Name("x-forwarded-for"), let list = request.headers[name],
            let address = last(of: list)
        {
            return address
        }
        return context.remoteAddress?.ipAddress
    }

    /// The address at the end of a list of them; nil if the list is empty.
    static func last(of list: String) -> String? {
        list.split(separator: ",").last.map { String($0.drop { $0 == " " }.prefix(64)) }
    }
}
