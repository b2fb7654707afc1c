public import Domain

/// What surrounds every page: head, navigation, who is signed in, footer.
public struct PageFrame: Sendable {
    /// The limits under which a page is meant to run; sent with every page.
    public static let contentSecurityPolicy =
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

    public var now: Timestamp
    /// Name of who is signed in; nil on the sign-in page.
    public var principalName: String?
    /// Goes with the sign-out form; nil where there is no session to end (development).
    public var csrfToken: String?
    /// Whether the server runs without authentication.
    public var isDevelopment: Bool
    /// Changes with the embedded files.
    public var assetVersion: String

    public init(
        now: Timestamp, principalName: String?, csrfToken: String?, isDevelopment: Bool, assetVersion: String
    ) {
        self.now = now
        self.principalName = principalName
        self.csrfToken = csrfToken
        self.isDevelopment = isDevelopment
        self.assetVersion = assetVersion
    }

    /// The whole document.
    public func document(_ page: some Page) -> String {
        "<!doctype html>\n"
            + html(Attribute("lang", "en")) {
                documentHead(page)
                body {
                    a(.class("skip"), .href(.anchor("content")), text: "Skip to content")
                    if principalName != nil { sidebar(page.section) }
                    main(.id("content"), Attribute("tabindex", "-1"), .class(principalName == nil ? "alone" : "")) {
                        page.content(now: now)
                        if let seconds = page.refreshSeconds { live(seconds) }
                    }
                }
            }.rendered + "\n"
    }

    private func documentHead(_ page: some Page) -> HTML {
        head {
            meta(Attribute("charset", "utf-8"))
            meta(.name("viewport"), Attribute("content", "width=device-width, initial-scale=1"))
            meta(.name("color-scheme"), Attribute("content", "light dark"))
            meta(.name("referrer"), Attribute("content", "same-origin"))
            Dashboard.title(text: page.title + " · Martlet")
            linkTag(
                Attribute("rel", "icon"), .type("image/svg+xml"), .href(.asset("mark.svg", version: assetVersion)))
            linkTag(Attribute("rel", "stylesheet"), .href(.asset("dashboard.css", version: assetVersion)))
            script(Attribute("src", Link.asset("dashboard.js", version: assetVersion).text), Attribute("defer", nil))
        }
    }

    private func sidebar(_ current: Section?) -> HTML {
        header(.class("side")) {
            a(.class("brand"), .href(.models)) {
                Mark.html
                span(text: "Martlet")
            }
            nav(.label("Main")) {
                ul {
                    for place in Section.allCases {
                        li {
                            a([.href(place.link)] + (place == current ? [Attribute("aria-current", "page")] : [])) {
                                place.icon.html
                                span(text: place.title)
                            }
                        }
                    }
                }
            }
            account
        }
    }

    private var account: HTML {
        div(.class("account")) {
            if isDevelopment {
                p(.class("muted"), text: "Development mode: no authentication")
            } else if let principalName {
                p {
                    span(.class("muted"), text: "Signed in as ")
                    bdi(text: principalName)
                }
                if let csrfToken {
                    form(Attribute("method", "post"), .action(.signOut)) {
                        input(.type("hidden"), .name("csrf_token"), .value(csrfToken))
                        button(.type("submit"), .class("quiet"), text: "Sign out")
                    }
                }
            }
        }
    }

    private func live(_ seconds: Int) -> HTML {
        p(.class("live"), .id("live"), Attribute("data-refresh-seconds", String(seconds))) {
            span(.class("live-state")) {
                "State at "
                TimeText.exact(now)
                " UTC. Reload for the newest."
            }
        }
    }
}
