import Domain
import Foundation
import TestSupport
import Testing

@testable import Storage

@Suite("Where a bucket is and who may use it")
struct S3ConfigurationTests {
    private func location(
        _ url: String, endpoint: String? = nil, addressing: S3Location.Addressing = .auto
    ) throws(MartletError) -> S3Location {
        try S3Location(url: url, endpoint: endpoint, region: "eu-central-1", addressing: addressing)
    }

    @Test("AWS gets the bucket in the host, other servers and names with dots in the path, unless told otherwise")
    func addressing() throws {
        let aws = try location("s3://models/team/a/")
        #expect(aws.authority == "models.s3.eu-central-1.amazonaws.com" && aws.path("blobs/x") == "/team/a/blobs/x")
        #expect(aws.path(nil) == "/")
        let own = try location("s3://models", endpoint: "http://10.0.0.1:9000")
        #expect(
            own.authority == "10.0.0.1:9000" && own.path("blobs/x") == "/models/blobs/x" && own.path(nil) == "/models")
        #expect(try location("s3://my.models").isPathStyle)
        let virtual = try location("s3://models", endpoint: "https://s3.example.org", addressing: .virtual)
        #expect(virtual.authority == "models.s3.example.org")
    }

    @Test(
        "what is no bucket, prefix or endpoint is refused",
        arguments: [
            "", "models", "s3://", "s3://Models", "s3://ab", "s3://models/a b", "s3://models//a", "s3://models/ü",
        ])
    func refused(_ url: String) {
        #expect(throws: MartletError.self) { try location(url) }
    }

    @Test(
        "an endpoint is a URL of a host and nothing more", arguments: ["x", "ftp://x", "http://u@x", "http://x/path"])
    func endpoint(_ endpoint: String) {
        #expect(throws: MartletError.self) { try location("s3://models", endpoint: endpoint) }
    }

    @Test("credentials come from the environment before a web identity before a profile; none says what to set")
    func order() throws {
        var environment = ["HOME": "/nowhere", "AWS_PROFILE": "p"]
        func name() throws -> String { try AWSCredentialSource(environment: environment, region: "us-east-1").name }
        #expect(try name().contains("profile p"))
        environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/token"
        environment["AWS_ROLE_ARN"] = "arn:aws:iam::1:role/r"
        #expect(try name().contains("web identity"))
        environment["AWS_ACCESS_KEY_ID"] = "id"
        environment["AWS_SECRET_ACCESS_KEY"] = "secret"
        #expect(try name() == "the environment")
        #expect(throws: MartletError.self) {
            try AWSCredentialSource(environment: ["HOME": "/nowhere"], region: "us-east-1")
        }
    }

    @Test("a profile is read with its token; a missing one is named")
    func profile() throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/credentials"
        try """
        [default]
        aws_access_key_id = A
        aws_secret_access_key = B
        # a comment
        [work]
        aws_access_key_id=C
        aws_secret_access_key = D=E
        aws_session_token = F
        """.write(toFile: file, atomically: true, encoding: .utf8)
        let work = try AWSCredentialSource.profile("work", file: file)
        #expect(work.accessKeyID == "C" && work.secretAccessKey == "D=E" && work.sessionToken == "F")
        #expect(throws: MartletError.self) { try AWSCredentialSource.profile("other", file: file) }
    }

    @Test("credentials show no secret, however they are printed")
    func printed() {
        let credentials = AWSCredentials(accessKeyID: "A", secretAccessKey: "hidden1", sessionToken: "hidden2")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] { #expect(!text.contains("hidden")) }
    }

    @Test("a part number's size lets 10,000 parts hold a tebibyte, and five gigabytes stay in small parts")
    func parts() {
        let total = (1...10_000).reduce(Int64(0)) { $0 + Int64(S3BlobDraft.partBytes($1)) }
        #expect(total >= 1 << 40)
        #expect((1...640).allSatisfy { S3BlobDraft.partBytes($0) == 8 << 20 })
    }
}
