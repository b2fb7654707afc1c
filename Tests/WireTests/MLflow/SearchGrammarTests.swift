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
}
