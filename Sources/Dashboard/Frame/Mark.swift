/// The mark: a martlet, the swift that never lands, in flight.
enum Mark {
    /// Wings, body and forked tail, 32 by 32. `Sources/CAssets/files/mark.svg` draws the same.
    static let outline =
        "M1.5 9.5 C8 8.2 12.6 10 15.4 13.6 C18.4 9.2 23.6 4.6 30.5 3.2 C26.8 7.6 23.8 12.6 21.4 17.2 "
        + "C20.9 20.6 22.4 24.6 26.4 28.6 C22.8 27.6 20.2 26.4 18.3 24.6 C17.4 26.6 16.4 28.4 14.6 30.2 "
        + "C14.9 26.4 14.7 22.9 13.4 20.2 C10.4 16 6.6 12.2 1.5 9.5 Z"

    static var html: HTML {
        svg(.class("brandmark"), .viewBox(32, 32), .hiddenFromReaders, Attribute("focusable", "false")) {
            path(.d(outline))
        }
    }
}
