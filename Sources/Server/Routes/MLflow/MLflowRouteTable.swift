internal import Domain
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Wire

/// Binds calls to paths, one line a call.
struct MLflowRouteTable {
    /// Asks for MLflow's own grammar of filters, without OR and parentheses: `Martlet-Search-Grammar: mlflow`.
    static let grammarHeader = HTTPField.Name("Martlet-Search-Grammar")!  // A literal of legal characters.

    let prefix: String
    let group: RouterGroup<MartletRequestContext>
    /// Whether every filter is held to MLflow's own grammar.
    let isSearchStrict: Bool
    /// The calls that the front answers too.
    let front: FrontCallList

    init(
        prefix: String, router: Router<MartletRequestContext>, isSearchStrict: Bool, front: FrontCallList
    ) {
        self.prefix = prefix
        group = router.group(RouterPath(prefix))
        self.isSearchStrict = isSearchStrict
        self.front = front
    }

    func get(_ path: RouterPath, _ call: @escaping MLflowRoutes.Call) {
        fetch(path, call)
    }

    /// A GET of a row or two by their key, asked for often.
    func getBriefly(_ path: String, _ call: @escaping MLflowRoutes.Call) {
        fetch(RouterPath(path), call)
        let isStrict = isSearchStrict
        front.add(
            .get, "\(prefix)/\(path)",
            FrontCall(role: .viewer, action: Self.action(.viewer)) { request, principal in
                var fields = MLflowRequest(query: QueryItems.parse(request.query))
                fields.dialect = isStrict ? .mlflow : .extended
                return FrontAnswer(body: JSONPrinter.print(try await call(fields, principal)))
            })
    }

    /// A small write, asked for often.
    ///
    /// - Parameter direct: does the work for bodies of a shape that is read faster; false leaves others to `call`.
    func postBriefly(
        _ path: String, bytesMax: Int = MLflowRoutes.bodyBytesMax,
        direct: (@Sendable ([UInt8]) async throws -> Bool)? = nil, _ call: @escaping MLflowRoutes.Call
    ) {
        post(RouterPath(path), bytesMax: bytesMax, call)
        let isStrict = isSearchStrict
        front.add(
            .post, "\(prefix)/\(path)",
            FrontCall(role: .contributor, action: Self.action(.contributor)) { request, principal in
                let body = Array(buffer: request.body)
                if let direct, try await direct(body) { return FrontAnswer(body: Array("{}".utf8)) }
                var fields = try MLflowRequest(tolerating: body)
                fields.dialect = isStrict ? .mlflow : .extended
                return FrontAnswer(body: JSONPrinter.print(try await call(fields, principal)))
            })
    }

    /// Ends the sentence "… may not".
    private static func action(_ role: Role) -> String {
        role == .viewer ? "read" : "write to tracking and registry"
    }

    /// A GET, some of whose fields may stand in its path.
    func fetch(_ path: RouterPath, role: Role = .viewer, _ call: @escaping MLflowRoutes.Call) {
        let isStrict = isSearchStrict
        group.get(path) { request, context in
            let principal = try context.require(role, to: Self.action(.viewer))
            var fields = MLflowRequest(query: QueryItems.parse(request.uri.query))
            fields.dialect = try Self.dialect(request, isStrict: isStrict)
            for (key, value) in context.parameters { fields = fields.adding(String(key), try Self.decoded(value)) }
            return JSONResponse.bytes(JSONPrinter.print(try await call(fields, principal)))
        }
    }

    /// A search is a POST that only reads.
    func search(_ path: RouterPath, _ call: @escaping MLflowRoutes.Call) {
        on(path, .post, role: .viewer, bytesMax: MLflowRoutes.bodyBytesMax, call)
    }

    /// A search whose answer is large.
    func search(_ path: RouterPath, printed call: @escaping MLflowRoutes.PrintedCall) {
        onPrinted(path, .post, role: .viewer, bytesMax: MLflowRoutes.bodyBytesMax, call)
    }

    func post(
        _ path: RouterPath, role: Role = .contributor, bytesMax: Int = MLflowRoutes.bodyBytesMax,
        _ call: @escaping MLflowRoutes.Call
    ) {
        on(path, .post, role: role, bytesMax: bytesMax, call)
    }

    func patch(_ path: RouterPath, role: Role = .contributor, _ call: @escaping MLflowRoutes.Call) {
        on(path, .patch, role: role, bytesMax: MLflowRoutes.bodyBytesMax, call)
    }

    func delete(_ path: RouterPath, role: Role = .contributor, _ call: @escaping MLflowRoutes.Call) {
        on(path, .delete, role: role, bytesMax: MLflowRoutes.bodyBytesMax, call)
    }

    /// The router hands out the parts of a path as they were escaped.
    private static func decoded(_ part: Substring) throws -> String {
        guard let text = String(part).removingPercentEncoding else {
            throw MartletError.invalid("The path's percent-encoding cannot be read.", field: "path")
        }
        return text
    }

    private static func dialect(_ request: Request, isStrict: Bool) throws -> SearchGrammar.Dialect {
        switch request.headers[grammarHeader] {
        case nil: return isStrict ? .mlflow : .extended
        case "mlflow": return .mlflow
        case "extended": return .extended
        case let other?:
            throw MartletError.invalid(
                "\(grammarHeader) is mlflow or extended, not '\(other.prefix(40))'.", field: "\(grammarHeader)")
        }
    }

    /// As MLflow has it, which also keeps other sites' forms from posting here.
    private static func checkContentType(_ request: Request) throws {
        guard request.method == .post else { return }
        guard let type = request.headers[.contentType] else {
            throw MartletError.invalid("Bad Request. Content-Type header is missing.")
        }
        let media = type.split(separator: ";").first?.trimmingCharacters(in: .whitespaces).lowercased()
        guard media == "application/json" else {
            throw MartletError.invalid("Bad Request. Content-Type must be one of ['application/json'].")
        }
    }

    private func on(
        _ path: RouterPath, _ method: HTTPRequest.Method, role: Role, bytesMax: Int, _ call: @escaping MLflowRoutes.Call
    ) {
        onPrinted(path, method, role: role, bytesMax: bytesMax) { JSONPrinter.print(try await call($0, $1)) }
    }

    private func onPrinted(
        _ path: RouterPath, _ method: HTTPRequest.Method, role: Role, bytesMax: Int,
        _ call: @escaping MLflowRoutes.PrintedCall
    ) {
        let isStrict = isSearchStrict
        group.on(path, method: method) { request, context in
            let principal = try context.require(role, to: Self.action(role))
            try Self.checkContentType(request)
            let body = try await request.body.collect(upTo: bytesMax)
            var fields = try MLflowRequest(tolerating: Array(buffer: body))
            fields.dialect = try Self.dialect(request, isStrict: isStrict)
            // What stands in the path counts as a field: `/logged-models/{model_id}`.
            for (key, value) in context.parameters { fields = fields.adding(String(key), try Self.decoded(value)) }
            return JSONResponse.bytes(try await call(fields, principal))
        }
    }
}
