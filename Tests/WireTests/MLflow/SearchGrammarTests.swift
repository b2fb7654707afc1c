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
        let error = #expect(throws: MartletError.self) { try SearchGrammar.runs.filter(text, dialect: .mlflow) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("OR and parentheses are an extension: AND binds closer, and depth has a bound")
    func alternatives() throws {
        let a = SearchFilter([.init(entity: .tag, key: "a", operation: .equal, value: .string("1"))])
        let b = SearchFilter([.init(entity: .tag, key: "b", operation: .equal, value: .string("2"))])
        let c = SearchFilter([.init(entity: .metric, key: "c", operation: .greater, value: .number(3))])
        let both = SearchFilter(b.comparisons + c.comparisons)
        let grammar = SearchGrammar.runs
        #expect(
            try grammar.filter("tags.a = '1' or tags.b = '2' AND metrics.c > 3")
                == SearchFilter(alternatives: [[a, both]]))
        #expect(
            try grammar.filter("(tags.a = '1' OR tags.b = '2') AND metrics.c > 3")
                == SearchFilter(c.comparisons, alternatives: [[a, b]]))
        #expect(try grammar.filter("((tags.a = '1'))") == a)
        #expect(try grammar.filter("(tags.a = '1')").names(.tag) && !grammar.filter("tags.a = '1'").names(.metric))
        for text in [
            "(tags.a = '1'", "tags.a = '1')", "()", "tags.a = '1' OR", "OR", "tags.a = '1' OR OR tags.b = '2'",
        ] {
            #expect(throws: MartletError.self, "\(text)") { try grammar.filter(text) }
        }
        let deep = { (count: Int) in
            String(repeating: "(", count: count) + "tags.a = '1'" + String(repeating: ")", count: count)
        }
        #expect(try grammar.filter(deep(16)) == a)
        #expect(throws: MartletError.self) { try grammar.filter(deep(17)) }
        #expect(throws: MartletError.self) { try grammar.filter(deep(20_000)) }
    }

    @Test(
        "every search knows its own keys",
        arguments: [
            (SearchGrammar.experiments, "experiment_id IN ('1') AND tag.k IS NULL AND creation_time > 5", true),
            (.experiments, "params.x = '1'", false), (.experiments, "name IN ('a')", false),
            (.registeredModels, "name ILIKE '%a%' AND tags.k != 'v' AND name IN ('a', 'b',)", true),
            (.registeredModels, "creation_timestamp > 1", false), (.registeredModels, "tags.k IS NULL", false),
            (.modelVersions, "version_number >= 2 AND run_id NOT IN ('r') AND source_path LIKE 's3:%'", true),
            (.modelVersions, "version_number = '2'", true), (.modelVersions, "version_number > 1.5", false),
            (.modelVersions, "source_path IN ('a')", false),
            (.loggedModels, "metrics.auc > 0.5 AND params.a IN ('1') AND creation_time > 1 AND status = 'x'", true),
            (.loggedModels, "datasets.name = 'x'", false), (.loggedModels, "metrics.auc LIKE 'x'", false),
            (.runs, "datasets.name IN ('a') AND tags.k IS NOT NULL", true), (.runs, "metrics.a IS NULL", false),
            (.runs, "metrics.a > nan", false), (.runs, "tags.k = 'it''s'", true),
        ])
    func keys(grammar: SearchGrammar, text: String, isLegal: Bool) {
        #expect(((try? grammar.filter(text, dialect: .mlflow)) != nil) == isLegal, "\(text)")
    }

    @Test("MLflow's clients match on these words")
    func words() throws {
        func message(_ text: String) -> String {
            (#expect(throws: MartletError.self) { try SearchGrammar.runs.filter(text, dialect: .mlflow) })?.message
                ?? ""
        }
        #expect(message("metrics.a > 'x'").hasPrefix("Expected numeric value type for metric. Found 'x'"))
        #expect(message("start_time > 'x'").hasPrefix("Expected numeric value type for numeric attribute: start_time"))
        #expect(
            message("tags.a = 1").hasPrefix("Expected a quoted string value for tag (e.g. 'my-value'). Got value 1"))
        #expect(message("tags.a = b").hasPrefix("Parameter value is either not quoted or unidentified quote types"))
        #expect(message("TAGS.a = '1'").hasPrefix("Invalid entity type 'TAGS'"))
        #expect(message("nothing = '1'").hasPrefix("Invalid attribute key 'nothing' specified. Valid keys are"))
        #expect(message("tags.a = '1' OR tags.b = '2'").hasPrefix("Invalid clause(s) in filter string: 'OR'"))
        #expect(message("metrics.a LIKE 'x'").hasPrefix("Invalid comparator 'LIKE'"))
        #expect(message("status IN ('x')").hasPrefix("Only [\"run_id\"] attributes support comparison with a list"))
        #expect(message("run_id IN ()").hasSuffix("but got empty list"))
        for text in ["run_id IN (", "run_id IN ('a'", "run_id IN", "run_id LIKE", "metrics.a >"] {
            #expect(message(text).hasPrefix("Invalid clause(s) in filter string: the end"), "\(text)")
        }
        for text in ["run_id IN (,)", "run_id IN ('a',,'b')", "run_id IN ('a' 'b')"] {
            #expect(message(text).hasSuffix("but got ill-formed list."), "\(text)")
        }
        #expect(message("run_id IN (1, 2)").contains("but got different type in list: 1"))
        #expect(message("nothing = true").hasPrefix("Invalid clause(s) in filter string: 'nothing'"))
    }

    @Test("searches of logged models and of registered models have words of their own")
    func ownWords() {
        func message(_ text: String) -> String {
            let refusal = #expect(throws: MartletError.self) {
                try SearchGrammar.loggedModels.filter(text, dialect: .mlflow)
            }
            return refusal?.message ?? ""
        }
        #expect(message("Foo").hasPrefix("Invalid filter string: 'Foo'"))
        #expect(message("name = 'foo' OR name = 'bar'").hasPrefix("Invalid filter string: 'OR'"))
        #expect(message("foo.bar = 'a'").hasPrefix("Invalid entity type 'foo'"))
        #expect(message("name > 'foo'").hasPrefix("Invalid comparison operator '>' for 'name'"))
        #expect(message("metrics.foo LIKE 0").hasPrefix("Invalid comparison operator 'LIKE' for 'foo'"))
        let order = #expect(throws: MartletError.self) {
            try SearchGrammar.registeredModels.order(["name ASC", "creation_timestamp DESC"])
        }
        #expect(order?.message.hasPrefix("Invalid order by key 'creation_timestamp' specified. Valid keys are") == true)
    }

    @Test("order clauses may say their direction in any case")
    func orders() throws {
        let orders = try SearchGrammar.runs.order(["metrics.auc DESC", "start_time", "params.`a b` asc"])
        #expect(orders.map(\.ascending) == [false, true, true])
        #expect(orders.map(\.key) == ["auc", "start_time", "a b"])
        #expect(throws: MartletError.self) { try SearchGrammar.runs.order(["nothing DESC"]) }
        let long = #expect(throws: MartletError.self) { try SearchGrammar.runs.order(["start_time DESC blah"]) }
        #expect(long?.message.hasPrefix("Invalid order_by clause 'start_time DESC blah'") == true)
        for clause in ["start_time up", "", "metrics.a metrics.b", "datasets.name"] {
            #expect(throws: MartletError.self, "\(clause)") { try SearchGrammar.runs.order([clause]) }
        }
        #expect(throws: MartletError.self) { try SearchGrammar.runs.order(["start_time ASC", "created DESC"]) }
        #expect(throws: MartletError.self) { try SearchGrammar.experiments.order(["tags.a"]) }
        #expect(try SearchGrammar.registeredModels.order(["timestamp DESC"]).first?.key == "last_updated_timestamp")
        #expect(try SearchGrammar.runs.order(["Run Name DESC"]).first?.key == "run_name")
        #expect(try SearchGrammar.loggedModels.key("metrics.auc", ascending: false).entity == .metric)
        #expect(throws: MartletError.self) { try SearchGrammar.loggedModels.key("params.a", ascending: true) }
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
