/// A value as one word of a POSIX shell command, for the commands that pages tell people to type.
enum ShellWord {
    static func quoted(_ value: String) -> String {
        let isPlain =
            !value.isEmpty
            && value.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", ":", "@", "=", "+": true
                default: false
                }
            }
        guard !isPlain || value.hasPrefix("-") else { return value }
        var output = "'"
        for character in value { output += character == "'" ? "'\\''" : String(character) }
        return output + "'"
    }
}
