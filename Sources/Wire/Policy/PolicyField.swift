/// One key of `martlet.yaml`: the single place that says what it may hold. Parser, JSON Schema and tests all read it.
struct PolicyField: Sendable {
    /// What a key may hold. Numbers are in the unit that the domain uses.
    indirect enum Kind: Sendable {
        /// 1…max characters.
        case text(max: Int)
        case boolean
        case integer(ClosedRange<Int>)
        case number(ClosedRange<Double>)
        /// `0.05` or `5%`.
        case share
        /// `10%` or `0.1`; kept as a percentage, more than 0 and less than 100.
        case weight
        /// `20ms`, `30s`, `5m`, `2h`, `7d`; kept as seconds.
        case duration(ClosedRange<Double>)
        /// `512MiB`, `4GiB`; kept as bytes.
        case bytes(ClosedRange<Int>)
        case choice([String])
        case texts(itemsMax: Int, charactersMax: Int)
        case section([PolicyField])
        case list(of: [PolicyField], itemsMax: Int)
    }

    var key: String
    var kind: Kind
    var isRequired = false
    /// Whether `off` (or null) is a value of its own, other than leaving the key out.
    var canBeOff = false
    /// One sentence for people; the JSON Schema carries it.
    var help: String

    init(_ key: String, _ kind: Kind, required: Bool = false, canBeOff: Bool = false, _ help: String) {
        self.key = key
        self.kind = kind
        self.isRequired = required
        self.canBeOff = canBeOff
        self.help = help
    }
}

extension PolicyField.Kind {
    /// What is allowed, as the end of the sentence "must be …".
    var allowed: String {
        switch self {
        case .text(let max): "text of 1 to \(max) characters"
        case .boolean: "true or false"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range):
            "a number from \(PolicyNumber.text(range.lowerBound)) to \(PolicyNumber.text(range.upperBound))"
        case .share: "a share from 0 to 1, such as 0.05 or 5%"
        case .weight: "a share of traffic above 0% and below 100%, such as 10%"
        case .duration(let range):
            "a duration with its unit (ms, s, m, h or d), from \(PolicyNumber.duration(range.lowerBound)) to \(PolicyNumber.duration(range.upperBound)), such as 30s or 5m"
        case .bytes: "an amount of memory such as 512MiB or 4GiB, from 16MiB to 1TiB"
        case .choice(let choices): "one of \(choices.joined(separator: ", "))"
        case .texts(let itemsMax, let charactersMax):
            "a list of at most \(itemsMax) texts of 1 to \(charactersMax) characters"
        case .section: "a section of keys and values"
        case .list(_, let itemsMax): "a list of at most \(itemsMax) entries"
        }
    }
}
