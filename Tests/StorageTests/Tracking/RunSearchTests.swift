import Domain
import Storage
import Testing

@Suite("Searches for runs")
struct RunSearchTests {
    let world: TrackingWorld

    init() throws { world = try TrackingWorld() }

    private func names(
        _ comparisons: [SearchFilter.Comparison] = [], order: [SearchOrder] = [], experiments: [String] = ["0"],
        view: ViewType = .activeOnly, limit: Int = 100, offset: Int = 0
    ) async throws -> [String] {
        try await world.runs.search(
            experimentIDs: experiments, filter: SearchFilter(comparisons), order: order, view: view, limit: limit,
            offset: offset
        ).items.map(\.name)
    }

    private func log(_ name: String, metric: Double? = nil, tag: String? = nil) async throws -> Run {
        let run = try await world.run(name)
        let points = metric.map {
            [MetricPoint(key: "auc", value: $0, timestamp: Timestamp(milliseconds: 1), step: 0)]
        }
        try await world.runs.log(
            run.id, metrics: points ?? [], params: [], tags: tag.map { [("t", $0)] } ?? [])
        return run
    }

    @Test("metrics compare as numbers, tags as text with its case; what has no such key does not match")
    func filters() async throws {
        _ = try await log("low", metric: 0.5, tag: "Abc")
        _ = try await log("high", metric: 0.9, tag: "abc")
        _ = try await log("nan", metric: .nan)
        _ = try await log("none")
        func metric(_ operation: SearchFilter.Operation, _ value: Double) -> SearchFilter.Comparison {
            .init(entity: .metric, key: "auc", operation: operation, value: .number(value))
        }
        func tag(_ operation: SearchFilter.Operation, _ value: String) -> SearchFilter.Comparison {
            .init(entity: .tag, key: "t", operation: operation, value: .string(value))
        }
        #expect(try await names([metric(.greater, 0.5)]) == ["high"])
        #expect(try await Set(names([metric(.notEqual, 0.5)])) == ["high", "nan"])
        #expect(try await names([tag(.like, "a%")]) == ["high"])
        #expect(try await Set(names([tag(.ilike, "A_C")])) == ["low", "high"])
        #expect(try await names([tag(.notEqual, "abc")]) == ["low"])
        #expect(try await names([tag(.equal, "abc"), metric(.less, 0.6)]).isEmpty)
        let unset = SearchFilter.Comparison(entity: .tag, key: "t", operation: .isNull, value: .none)
        #expect(try await Set(names([unset])) == ["nan", "none"])
    }

    @Test("alternatives take what any of them takes, within and beside other comparisons")
    func alternatives() async throws {
        for (name, metric) in [("a", 0.1), ("b", 0.5), ("c", 0.9)] {
            _ = try await log(name, metric: metric, tag: name)
        }
        func tag(_ value: String) -> SearchFilter {
            SearchFilter([.init(entity: .tag, key: "t", operation: .equal, value: .string(value))])
        }
        func search(_ filter: SearchFilter) async throws -> Set<String> {
            Set(
                try await world.runs.search(
                    experimentIDs: ["0"], filter: filter, order: [], view: .activeOnly, limit: 9, offset: 0
                ).items.map(\.name))
        }
        let above = SearchFilter.Comparison(entity: .metric, key: "auc", operation: .greater, value: .number(0.4))
        #expect(try await search(SearchFilter(alternatives: [[tag("a"), tag("b")]])) == ["a", "b"])
        #expect(try await search(SearchFilter([above], alternatives: [[tag("a"), tag("b")]])) == ["b"])
        let nested = SearchFilter(
            [above], alternatives: [[tag("a"), SearchFilter(alternatives: [[tag("c"), tag("x")]])]])
        #expect(try await search(nested) == ["c"])
    }

    @Test("a light list has the runs in the same order without what they logged")
    func basic() async throws {
        _ = try await log("a", metric: 1, tag: "t")
        let page = try await world.runs.search(
            experimentIDs: ["0"], filter: SearchFilter(), order: [], view: .activeOnly, limit: 9, offset: 0,
            detail: .basic)
        #expect(page.items.map(\.name) == ["a"] && page.items[0].metrics.isEmpty && page.items[0].tags.isEmpty)
    }

    @Test("text of SQL in keys and values is data")
    func hostile() async throws {
        let run = try await log("one", tag: TrackingWorld.hostile)
        let equal = SearchFilter.Comparison(
            entity: .tag, key: "t", operation: .equal, value: .string(TrackingWorld.hostile))
        #expect(try await names([equal]) == ["one"])
        let key = SearchFilter.Comparison(
            entity: .tag, key: "t' OR 1=1 --", operation: .equal, value: .string("x"))
        #expect(try await names([key]).isEmpty)
        _ = try await names(order: [SearchOrder(entity: .tag, key: "t'; DROP TABLE runs;--", ascending: true)])
        #expect(try await world.runs.run(run.id).tags["t"] == TrackingWorld.hostile)
    }

