import Domain
import Testing
import Wire

@Suite("MLflow's filter and order grammar")
struct SearchGrammarTests {
    private func comparison(_ text: String) throws -> SearchFilter.Comparison {
        try #require(SearchGrammar.runs.filter(text).comparisons.first)
    }

    @Test("entities, quotes and operators are read as MLflow reads them")
    func comparisons() throws {
        #expect(
            try comparison("metrics.auc >= 0.9")
                == .init(entity: .metric, key: "auc", operation: .greaterOrEqual, value: .number(0.9)))
        #expect(
            try comparison("params.\"a b\" = 'x'")
                == .init(entity: .param, key: "a b", operation: .equal, value: .string("x")))
        #expect(
            try comparison("tag.`mlflow.prompt.is_prompt` != 'true'")
                == .init(entity: .tag, key: "mlflow.prompt.is_prompt", operation: .notEqual, value: .string("true")))
        #expect(try comparison("tags.mlflow.parentRunId = 'p'").key == "mlflow.parentRunId")
        #expect(try comparison("run name ilike '%a%'").key == "run_name")
        #expect(try comparison("run_id not in ('a', 'b')").value == .list(["a", "b"]))
        #expect(try comparison("params.lr IS NOT NULL").operation == .isNotNull)
        #expect(try SearchGrammar.runs.filter("a.b = 'AND'".replacing("a.b", with: "tags.b")).comparisons.count == 1)
    }

    @Test(
        "what is not the grammar is refused",
        arguments: [
            "metrics.auc", "metrics.auc >", "metrics.auc > 'x'", "params.lr > 1", "params.lr = 1", "nonsense = 'x'",
            "TAGS.x = 'y'", "name = 'x'", "status IN ('FINISHED')", "run_id IN ()", "run_id IN ('a'", "tags.x = 'a",
            "tags.x = 'a' OR tags.x = 'b'", "tags.x = 'a' tags.y = 'b'", "(tags.x = 'a')", "tags. = 'x'", "!", "= 'x'",
        ])
    func refusals(text: String) {
        let error = #expect(throws: MartletError.self) { try SearchGrammar.runs.filter(text) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("order clauses may say their direction in any case")
    func orders() throws {
        let orders = try SearchGrammar.runs.order(["metrics.auc DESC", "start_time", "params.`a b` asc"])
        #expect(orders.map(\.ascending) == [false, true, true])
        #expect(orders.map(\.key) == ["auc", "start_time", "a b"])
        #expect(throws: MartletError.self) { try SearchGrammar.runs.order(["nothing DESC"]) }
    }

    @Test("a search has bounds: comparisons, clauses of order, members of lists, bytes and wildcards of patterns")
    func bounds() throws {
        func filter(_ text: String) -> Bool { (try? SearchGrammar.runs.filter(text)) != nil }
        let comparison = { (count: Int) in (0..<count).map { "tags.k\($0) = 'v'" }.joined(separator: " AND ") }
        #expect(filter(comparison(100)) && !filter(comparison(101)))
        let list = { (count: Int) in "run_id IN (" + (0..<count).map { "'\($0)'" }.joined(separator: ",") + ")" }
        #expect(filter(list(5_000)) && filter(list(2_500) + " AND " + list(2_500)))
        #expect(!filter(list(6_000) + " AND " + list(6_000)))
        let pattern = { (count: Int) in "run_name LIKE '" + String(repeating: "a", count: count) + "'" }
        #expect(filter(pattern(4_096)) && !filter(pattern(4_097)) && !filter(pattern(62_000)))
        let wildcards = { (count: Int) in "tags.k ILIKE '" + String(repeating: "%a", count: count) + "'" }
        #expect(filter(wildcards(32)) && !filter(wildcards(33)))
        let order = { (count: Int) in (0..<count).map { "metrics.m\($0)" } }
        #expect(try SearchGrammar.runs.order(order(20)).count == 20)
        let error = #expect(throws: MartletError.self) { try SearchGrammar.runs.order(order(21)) }
        #expect(error?.code == .invalidArgument && error?.message.contains("20") == true)
    }
}
