/// What a run or a logged model is called that came without a name: an adjective, a bird and a number. The adjectives are among
/// MLflow's, whose clients know such a name by them.
public enum GivenName {
    private static let adjectives = words(
        """
        able adaptable adorable agreeable ambitious amusing bold bouncy bright bustling calm capable
        carefree caring charming classy colorful dapper dashing dazzling debonair delicate efficient
        fearless flawless fortunate fun gentle gifted glamorous handsome honorable judicious kindly learned
        legendary likeable luminous lyrical marvelous melodic merciful nimble orderly painted peaceful
        placid polite popular powerful rare receptive resilient respected selective serious sincere skillful
        smiling stately stylish tasteful traveling treasured trusting unique upbeat useful valuable
        welcoming whimsical wise wistful youthful zealous
        """)
    private static let birds = words(
        """
        auk crane crow dove duck eagle egret finch gull heron ibis jay kite lark loon magpie merlin oriole
        osprey owl plover quail raven robin rook shrike stork swan swift teal tern thrush wren
        """)

    /// At most 20 characters, as MLflow's names.
    public static func random() -> String {
        let adjective = adjectives[Int.random(in: adjectives.indices)]
        let bird = birds[Int.random(in: birds.indices)]
        return "\(adjective)-\(bird)-\(Int.random(in: 0...999))"
    }

    private static func words(_ text: String) -> [Substring] { text.split(whereSeparator: \.isWhitespace) }
}
