import Foundation
import Testing

@testable import Storage

/// The examples of Amazon's S3 API reference, "Signature Calculations for the Authorization Header" and "Query Parameters".
@Suite("AWS Signature Version 4")
struct SignatureV4Tests {
    private let signer = SignatureV4(
        credentials: AWSCredentials(
            accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        region: "us-east-1")
    /// 2013-05-24T00:00:00Z
    private let time = Date(timeIntervalSince1970: 1_369_353_600)
    private let host = ("host", "examplebucket.s3.amazonaws.com")

    private func signature(
        _ method: String, _ path: String, query: [(String, String)] = [], headers: [(String, String)] = [],
        payload: String = SignatureV4.emptyPayload
    ) -> String? {
        let signed = signer.signedHeaders(
            SignatureV4.Request(method: method, path: path, query: query, headers: [host] + headers),
            payloadHash: payload, at: time)
        return signed.first { $0.name == "authorization" }?.value.split(separator: "=").last.map(String.init)
    }

    @Test("GET of a range")
    func range() {
        #expect(
            signature("GET", "/test.txt", headers: [("range", "bytes=0-9")])
                == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
    }

    @Test("PUT with a body, and a path that needs encoding")
    func put() {
        let headers = [("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")]
        #expect(
            signature(
                "PUT", "/test$file.text", headers: headers,
                payload: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072")
                == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
    }

    @Test("a query without a value, and one with several")
    func queries() {
        #expect(
            signature("GET", "/", query: [("lifecycle", "")])
                == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
        #expect(
            signature("GET", "/", query: [("prefix", "J"), ("max-keys", "2")])
                == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    @Test("a presigned URL")
    func presigned() {
        let query = signer.presignedQuery(
            SignatureV4.Request(method: "GET", path: "/test.txt", headers: [host]), expiresIn: 86_400, at: time)
        #expect(
            query
                == "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        )
    }

    @Test("one changed character of the secret changes the signature")
    func secret() {
        var other = signer
        other.credentials.secretAccessKey += "x"
        let request = SignatureV4.Request(method: "GET", path: "/", headers: [host])
        #expect(
            other.presignedQuery(request, expiresIn: 1, at: time)
                != signer.presignedQuery(request, expiresIn: 1, at: time))
    }
}
