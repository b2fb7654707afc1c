internal import ArgumentParser
internal import Commands

@main
struct Martlet {
    static func main() async {
        await MartletCommand.runAsProcess()
    }
}
