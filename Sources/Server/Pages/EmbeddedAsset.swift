internal import CAssets
internal import Crypto
internal import Hummingbird

/// One file that the binary carries for its pages.
struct EmbeddedAsset: Sendable {
    let name: String
    let contentType: String
    let bytes: ByteBuffer

    static let all: [EmbeddedAsset] = [
        EmbeddedAsset("dashboard.css", "text/css; charset=utf-8", martlet_asset_dashboard_css()),
        EmbeddedAsset("dashboard.js", "text/javascript; charset=utf-8", martlet_asset_dashboard_js()),
        EmbeddedAsset("mark.svg", "image/svg+xml", martlet_asset_mark_svg()),
    ]

    /// Changes with any of the files, so that browsers may keep each under its URL for ever.
    static let version: String = {
        var hash = SHA256()
        for asset in all { hash.update(data: asset.bytes.readableBytesView) }
        return hash.finalize().prefix(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }()

    private init(_ name: String, _ contentType: String, _ asset: martlet_asset) {
        self.name = name
        self.contentType = contentType
        bytes = ByteBuffer(bytes: UnsafeBufferPointer(start: asset.bytes, count: asset.count))
    }

    var response: Response {
        Response(
            status: .ok,
            headers: [
                .contentType: contentType, .cacheControl: "public, max-age=31536000, immutable",
                .xContentTypeOptions: "nosniff",
            ],
            body: ResponseBody(byteBuffer: bytes))
    }
}
