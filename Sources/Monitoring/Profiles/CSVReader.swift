import Domain

/// The rows of comma-separated values that are in memory whole, by `CSVParser`.
struct CSVReader: Sequence {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func makeIterator() -> Iterator { Iterator(bytes) }

    struct Iterator: IteratorProtocol {
        private let bytes: [UInt8]
        private var position = 0
        private var parser = CSVParser()
        private var isAtEnd = false
        /// What ended the reading early; nil while all is well.
        private(set) var failure: MartletError?

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
        }

        /// The next row's fields; nil at the end, or after a failure (then `failure` says which).
        mutating func next() -> [String]? {
            guard failure == nil, !isAtEnd else { return nil }
            do throws(MartletError) {
                if try parser.next(bytes, from: &position) { return parser.texts }
                isAtEnd = true
                return try parser.end() ? parser.texts : nil
            } catch {
                failure = error
                return nil
            }
        }
    }
}
