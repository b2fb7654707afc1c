public import Domain

/// The form that trades an API key for a session.
public struct SignInPage: Page {
    /// Returned with the form, compared with the cookie of the same value.
    public var csrfToken: String
    /// Why the last attempt failed; nil on the first.
    public var failure: String?
    /// The path to go to afterwards; the server checks that it is its own.
    public var next: String

    public init(csrfToken: String, failure: String? = nil, next: String = "/models") {
        self.csrfToken = csrfToken
        self.failure = failure
        self.next = next
    }

    public var title: String { "Sign in" }
    public var section: Section? { nil }

    public func content(now: Timestamp) -> HTML {
        div(.class("sign-in card")) {
            Mark.html
            h1(text: "Sign in to Martlet")
            if let failure {
                p(.class("failure"), .id("failure"), .role("alert")) {
                    Icon.exclamation.html
                    failure
                }
            }
            form(Attribute("method", "post"), .action(.signIn)) {
                input(.type("hidden"), .name("csrf_token"), .value(csrfToken))
                input(.type("hidden"), .name("next"), .value(next))
                label(Attribute("for", "key"), text: "API key")
                input(
                    [
                        .type("password"), .id("key"), .name("key"), Attribute("autocomplete", "current-password"),
                        Attribute("required", nil), Attribute("autofocus", nil), Attribute("spellcheck", "false"),
                    ]
                        + (failure == nil
                            ? [] : [Attribute("aria-describedby", "failure"), Attribute("aria-invalid", "true")]))
                button(.type("submit"), text: "Sign in")
            }
            details {
                summary(text: "Where is my key?")
                p(
                    text: "The administrator's first key lies in a file that the server named when it first started. "
                        + "Everyone else gets one from an administrator, who types:")
                pre(.class("command"), Attribute("tabindex", "0")) {
                    code(text: "martlet principal create NAME --role viewer\nmartlet key create NAME")
                }
            }
        }
    }
}
