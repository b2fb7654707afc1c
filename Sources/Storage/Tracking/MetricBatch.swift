internal import Domain

/// Metric points as bytes of one database value. Points without data set and model only.
///
/// Little-endian: a byte that says whether time and step stand once for all points (bits 0 and 1), the number of points (UInt32), the
/// common ones (Int64 each), and for each point the key's length (UInt16), its UTF-8, the value (Float64), and time and step where
/// they are its own.
enum MetricBatch {
    static func encode(_ points: [MetricPoint]) -> [UInt8] {
        let isOneTime = points.allSatisfy { $0.timestamp == points[0].timestamp }
        let isOneStep = points.allSatisfy { $0.step == points[0].step }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(21 + points.count * 42)
        bytes.append((isOneTime ? 1 : 0) | (isOneStep ? 2 : 0))
        append(UInt32(points.count), &bytes)
        if isOneTime { append(points.first?.timestamp.milliseconds ?? 0, &bytes) }
        if isOneStep { append(points.first?.step ?? 0, &bytes) }
        for point in points {
            append(UInt16(point.key.utf8.count), &bytes)
            bytes.append(contentsOf: point.key.utf8)
            append(point.value.bitPattern, &bytes)
            if !isOneTime { append(point.timestamp.milliseconds, &bytes) }
            if !isOneStep { append(point.step, &bytes) }
        }
        return bytes
    }

    /// - Throws: `StorageError` of kind `.decoding` for bytes that are no batch.
    static func decode(_ bytes: [UInt8]) throws(StorageError) -> [MetricPoint] {
        var reader = Reader(bytes: bytes)
        let flags = try reader.integer(UInt8.self)
        let count = try reader.integer(UInt32.self)
        let time = flags & 1 != 0 ? try reader.integer(Int64.self) : nil
        let step = flags & 2 != 0 ? try reader.integer(Int64.self) : nil
        var points: [MetricPoint] = []
        points.reserveCapacity(min(Int(count), bytes.count / 10))
        for _ in 0..<count {
            let key = try reader.text(count: Int(try reader.integer(UInt16.self)))
            let value = Double(bitPattern: try reader.integer(UInt64.self))
            let ownTime = time == nil ? try reader.integer(Int64.self) : nil
            let ownStep = step == nil ? try reader.integer(Int64.self) : nil
            points.append(
                MetricPoint(
                    key: key, value: value, timestamp: Timestamp(milliseconds: ownTime ?? time ?? 0),
                    step: ownStep ?? step ?? 0))
        }
        guard reader.isAtEnd else { throw Reader.failure }
        return points
    }

    private static func append(_ integer: some FixedWidthInteger, _ bytes: inout [UInt8]) {
        withUnsafeBytes(of: integer.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private struct Reader {
        static let failure = StorageError(.decoding, "A stored batch of metrics cannot be read.")

        let bytes: [UInt8]
        private var place = 0

        init(bytes: [UInt8]) { self.bytes = bytes }

        var isAtEnd: Bool { place == bytes.count }

        mutating func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws(StorageError) -> Integer {
            let size = MemoryLayout<Integer>.size
            guard place + size <= bytes.count else { throw Self.failure }
            defer { place += size }
            return Integer(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: type) })
        }

        mutating func text(count: Int) throws(StorageError) -> String {
            guard place + count <= bytes.count else { throw Self.failure }
            defer { place += count }
            return String(decoding: bytes[place..<place + count], as: UTF8.self)
        }
    }
}
