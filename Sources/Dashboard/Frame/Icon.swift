/// Small drawings of our own, 16 by 16, drawn with the colour of the text beside them. They only repeat what words say.
enum Icon: String, Sendable {
    case check = "M3 8.5 6.5 12 13 4.5"
    case cross = "M4 4 12 12 M12 4 4 12"
    case question = "M5.5 6 a2.5 2.5 0 1 1 3.6 2.2 Q8 8.8 8 10 M8 12.6 v.3"
    case exclamation = "M8 3 v6.5 M8 12.6 v.3"
    case dash = "M4 8 H12"
    case play = "M5 3.5 12 8 5 12.5 Z"
    case pause = "M5.5 4 V12 M10.5 4 V12"
    case back = "M7 4 3.5 7.5 7 11 M3.5 7.5 H10 a3 3 0 0 1 0 6 H8"
    case clock = "M8 2.5 a5.5 5.5 0 1 0 .01 0 M8 5 V8.2 L10.2 9.8"
    case cube = "M8 1.8 13.5 5 V11 L8 14.2 2.5 11 V5 Z M2.5 5 8 8.2 13.5 5 M8 8.2 V14.2"
    case cylinder =
        "M3 4 a5 2 0 0 1 10 0 a5 2 0 0 1 -10 0 V12 a5 2 0 0 0 10 0 V4 M3 8 a5 2 0 0 0 10 0"
    case graph =
        "M2 5.5 h3.5 v5 H2 Z M10.5 2 H14 v4 h-3.5 Z M10.5 10 H14 v4 h-3.5 Z M5.5 8 H8 M8 4 V12 M8 4 h2.5 M8 12 h2.5"
    case branch = "M4 2.5 V13.5 M4 9.5 C4 6.5 12 8.5 12 4.5 V2.5 M10 4.5 12 2.3 14 4.5"
    case steps = "M2 13 H5.5 V9.5 H9 V6 H12.5 V2.5 H14"
    case bell = "M3.5 11.5 H12.5 L11.3 9.5 V7 a3.3 3.3 0 0 0 -6.6 0 V9.5 Z M6.7 13.7 H9.3"
    case cycle = "M13 8 a5 5 0 0 1 -9 3 M3 8 a5 5 0 0 1 9 -3 M12.2 2.2 V5.2 H9.2 M3.8 13.8 V10.8 H6.8"
    case search = "M7 2.5 a4.5 4.5 0 1 0 .01 0 M10.3 10.3 14 14"
    case chain =
        "M6.8 9.2 9.2 6.8 M7.5 5 9 3.5 a2.5 2.5 0 0 1 3.5 3.5 L11 8.5 M5 7.5 3.5 9 a2.5 2.5 0 0 0 3.5 3.5 L8.5 11"

    var html: HTML {
        svg(.class("icon"), .viewBox(16, 16), .hiddenFromReaders, Attribute("focusable", "false")) {
            path(.d(rawValue))
        }
    }
}
