import Testing

@testable import Server

@Suite("Heads of plain requests")
struct PlainHeadTests {
    private func read(_ text: String) -> PlainHead.Reading {
        Array(text.utf8).withUnsafeBytes { PlainHead.read($0) }
    }

    @Test("method, path, query, length and the fields that the front looks at")
    func plain() throws {
        let text =
            "POST /v2/models/a%20b/infer?x=1&y HTTP/1.1\r\nHost: localhost:8080\r\nCONTENT-length: 12\r\n"
            + "Authorization:  Bearer k \t\r\nContent-Type: application/json\r\nConnection: Keep-Alive\r\nAccept: */*\r\n\r\n"
        guard case .plain(let head) = read(text + "{\"inputs\":[]}") else {
            Issue.record("not plain")
            return
        }
        #expect(head.method == .post && head.path == "/v2/models/a%20b/infer" && head.query == "x=1&y")
        #expect(head.host == "localhost:8080" && head.bodyBytes == 12 && head.headBytes == text.utf8.count)
        #expect(head.authorization == "Bearer k" && head.contentType == "application/json")
        #expect(!head.hasFieldsOfRoutes)
        // However it is cut, it is the same or not there yet.
        for count in 0..<text.utf8.count {
            guard case .incomplete = read(String(decoding: text.utf8.prefix(count), as: UTF8.self)) else {
                Issue.record("\(count) bytes")
                return
            }
        }
    }

    @Test(
        "fields that routes look at are noticed",
        arguments: ["Cookie: a=b", "ORIGIN: http://x", "Content-Encoding: gzip"])
    func fieldsOfRoutes(_ field: String) {
        guard case .plain(let head) = read("GET / HTTP/1.1\r\nHost: h\r\n\(field)\r\n\r\n") else {
            Issue.record("not plain")
            return
        }
        #expect(head.hasFieldsOfRoutes && head.bodyBytes == 0)
    }

    @Test("the length of a request's JSON and the codings of its answer are read")
    func inferenceFields() throws {
        let text =
            "POST /v2/models/m/infer HTTP/1.1\r\nHost: h\r\nInference-Header-Content-Length: 17\r\n"
            + "Accept-Encoding: br\r\nAccept-Encoding: gzip;q=0.5\r\nContent-Length: 20\r\n\r\n"
        guard case .plain(let head) = read(text) else {
            Issue.record("not plain")
            return
        }
        #expect(head.inferenceHeaderLength == "17" && head.acceptEncoding == "br,gzip;q=0.5")
        #expect(head.contentType == nil && !head.hasFieldsOfRoutes)
    }

    @Test(
        "what is not plain is left to the HTTP server",
        arguments: [
            "GET / HTTP/1.0\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
            "GET / HTTP/1.1\nHost: h\n\n", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n",
            "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
            "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nX : y\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\n X: y\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nX\r\n\r\n",
            "GET /\u{E9} HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nInference-Header-Content-Length: 1\r\nInference-Header-Content-Length: 2\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x1\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999999999\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
        ])
    func odd(_ text: String) {
        guard case .odd = read(text) else {
            Issue.record("\(text) is not odd")
            return
        }
    }

    @Test("a head without end is given up at its bound")
    func tooLong() {
        let text = "GET / HTTP/1.1\r\nHost: h\r\nX: " + String(repeating: "x", count: PlainHead.bytesMax)
        guard case .odd = read(text), case .odd = read(text + "\r\n\r\n") else {
            Issue.record("taken")
            return
        }
    }

    @Test(
        "paths of predictions",
        arguments: [
            ("/v2/models/m/infer", "m", nil), ("/v2/models/m/versions/3/infer", "m", 3),
            ("/v2/models/infer/infer", "infer", nil),
        ] as [(String, String, Int?)])
    func inference(_ path: String, _ model: String, _ version: Int?) throws {
        let target = try #require(FrontInference.target(path))
        #expect(target.model == model && target.version == version)
    }

    @Test(
        "other paths are the routes'",
        arguments: [
            "/v2/models/infer", "/v2/models//infer", "/v2/models/a%2Fb/infer", "/v2/models/m/versions/0/infer",
            "/v2/models/m/versions/x/infer", "/v2/models/m/versions//infer", "/v2/models/m/x/3/infer",
            "/v2/models/m/ready",
            "/v2/models//versions/3/infer", "/v2/models/m/versions/3/4/infer",
        ])
    func otherPaths(_ path: String) {
        #expect(FrontInference.target(path) == nil)
    }

    @Test("dates as HTTP writes them")
    func dates() {
        #expect(HTTPDate.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }
}
