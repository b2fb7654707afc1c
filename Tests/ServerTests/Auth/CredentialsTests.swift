import Foundation
import Testing

@testable import Server

@Suite("The API key of a request")
struct CredentialsTests {
    @Test(
        "a bearer key comes without the blanks around it, whatever the scheme's case",
        arguments: ["Bearer mk_1_a", "bearer mk_1_a", "BEARER   mk_1_a", "Bearer \tmk_1_a \t "])
    func bearer(header: String) throws {
        let shown = try #require(Credentials.parse(header))
        #expect(shown.key == "mk_1_a" && shown.name == nil)
    }

    @Test("a basic password is the key; the user's name must match unless it is a placeholder")
    func basic() throws {
        func parse(_ text: String) -> (key: String, name: String?)? {
            Credentials.parse("Basic " + Data(text.utf8).base64EncodedString())
        }
        #expect(try #require(parse("ada:mk_1_a")) == ("mk_1_a", "ada"))
        for name in ["", "token", "key"] { #expect(try #require(parse(name + ":mk_1:a")) == ("mk_1:a", nil)) }
        #expect(parse("no colon") == nil)
    }

    @Test(
        "anything else is none",
        arguments: [
            "", "Bearer", "Digest x", "Basic %", "mk_1_a", "Bearer\tx", "Bearer " + String(repeating: "k", count: 1024),
        ])
    func foreign(header: String) {
        #expect(Credentials.parse(header) == nil)
    }

    @Test("bytes that are no text, and an empty key, harm nothing")
    func odd() {
        #expect(Credentials.parse("Bearer  ")?.key ?? "" == "")
        #expect(Credentials.parse("Bearer \u{FFFD}é")?.key == "\u{FFFD}é")
    }
}
