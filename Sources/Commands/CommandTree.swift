internal import ArgumentParser

/// Every command, in the groups that `martlet --help` shows. A new noun is one line here.
enum CommandTree {
    static let groups: [CommandGroup] = [
        CommandGroup(name: "Server", subcommands: [Serve.self]),
    ]
}
