internal import Domain
internal import Foundation
internal import Logging
internal import ServiceLifecycle
internal import Serving

/// In a process of its own the data plane learns from the snapshot file what the control plane wants served.
struct SnapshotFollower: Service {
    /// How soon a change is seen.
    static let interval = Duration.milliseconds(250)

    let path: String
    let plane: DataPlane
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.follow() }
    }

    private func follow() async {
        var seen: Date?
        repeat {
            // The file is replaced as a whole, so a new one has a new time. None yet is no change.
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            guard let changed = attributes?[.modificationDate] as? Date, changed != seen else { continue }
            do {
                _ = try await plane.applyStored()
                seen = changed
            } catch {
                logger.error("the snapshot could not be applied yet", metadata: ["error": "\(error)"])
            }
            // Sleeping throws only when the task is cancelled: then there is nothing more to follow.
        } while (try? await Task.sleep(for: Self.interval)) != nil
    }
}
