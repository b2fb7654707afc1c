import Testing

@testable import Dashboard

@Suite struct EscapingTests {
    @Test(
        "markup characters become references",
        arguments: [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("a & b", "a &amp; b"), ("\"x\" 'y'", "&quot;x&quot; &#39;y&#39;"),
            ("plain ünïcode ✓ 漢字", "plain ünïcode ✓ 漢字"),
        ])
    func escapesMarkup(_ text: String, _ expected: String) {
        #expect(HTML.text(text).rendered == expected)
    }

    @Test(
        "invisible and reordering characters are shown",
        arguments: [
            ("a\u{0}b", "a\u{2400}b"), ("\u{1b}[31m", "\u{241b}[31m"), ("\u{7f}", "\u{2421}"), ("\u{85}", "⟨U+0085⟩"),
            ("\u{202e}fdp.exe", "⟨U+202E⟩fdp.exe"), ("\u{2066}x\u{2069}", "⟨U+2066⟩x⟨U+2069⟩"),
            ("pay\u{200b}pal", "pay⟨U+200B⟩pal"), ("\u{feff}", "⟨U+FEFF⟩"), ("\u{e0041}", "⟨U+E0041⟩"),
            ("\r", "\u{240d}"),
        ])
    func showsInvisible(_ text: String, _ expected: String) {
        #expect(HTML.text(text).rendered == expected)
    }

    @Test("line breaks stay in text and become references in attributes")
    func lineBreaks() {
        #expect(HTML.text("a\nb").rendered == "a\nb")
        #expect(p(.title("a\n\"b\"")).rendered == "<p title=\"a&#10;&quot;b&quot;\"></p>")
    }

    @Test("a carriage return with a line feed is one character to Swift, and still two here")
    func carriageReturnLineFeed() {
        #expect(HTML.text("a\r\nb").rendered == "a\u{240d}\nb")
    }

    @Test("void elements have no end tag, and boolean attributes no value")
    func voidAndBoolean() {
        #expect(input(Attribute("required", nil), .name("x")).rendered == "<input required name=\"x\">")
    }

    @Test(
        "a link's segments cannot leave their place",
        arguments: [
            ("a/b", "/models/a%2Fb"), ("..", "/models/%2E%2E"), ("x?y#z", "/models/x%3Fy%23z"),
            ("é ", "/models/%C3%A9%20"),
            ("javascript:alert(1)", "/models/javascript%3Aalert%281%29"), ("a.b", "/models/a.b"),
        ])
    func links(_ name: String, _ expected: String) {
        #expect(Link.model(name).text == expected)
    }

    @Test("a value in a command to type is one shell word")
    func shellWords() {
        #expect(ShellWord.quoted("pump-1") == "pump-1")
        #expect(ShellWord.quoted("a b'; rm") == "'a b'\\''; rm'")
        #expect(ShellWord.quoted("") == "''")
    }
}
