internal import Domain
internal import Logging
public import ServiceLifecycle
internal import Synchronization

/// Reads the whole repository at the start, and again every so often where that is wanted.
extension ModelRepository: Service {
    /// How soon a folder that could not be read at the start is tried again.
    private static let retryInterval = Duration.seconds(1)

    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.follow() }
        // A service that ends would end the server.
        try? await gracefulShutdown()
    }

    private func follow() async {
        while !(await read()) {
            // Sleeping throws only when the task is cancelled: then there is nothing more to do.
            guard (try? await Task.sleep(for: Self.retryInterval)) != nil else { return }
        }
        guard pollSeconds > 0 else { return }
        while (try? await Task.sleep(for: .seconds(pollSeconds))) != nil { await poll() }
    }

    /// Returns whether all of it was read, with whatever came of it.
    func read() async -> Bool {
        let start = ContinuousClock.now
        do {
            let folder = folder
            let names = try await plane.loader.run { () throws(MartletError) in try folder.names() }
            for name in names {
                guard !Task.isCancelled else { return true }
                try await plane.loader.run { self.refresh(name) }
            }
            try await plane.loader.run {
                self.state.withLock { $0.isRead = true }
                self.publish()
            }
        } catch {
            logger.error("the model repository cannot be read", metadata: ["error": "\(error)"])
            return false
        }
        let (models, served) = state.withLock { state in
            (state.models.count, state.models.values.count { !$0.served.isEmpty })
        }
        logger.info(
            "model repository read",
            metadata: [
                "models": "\(models)", "served": "\(served)",
                "ms": "\((ContinuousClock.now - start).nanoseconds / 1_000_000)",
            ])
        return true
    }

    /// Loads what has changed on disk, and forgets models that have gone.
    func poll() async {
        do {
            let folder = folder
            let names = Set(try await plane.loader.run { () throws(MartletError) in try folder.names() })
            for name in names.sorted() {
                guard !Task.isCancelled else { return }
                try await plane.loader.run { self.refresh(name) }
            }
            let gone = state.withLock { $0.models.keys.filter { !names.contains($0) } }
            for name in gone {
                try await plane.loader.run { _ = self.keep(nil, as: name) }
                logger.info("model gone", metadata: ["model": "\(name)"])
            }
            giveBack()
        } catch {
            logger.error("the model repository cannot be read", metadata: ["error": "\(error)"])
        }
    }

    /// On the thread for loading only.
    private func refresh(_ name: String) {
        let present = state.withLock { $0.models[name] }
        let sight: RepositorySight
        do { sight = try reader.look(at: name, known: present?.seen) } catch {
            // Said once, and again when it changes.
            if let present, present.failures.values.contains(where: { $0.message == error.message }) { return }
            keep((present ?? RepositoryModel()).failing(error), as: name)
            return
        }
        if let present, present.seen == sight { return }
        keep(reader.load(sight, over: present), as: name)
    }
}
