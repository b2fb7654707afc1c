/// The rules of a webhook's name, address and retries.
public enum WebhookRules {
    /// As MLflow has it.
    public static let nameCharactersMax = 63
    public static let descriptionCharactersMax = 1_000
    public static let secretCharactersMax = 1_000
    public static let urlBytesMax = 2_048
    public static let eventsMax = 100
    /// Webhooks of one server: each is asked for with every change of the registry.
    public static let webhooksMax = 1_000
    /// Deliveries of one webhook that wait. More are noted as failed, so that a dead receiver costs no more than that.
    public static let pendingMax = 10_000
    /// Attempts of one delivery: with the pauses below they take some 17 minutes.
    public static let attemptsMax = 10
    /// Until the answer must be there.
    public static let deadlineSeconds = 10
    /// Pause before the second attempt; doubled before each further one.
    static let firstPauseMilliseconds = 1_000.0
    static let pauseMillisecondsMax = 600_000.0
    /// A receiver that asks for more time gets this much at most.
    public static let retryAfterSecondsMax = 3_600
    /// Bytes of an answer that are kept.
    public static let answerBytesMax = 4_096

    /// The pause after an attempt: exponential, and spread over half of its length so that receivers that failed together are
    /// not asked together.
    ///
    /// - Parameters:
    ///   - attempt: how many there have been, 1 or more.
    ///   - jitter: 0…1.
    ///   - retryAfter: seconds that the receiver asked for.
    public static func pauseMilliseconds(after attempt: Int, jitter: Double, retryAfter: Int?) -> Int64 {
        let doubled = firstPauseMilliseconds * Double(1 << min(attempt - 1, 20))
        let pause = min(doubled, pauseMillisecondsMax) * (1 + jitter / 2)
        let asked = Double(min(max(retryAfter ?? 0, 0), retryAfterSecondsMax)) * 1_000
        return Int64(max(pause, asked))
    }

    /// Whether trying again may help: the receiver is overloaded, broken or away.
    public static func isWorthRetrying(status: Int) -> Bool {
        [408, 425, 429].contains(status) || status >= 500
    }

    /// - Throws: `invalidArgument`, as MLflow.
    public static func check(name: String) throws(MartletError) {
        let scalars = Array(name.unicodeScalars)
        let isEnd: (UnicodeScalar?) -> Bool = { scalar in
            guard let scalar else { return false }
            return scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        }
        let isLegal = scalars.allSatisfy { isEnd($0) || "._-".unicodeScalars.contains($0) }
        guard isLegal, isEnd(scalars.first), isEnd(scalars.last), scalars.count <= nameCharactersMax else {
            throw .invalid(
                "Webhook name '\(name.prefix(100))' is invalid. It must start and end with a letter or digit, be less than 63 characters long, and contain only letters, digits, dots (.), underscores (_), and hyphens (-).",
                field: "name")
        }
    }

    /// - Throws: `invalidArgument` for anything but http and https with a host and no credentials.
    public static func check(url: String) throws(MartletError) {
        guard url.contains(where: { !$0.isWhitespace }) else {
            throw .invalid("Webhook URL cannot be empty or just whitespace: '\(url.prefix(20))'", field: "url")
        }
        guard url.utf8.count <= urlBytesMax, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .invalid(
                "Invalid webhook URL: it may have \(urlBytesMax) bytes, no spaces and no characters that are not ASCII.",
                field: "url")
        }
        guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") else {
            throw .invalid("Invalid webhook URL scheme: ''. Allowed schemes are: https, http.", field: "url")
        }
        let scheme = url[..<colon].lowercased()
        guard ["http", "https"].contains(scheme) else {
            throw .invalid("Invalid webhook URL scheme: '\(scheme)'. Allowed schemes are: https, http.", field: "url")
        }
        let authority = url[url.index(colon, offsetBy: 3)...].prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else {
            throw .invalid(
                "Webhook URL must not include embedded credentials: anybody who may see the webhook would see them.",
                field: "url")
        }
        guard !authority.hasPrefix("[") || authority.contains("]") else {
            throw .invalid("Invalid webhook URL '\(url)': a bracket is not closed.", field: "url")
        }
        guard !authority.isEmpty, !authority.hasPrefix(":") else {
            throw .invalid("Webhook URL must include a hostname: '\(url)'", field: "url")
        }
    }
}
