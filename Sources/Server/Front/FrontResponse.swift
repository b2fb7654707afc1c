internal import Foundation
internal import NIOCore

/// An answer of the front as HTTP/1.1.
enum FrontResponse {
    static func bytes(
        _ answer: FrontAnswer, date: String, isSecure: Bool, isLast: Bool, allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: 320 + answer.body.count)
        if answer.status == 200 {
            buffer.writeStaticString("HTTP/1.1 200 OK\r\ncontent-type: ")
        } else {
            // The reason is for people, and may be empty.
            buffer.writeString("HTTP/1.1 \(answer.status) \r\ncontent-type: ")
        }
        buffer.writeString(answer.contentType)
        buffer.writeStaticString("\r\nx-content-type-options: nosniff\r\ndate: ")
        buffer.writeString(date)
        if isSecure { buffer.writeStaticString("\r\nstrict-transport-security: max-age=31536000") }
        if isLast { buffer.writeStaticString("\r\nconnection: close") }
        for field in answer.fields {
            buffer.writeStaticString("\r\n")
            buffer.writeString(field.name)
            buffer.writeStaticString(": ")
            buffer.writeString(field.value)
        }
        buffer.writeStaticString("\r\ncontent-length: ")
        buffer.writeString(String(answer.body.count))
        buffer.writeStaticString("\r\n\r\n")
        buffer.writeBytes(answer.body)
        return buffer
    }
}

/// The time as HTTP writes it, made once a second. Used by one thread.
final class HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private var second: time_t = -1
    private var text = ""

    func now() -> String {
        let now = time(nil)
        if now != second {
            second = now
            text = Self.text(now)
        }
        return text
    }

    /// RFC 9110, section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func text(_ second: time_t) -> String {
        var (second, parts) = (second, tm())
        gmtime_r(&second, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)])"
        return "\(day) \(parts.tm_year + 1900) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
