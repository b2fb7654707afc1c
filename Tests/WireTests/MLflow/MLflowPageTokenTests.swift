import Domain
import Testing
import Wire

@Suite("Page tokens")
struct MLflowPageTokenTests {
    @Test("a token comes back as its offset", arguments: [0, 1, 7, 1000, 123_456_789])
    func roundTrip(offset: Int) throws {
        #expect(try MLflowPageToken.decode(MLflowPageToken.encode(offset)) == offset)
    }

    @Test("it is what MLflow makes")
    func golden() {
        #expect(MLflowPageToken.encode(1000) == "eyJvZmZzZXQiOiAxMDAwfQ==")
    }

    @Test(
        "anything else is refused", arguments: ["garbage!", "e30=", "eyJvZmZzZXQiOiAtMX0=", "////", "eyJvZmZzZXQiOiA"])
    func refusals(token: String) {
        #expect(throws: MartletError.self) { try MLflowPageToken.decode(token) }
    }
}
