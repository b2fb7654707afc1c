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

    @Test("a token of one question is of no other")
    func questions() throws {
        func question(_ ids: String) -> [MLflowPageToken.Part] {
            [.init("Experiment IDs", of: ids), .init("Filter string", of: "")]
        }
        let token = MLflowPageToken.encode(9, of: question("1"))
        #expect(try MLflowPageToken.decode(token, of: question("1")) == 9)
        let refusal = #expect(throws: MartletError.self) { try MLflowPageToken.decode(token, of: question("2")) }
        #expect(refusal?.message.hasPrefix("Experiment IDs in the page token do not match the requested") == true)
        #expect(throws: MartletError.self) { try MLflowPageToken.decode(token) }
        #expect(throws: MartletError.self) { try MLflowPageToken.decode(MLflowPageToken.encode(9), of: question("1")) }
    }

    @Test(
        "anything else is refused", arguments: ["garbage!", "e30=", "eyJvZmZzZXQiOiAtMX0=", "////", "eyJvZmZzZXQiOiA"])
    func refusals(token: String) {
        let refusal = #expect(throws: MartletError.self) { try MLflowPageToken.decode(token) }
        #expect(refusal?.message.hasPrefix("Invalid page token, could not base64-decode") == true)
    }
}
