import Domain
import Foundation
import Testing

@testable import Serving

@Suite("Prediction ids")
struct PredictionSealerTests {
    private let sealer = PredictionSealer(key: [UInt8](repeating: 1, count: 32))
    private let origin = PredictionOrigin(
        endpointID: 300, version: 12, policyVersion: 0, rolloutID: .max, rolloutStep: 3,
        time: Timestamp(milliseconds: 1_767_225_600_123))

    @Test("an id says what was sealed in it, and no two are the same")
    func roundTrip() throws {
        let ids = (0..<1000).map { _ in sealer.seal(origin) }
        #expect(Set(ids).count == 1000)
        for id in ids { #expect(try sealer.open(id) == origin) }
        #expect(ids[0].rawValue.hasPrefix("p1."))
    }

    @Test("an id with any one character changed, cut or added is refused")
    func tampered() {
        let text = sealer.seal(origin).rawValue
        for index in text.indices {
            for replacement in ["A", "_", "", "==", " "] where String(text[index]) != replacement {
                let changed = text.replacingCharacters(in: index...index, with: replacement)
                #expect(throws: MartletError.self, "\(changed)") { try sealer.open(PredictionID(rawValue: changed)) }
            }
        }
        for foreign in [
            "", "p1.", "p2." + text.dropFirst(3), text + "A", text + "=", String(repeating: "A", count: 10_000),
        ] {
            #expect(throws: MartletError.self) { try sealer.open(PredictionID(rawValue: foreign)) }
        }
    }

    @Test("an id made by HMAC-SHA256 as others have it is opened: those of years ago must be")
    func known() throws {
        // Python's hmac, with the key and origin above and the unique number 0x0123456789ABCDEF.
        let id = PredictionID(
            rawValue: "p1.rAIMAP__________fwP70Oq2tzPvzauJZ0UjAWUnSd_lSmPP1kInxoRM1uc")
        #expect(try sealer.open(id) == origin)
    }

    @Test("another server's key does not open it")
    func otherKey() {
        let other = PredictionSealer(key: [UInt8](repeating: 2, count: 32))
        #expect(throws: MartletError.self) { try other.open(sealer.seal(origin)) }
    }

    @Test("the key is made once, is for the server alone, and comes again")
    func keyFile() throws {
        let folder = NSTemporaryDirectory() + "martlet-keys-" + UUID().uuidString
        let key = try PredictionKeyFile.readOrMake(folder: folder)
        #expect(key.count == 32)
        #expect(try PredictionKeyFile.readOrMake(folder: folder) == key)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/prediction.key")
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        try FileManager.default.removeItem(atPath: folder)
    }
}
