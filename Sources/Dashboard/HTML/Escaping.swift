/// Makes any string safe and visible as HTML text or as a double-quoted attribute value.
///
/// Characters with a meaning in HTML become references. Characters that would be invisible or would reorder what stands
/// beside them (controls, bidirectional overrides, zero-width spaces, tags) are shown by their code point, so that what
/// somebody stored can neither vanish nor disguise itself.
enum Escaping {
    static func text(_ string: String) -> String {
        var output = ""
        append(string, to: &output, isAttribute: false)
        return output
    }

    static func append(_ string: String, to output: inout String, isAttribute: Bool) {
        if string.utf8.allSatisfy(isPlain) {
            output += string
            return
        }
        for scalar in string.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            case "\n": output += isAttribute ? "&#10;" : "\n"
            case "\t": output += isAttribute ? "&#9;" : "\t"
            default:
                if let visible = visibleForm(scalar) {
                    output += visible
                } else {
                    output.unicodeScalars.append(scalar)
                }
            }
        }
    }

    /// ASCII that means nothing to HTML: most text is only that, and is copied as a whole.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7f && byte != 0x26 && byte != 0x3c && byte != 0x3e && byte != 0x22 && byte != 0x27
    }

    /// How an invisible or reordering character is shown; nil for all others.
    private static func visibleForm(_ scalar: Unicode.Scalar) -> String? {
        switch scalar.value {
        case 0x00...0x1f:
            // The control pictures block repeats the C0 controls in order.
            return Unicode.Scalar(0x2400 + scalar.value).map { String(Character($0)) }
        case 0x7f:
            return "\u{2421}"
        case 0x80...0x9f, 0x061c, 0x180e, 0x200b, 0x200e, 0x200f, 0x2028...0x202e, 0x2060...0x206f, 0xfeff,
            0xfff9...0xfffb, 0xfffe, 0xffff, 0xe0000...0xe007f:
            let hex = String(scalar.value, radix: 16, uppercase: true)
            return "⟨U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex + "⟩"
        default:
            return nil
        }
    }
}
