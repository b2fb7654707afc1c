internal import Domain
internal import NIOHPACK
internal import Wire

/// What the header fields of a call say.
struct GRPCRequestHead {
    /// A call that ends with its head. Some are told by HTTP's status, too, so that what is no client of gRPC understands it.
    struct Refusal: Error {
        var httpStatus = 200
        let status: GRPCStatus
    }

    let method: GRPCMethod
    let authority: String?
    let authorization: String?
    let forwardedFor: String?
    /// Nanoseconds from now on.
    let timeoutNanoseconds: Int64?

    init(_ headers: HPACKHeaders) throws(Refusal) {
        var (verb, path, contentType, encoding) = ("", "", "", "identity")
        var (authority, authorization, forwardedFor, timeout): (String?, String?, String?, String?)
        for (name, value, _) in headers {
            switch name {
            case ":method": verb = value
            case ":path": path = value
            case ":authority": authority = value
            case "host": authority = authority ?? value
            case "content-type": contentType = value
            case "grpc-encoding": encoding = value
            case "grpc-timeout": timeout = value
            case "x-forwarded-for": forwardedFor = forwardedFor.map { "\($0),\(value)" } ?? value
            case "authorization":
                guard authorization == nil else {
                    throw Refusal(status: GRPCStatus(.unauthenticated, "The call has more than one authorization."))
                }
                authorization = value
            default: break
            }
        }
        guard verb == "POST" else {
            throw Refusal(httpStatus: 405, status: GRPCStatus(.unimplemented, "A call of gRPC is a POST."))
        }
        guard Self.isProtobuf(contentType) else {
            throw Refusal(
                httpStatus: 415,
                status: GRPCStatus(.unimplemented, "This port takes calls of gRPC: the content type application/grpc."))
        }
        guard let method = GRPCMethod(path: path) else {
            throw Refusal(
                status: GRPCStatus(
                    .unimplemented, "There is no method \(RequestLogMiddleware.printable(String(path.prefix(200))))."))
        }
        guard encoding == "identity" else {
            throw Refusal(
                status: GRPCStatus(
                    .unimplemented, "Compressed messages (\(encoding.prefix(64))) are not taken by this server."))
        }
        if let timeout {
            guard let nanoseconds = GRPCTimeout.nanoseconds(timeout) else {
                throw Refusal(
                    status: GRPCStatus(.invalidArgument, "The grpc-timeout \(timeout.prefix(64)) is no timeout."))
            }
            timeoutNanoseconds = nanoseconds
        } else {
            timeoutNanoseconds = nil
        }
        self.method = method
        self.authority = authority
        self.authorization = authorization
        self.forwardedFor = forwardedFor
    }

    /// `application/grpc`, with `+proto` and parameters or without. Not the web's form, nor other encodings of messages.
    private static func isProtobuf(_ type: String) -> Bool {
        if type == "application/grpc" { return true }
        let essence = type.prefix { $0 != ";" && $0 != " " }
        return essence == "application/grpc" || essence == "application/grpc+proto"
    }
}
