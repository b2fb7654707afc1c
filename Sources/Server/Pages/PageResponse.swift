internal import Dashboard
internal import Domain
internal import HTTPTypes
internal import Hummingbird

/// Sends pages, with the headers that confine what a browser does with them.
enum PageResponse {
    static func make(
        _ page: some Page, services: Services, principal: Principal?, csrfToken: String? = nil,
        status: HTTPResponse.Status = .ok
    ) -> Response {
        let frame = PageFrame(
            now: services.clock.now(), principalName: principal?.name, csrfToken: csrfToken,
            isDevelopment: services.configuration.isDevelopment, assetVersion: EmbeddedAsset.version)
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: frame.document(page))))
    }

    static func redirect(to link: Link) -> Response {
        Response(status: .seeOther, headers: [.location: link.text, .cacheControl: "no-store"])
    }

    /// Pages show what only their reader may see, so nothing between keeps them.
    private static let headers: HTTPFields = {
        var headers: HTTPFields = [
            .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy: PageFrame.contentSecurityPolicy,
        ]
        for (name, value) in [
            ("referrer-policy", "same-origin"), ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return headers
    }()
}
