internal import Domain
internal import Foundation
internal import NIOCore

/// An object on its way into a bucket: held while it fits into one part, else sent on part by part, one of them under way while
/// the next one fills.
actor S3BlobDraft: BlobDraft {
    private let keeper: S3BlobKeeper
    private let key = "incoming/\(UUID().uuidString.lowercased())"
    private var buffer = ByteBuffer()
    private var bytes: Int64 = 0
    /// nil while everything fits into `buffer`.
    private var uploadID: String?
    private var parts: [S3Part] = []
    private var number = 1
    private var inFlight: Task<(part: S3Part, buffer: ByteBuffer), any Error>?
    /// The memory of the part before, to be filled again: two buffers an upload, however long it is.
    private var spare = ByteBuffer()

    init(keeper: S3BlobKeeper) {
        self.keeper = keeper
    }

    /// Bytes of a part. S3 has 10,000 of them at most, so later ones are larger: 16 GB in small ones, 1.2 TB in all.
    static func partBytes(_ number: Int) -> Int {
        switch number {
        case ...2_000: 8 << 20
        case ...6_000: 32 << 20
        default: 256 << 20
        }
    }

    func append(_ chunk: ByteBuffer) async throws {
        var chunk = chunk
        bytes += Int64(chunk.readableBytes)
        // At once: a buffer that grows leaves its smaller selves behind. What is not written to takes no memory.
        buffer.reserveCapacity(Self.partBytes(number))
        while chunk.readableBytes > 0 {
            let room = Self.partBytes(number) - buffer.readableBytes
            if room == 0 {
                try await sendPart()
                continue
            }
            if var slice = chunk.readSlice(length: min(room, chunk.readableBytes)) { buffer.writeBuffer(&slice) }
        }
    }

    func commit(as name: BlobName) async throws {
        guard let uploadID else { return try await keeper.put(buffer, as: name) }
        if buffer.readableBytes > 0 { try await sendPart() }
        try await finishPart()
        if try await keeper.bytes(of: name) == bytes {
            // The same bytes are there already.
            try await keeper.abortUpload(key: key, uploadID: uploadID)
            return
        }
        try await keeper.completeUpload(key: key, uploadID: uploadID, parts: parts, bytes: bytes)
        self.uploadID = nil
        try await keeper.copy(from: key, bytes: bytes, to: name.key)
        try await keeper.remove(key: key)
    }

    func abandon() async {
        inFlight?.cancel()
        // Awaited so that no part arrives after the upload is gone.
        _ = await inFlight?.result
        // What cannot be removed now is removed when it is a day old.
        let (uploadID, hasParts) = (uploadID, !parts.isEmpty)
        await S3BlobKeeper.unhurried { [keeper, key] in
            if let uploadID {
                try? await keeper.abortUpload(key: key, uploadID: uploadID)
            } else if hasParts {
                try? await keeper.remove(key: key)
            }
        }
    }

    private func sendPart() async throws {
        try await finishPart()
        let uploadID: String
        if let known = self.uploadID {
            uploadID = known
        } else {
            uploadID = try await keeper.beginUpload(key: key)
            self.uploadID = uploadID
        }
        let (part, number, keeper, key) = (buffer, number, keeper, key)
        inFlight = Task {
            let tag = try await keeper.putPart(part, number, key: key, uploadID: uploadID)
            return (S3Part(number: number, tag: tag), part)
        }
        self.number += 1
        buffer = spare
        spare = ByteBuffer()
        // Nobody else holds it any more, so that its memory is taken over.
        buffer.clear()
    }

    private func finishPart() async throws {
        guard let task = inFlight else { return }
        let sent = try await task.value
        parts.append(sent.part)
        inFlight = nil
        spare = sent.buffer
    }
}
