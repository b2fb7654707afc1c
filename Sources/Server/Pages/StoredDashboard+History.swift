internal import Dashboard
internal import Domain
internal import Storage
internal import Wire

extension StoredDashboard {
    func history(
        _ model: String, matching query: RegistryHistoryQuery, at text: String, before id: Int64?
    ) async throws -> HistoryPage {
        func page(_ content: HistoryPage.Content) -> HistoryPage {
            HistoryPage(model: model, query: query, at: text, content: content)
        }
        guard !text.isEmpty else {
            let found = try await changes.changes(
                of: model, matching: query, before: id, limit: Self.rowsMax + 1)
            let (items, paging) = Self.page(found, of: Self.rowsMax, isFirst: id == nil, key: \.id)
            return page(.changes(items, paging: paging))
        }
        do {
            let at = try MomentText.parse(text, field: "at")
            return page(.moment(try await changes.moment(of: model, at: at, matching: query)))
        } catch let error as MartletError
            where [.invalidArgument, .notFound, .failedPrecondition].contains(error.code)
        {
            return page(.failed(error.message))
        }
    }
}
