//! What a browser says it is, in words that its owner recognises.

use crate::i18n::Lang;

/// A browser and what it runs on.
pub(crate) struct Device {
    /// E.g. `Firefox · Windows`.
    pub name: String,
    /// Whether it is a telephone or tablet.
    pub mobile: bool,
}

/// Tokens of a user agent with the names people know. The order matters: most browsers also claim
/// to be Chrome and Safari.
const BROWSERS: [(&str, &str); 8] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Android claims to be Linux, and an iPhone to be like Mac OS.
const SYSTEMS: [(&str, &str, bool); 7] = [
    ("Android", "Android", true),
    ("iPhone", "iPhone", true),
    ("iPad", "iPad", true),
    ("Windows", "Windows", false),
    ("Mac OS X", "macOS", false),
    ("CrOS", "ChromeOS", false),
    ("Linux", "Linux", false),
];

impl Device {
    /// From a `User-Agent` header.
    pub fn of(agent: &str, l: Lang) -> Self {
        let browser = BROWSERS.iter().find(|(token, _)| agent.contains(token));
        let system = SYSTEMS.iter().find(|(token, ..)| agent.contains(token));
        let names = [browser.map(|b| b.1), system.map(|s| s.1)];
        let names: Vec<&str> = names.into_iter().flatten().collect();
        Self {
            name: if names.is_empty() {
                l.t("logins-unknown")
            } else {
                names.join(" · ")
            },
            mobile: system.is_some_and(|s| s.2),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Device;
    use crate::i18n::Lang;

    #[test]
    fn a_browser_is_told_by_the_name_its_owner_knows() {
        let table = [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
                "Edge · Windows",
                false,
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari · iPhone",
                true,
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
                "Chrome · Android",
                true,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0",
                "Firefox · Linux",
                false,
            ),
            ("curl/8", "Navegador desconocido", false),
        ];
        let l = Lang::named("es").unwrap_or(Lang(domain::tenant::Language::Es));
        for (agent, name, mobile) in table {
            let device = Device::of(agent, l);
            assert_eq!((device.name.as_str(), device.mobile), (name, mobile));
        }
    }
}
