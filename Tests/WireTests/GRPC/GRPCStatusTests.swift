import Domain
import Testing

@testable import Wire

@Suite("gRPC: status and timeout")
struct GRPCStatusTests {
    @Test("messages are percent-encoded but for printable ASCII")
    func messages() {
        #expect(GRPCStatus(.internal, "All is well, 100 %").encodedMessage == "All is well, 100 %25")
        #expect(GRPCStatus(.internal, "é\n\u{7F}").encodedMessage == "%C3%A9%0A%7F")
    }

    @Test("a long message is cut between two characters")
    func longMessages() {
        let encoded = GRPCStatus(.internal, String(repeating: "é", count: 5_000)).encodedMessage
        #expect(encoded.utf8.count <= GRPCStatus.encodedBytesMax)
        #expect(encoded.utf8.count > GRPCStatus.encodedBytesMax - 6)
        #expect(encoded.hasSuffix("%C3%A9"))
        let plain = GRPCStatus(.internal, String(repeating: "a", count: 5_000)).encodedMessage
        #expect(plain.utf8.count == GRPCStatus.encodedBytesMax)
    }

    @Test("every code of an error has the code that clients know it by")
    func codes() {
        let codes = MartletError.Code.allCases.map { GRPCStatus.Code($0).rawValue }
        #expect(codes == [3, 16, 7, 5, 6, 9, 8, 3, 8, 13, 12, 14, 4])
    }

    @Test("timeouts have one to eight digits and a unit")
    func timeouts() {
        #expect(GRPCTimeout.nanoseconds("5n") == 5)
        #expect(GRPCTimeout.nanoseconds("7u") == 7_000)
        #expect(GRPCTimeout.nanoseconds("20m") == 20_000_000)
        #expect(GRPCTimeout.nanoseconds("1S") == 1_000_000_000)
        #expect(GRPCTimeout.nanoseconds("2M") == 120_000_000_000)
        #expect(GRPCTimeout.nanoseconds("1H") == 3_600_000_000_000)
        #expect(GRPCTimeout.nanoseconds("00000000S") == 0)
        #expect(GRPCTimeout.nanoseconds("99999999H") == .max)
        for text in ["", "S", "1", "123456789S", "-1S", "1s", "1 S", "+1S", "0x1S"] {
            #expect(GRPCTimeout.nanoseconds(text) == nil, "\(text)")
        }
    }
}
