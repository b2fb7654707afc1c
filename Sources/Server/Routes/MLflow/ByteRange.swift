/// One byte range of RFC 9110; lists of ranges are answered as a range that cannot be satisfied.
enum ByteRange {
    /// - Returns: nil if it cannot be satisfied.
    static func parse(_ header: String, of size: Int64) -> Range<Int64>? {
        guard header.hasPrefix("bytes=") else { return nil }
        let parts = header.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        if parts[0].isEmpty {
            guard let count = Int64(parts[1]), count > 0, size > 0 else { return nil }
            return max(0, size - count)..<size
        }
        guard let first = Int64(parts[0]), first >= 0, first < size else { return nil }
        if parts[1].isEmpty { return first..<size }
        guard let last = Int64(parts[1]), last >= first else { return nil }
        return first..<(min(last, size - 1) + 1)
    }
}
