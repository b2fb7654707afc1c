import ArgumentParser
import Commands
import Testing

@Suite struct PrintedCommandTests {
    /// What stands for a value of its own kind on a page.
    private static let values = ["VERSION": "1", "ROLE": "viewer", "'…'": "why"]

    @Test("every command line that a page prints is one that the command line understands")
    func everyCommand() throws {
        var lines: Set<String> = []
        for (_, page) in SamplePages.full + SamplePages.empty {
            let text = SamplePages.document(page)
            for found in text.matches(of: #/(?:>|\n|: )(martlet [a-z][^<\n]*)/#) { lines.insert(String(found.1)) }
        }
        #expect(lines.count >= 15)
        for line in lines.sorted() {
            let words = line.split(separator: "&gt;")[0].split(separator: " ").dropFirst()
                .map { word in Self.values[String(word).replacing("&#39;", with: "'")] ?? String(word) }
            #expect(throws: Never.self, "\(line)") { _ = try MartletCommand.parseAsRoot(words) }
        }
    }
}
