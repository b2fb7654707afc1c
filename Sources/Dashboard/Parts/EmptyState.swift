/// What stands where nothing is yet: why, and what to type next.
struct EmptyState {
    var text: String
    /// Shell commands, one a line; may be none.
    var commands: [String] = []

    var html: HTML {
        div(.class("empty")) {
            p(text: text)
            if !commands.isEmpty {
                p(.class("muted"), text: "Type next:")
                pre(.class("command"), Attribute("tabindex", "0")) { code(text: commands.joined(separator: "\n")) }
            }
        }
    }
}
