public import Domain

/// What is shown in place of a page that there is not.
public struct ErrorPage: Page {
    /// The HTTP status.
    public var status: Int
    /// The rule that was broken, as a sentence.
    public var message: String
    /// Tells this failure apart in the server's log; nil where nothing was logged.
    public var requestID: String?

    public init(status: Int, message: String, requestID: String? = nil) {
        self.status = status
        self.message = message
        self.requestID = requestID
    }

    public var title: String {
        switch status {
        case 403: "Not allowed"
        case 404: "Not found"
        case 500...: "The server failed"
        default: "The request cannot be answered"
        }
    }
    public var section: Section? { nil }

    public func content(now: Timestamp) -> HTML {
        div(.class("error-page")) {
            p(.class("status"), .hiddenFromReaders, text: String(status))
            h1(text: title)
            p(.class("lead")) { bdi(text: message) }
            if status == 403 {
                p(
                    .class("muted"),
                    text:
                        "An administrator can make a principal that has the role: martlet principal create NAME --role ROLE"
                )
            }
            if let requestID {
                p(.class("muted")) {
                    "In the server's log: request "
                    code(text: requestID)
                }
            }
            p { a(.href(.models), text: "To the models") }
        }
    }
}