    @Test("NaN and missing values come last in both directions")
    func order() async throws {
        _ = try await log("none")
        _ = try await log("nan", metric: .nan)
        _ = try await log("low", metric: 0.1)
        _ = try await log("high", metric: 0.9)
        let key = { SearchOrder(entity: .metric, key: "auc", ascending: $0) }
        #expect(try await names(order: [key(true)]) == ["low", "high", "nan", "none"])
        #expect(try await names(order: [key(false)]) == ["high", "low", "nan", "none"])
    }

    @Test("pages follow one another without gap or repeat, and views tell active from deleted")
    func pages() async throws {
        for index in 0..<5 { _ = try await log("r\(index)") }
        let all = try await names()
        var paged: [String] = []
        var offset: Int? = 0
        while let from = offset {
            let page = try await world.runs.search(
                experimentIDs: ["0"], filter: SearchFilter(), order: [], view: .all, limit: 2, offset: from)
            paged += page.items.map(\.name)
            offset = page.nextOffset
        }
        #expect(paged == all && Set(all).count == 5)
        let first = try await world.runs.search(
            experimentIDs: ["0"], filter: SearchFilter(), order: [], view: .all, limit: 1, offset: 0)
        try await world.runs.setDeleted(true, id: try #require(first.items.first).id, by: world.ada)
        #expect(try await names().count == 4)
        #expect(try await names(view: .deletedOnly) == [all[0]])
        #expect(try await names(view: .all).count == 5)
    }

    @Test(
        "experiments: none is no runs, the largest number allowed works, one more is refused, and no number is no experiment"
    )
    func experiments() async throws {
        _ = try await log("one")
        #expect(try await names(experiments: []).isEmpty)
        #expect(try await names(experiments: ["x", ""]).isEmpty)
        let most = (0..<10_000).map(String.init)
        #expect(try await names(experiments: most) == ["one"])
        #expect(await world.refusal { _ = try await names(experiments: most + ["x"]) } == .invalidArgument)
        #expect(
            await world.refusal {
                _ = try await world.loggedModels.search(
                    experimentIDs: most + ["x"], filter: SearchFilter(), order: [], limit: 1, offset: 0)
            } == .invalidArgument)
    }

    @Test("the largest search that is allowed in every part at once is one that the database takes")
    func largest() async throws {
        let pattern = String(repeating: "%a", count: 32) + String(repeating: "b", count: 4_000)
        var comparisons = (0..<98).map {
            SearchFilter.Comparison(entity: .tag, key: "k\($0)", operation: .like, value: .string(pattern))
        }
        comparisons.append(
            .init(
                entity: .attribute, key: "run_id", operation: .isIn,
                value: .list((0..<TrackingLimits.filterListItemsMax).map { "r\($0)" })))
        comparisons.append(.init(entity: .dataset, key: "name", operation: .equal, value: .string("d")))
        let order = (0..<TrackingLimits.orderClausesMax).map {
            SearchOrder(entity: .metric, key: "m\($0)", ascending: true)
        }
        let experiments = (0..<TrackingLimits.searchExperimentsMax).map(String.init)
        #expect(try await names(comparisons, order: order, experiments: experiments).isEmpty)
    }

    @Test("what SQLite does not take is the caller's fault, not the server's")
    func databaseLimits() async throws {
        // 31 of them, 64 terms, ended the process with SQLite 3.40.
        for count in [30, 31, 32, 63, 70, 3_000] {
            let orders = (0..<count).map { SearchOrder(entity: .metric, key: "m\($0)", ascending: true) }
            #expect(await world.refusal { _ = try await names(order: orders) } == .invalidArgument, "\(count)")
        }
        let long = SearchFilter.Comparison(
            entity: .attribute, key: "run_name", operation: .like,
            value: .string(String(repeating: "%a", count: 31_000)))
        _ = try await log("one")
        #expect(await world.refusal { _ = try await names([long]) } == .invalidArgument)
        let many = SearchFilter.Comparison(
            entity: .attribute, key: "run_id", operation: .isIn, value: .list((0..<300_000).map(String.init)))
        #expect(await world.refusal { _ = try await names([many]) } == .invalidArgument)
        let deep = (0..<1_500).map { _ in
            SearchFilter.Comparison(entity: .tag, key: "k", operation: .equal, value: .string("v"))
        }
        #expect(await world.refusal { _ = try await names(deep) } == .invalidArgument)
    }
}
