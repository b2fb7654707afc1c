/// A set of texts that is asked by bytes: no text is made for a question.
struct CategoryTable: Sendable {
    /// Twice as many as texts, so that a question looks at few; 0 is none, else a text's number from 1.
    private let slots: [Int32]
    private let bytes: [UInt8]
    private let offsets: [Int]

    init(_ texts: [String]) {
        var (bytes, offsets): ([UInt8], [Int]) = ([], [0])
        var slotCount = 2
        while slotCount < 2 * texts.count { slotCount *= 2 }
        var slots = [Int32](repeating: 0, count: slotCount)
        for text in texts {
            bytes.append(contentsOf: text.utf8)
            offsets.append(bytes.count)
            var slot = Self.hash(text.utf8) & (slotCount - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (slotCount - 1) }
            slots[slot] = Int32(offsets.count - 1)
        }
        (self.slots, self.bytes, self.offsets) = (slots, bytes, offsets)
    }

    func contains(_ text: UnsafeRawBufferPointer) -> Bool {
        var slot = Self.hash(text) & (slots.count - 1)
        while slots[slot] != 0 {
            let number = Int(slots[slot])
            if bytes[offsets[number - 1]..<offsets[number]].elementsEqual(text) { return true }
            slot = (slot + 1) & (slots.count - 1)
        }
        return false
    }

    func contains(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { contains(UnsafeRawBufferPointer($0)) }
    }

    /// FNV-1a, folded.
    private static func hash(_ bytes: some Sequence<UInt8>) -> Int {
        let hash = bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: (hash ^ hash >> 32) & 0x7FFF_FFFF)
    }
}
