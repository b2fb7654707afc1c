import Domain
import Testing

@testable import Server

@Suite("What a trace shows of a record")
struct ShownPredictionTests {
    @Test("a record larger than the limit is not shown, and says how large it is")
    func large() {
        let record = PredictionRecord(
            id: PredictionID(rawValue: "p"), time: Timestamp(milliseconds: 0), endpoint: "pump", version: 1,
            input: [UInt8](repeating: 0, count: Bootstrap.shownBytesMax), output: [0], runtime: "r")
        let error = #expect(throws: MartletError.self) { try Bootstrap.describe(record) }
        #expect(error?.code == .payloadTooLarge)
        #expect(error?.message.contains("\(Bootstrap.shownBytesMax + 1)") == true)
    }
}
