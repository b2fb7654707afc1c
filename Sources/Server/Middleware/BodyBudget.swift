internal import Domain
internal import Synchronization

/// How much of the memory all request bodies may hold together, whoever sent them and however slowly.
final class BodyBudget: Sendable {
    let bytesMax: Int
    private let taken = Atomic<Int>(0)

    init(bytesMax: Int) {
        self.bytesMax = bytesMax
    }

    var bytesTaken: Int { taken.load(ordering: .relaxed) }

    /// What one request holds; given back when the last that knows it forgets it.
    final class Share: Sendable {
        private let budget: BodyBudget
        private let bytes = Atomic<Int>(0)

        init(_ budget: BodyBudget) {
            self.budget = budget
        }

        /// - Throws: `unavailable` if the bodies in memory would be more than the budget.
        func take(_ count: Int) throws(MartletError) {
            let all = budget.taken.wrappingAdd(count, ordering: .relaxed).newValue
            bytes.wrappingAdd(count, ordering: .relaxed)
            guard all <= budget.bytesMax else {
                throw MartletError(
                    .unavailable,
                    "The requests in work hold \(budget.bytesMax >> 20) MiB together, which is all that this server gives them. Try again later."
                )
            }
        }

        deinit { budget.taken.wrappingSubtract(bytes.load(ordering: .relaxed), ordering: .relaxed) }
    }
}
