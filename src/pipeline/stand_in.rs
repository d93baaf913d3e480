//! Is this page in place of the one that was asked for? Missing pages that answer 200, sign-in pages, consent pages.
//!
//! In: what was asked for, where it led, and what the page says. Out: the reason to leave it out, if there is one.
//! A page with an article's worth of text is never left out: its own words decide nothing then.

use url::Url;

use crate::article::Article;
use crate::skip::Skip;
use crate::text;

/// A page with this many words has something of its own to say.
const MAX_WORDS: usize = 150;
/// Words of a page that says only one thing: then its text counts, not the headline alone.
const FEW_WORDS: usize = 60;
/// Mentions of consent from which a short page is about nothing else.
const MENTIONS: usize = 3;

/// How pages say that there is no page, in lower case; they stand at the start of a headline or of a short text.
const NOT_FOUND: [&str; 34] = [
    "404",
    "error 404",
    "page not found",
    "not found",
    "page cannot be found",
    "page can't be found",
    "page can’t be found",
    "page you requested",
    "page you are looking for",
    "page you were looking for",
    "page does not exist",
    "page doesn't exist",
    "page no longer exists",
    "page isn't available",
    "seite nicht gefunden",
    "seite wurde nicht gefunden",
    "seite konnte nicht gefunden",
    "page introuvable",
    "page non trouvée",
    "página no encontrada",
    "no se encuentra la página",
    "página não encontrada",
    "pagina non trovata",
    "pagina niet gevonden",
    "sidan kunde inte hittas",
    "siden blev ikke fundet",
    "sivua ei löytynyt",
    "nie znaleziono strony",
    "страница не найдена",
    "ページが見つかりません",
    "页面不存在",
    "頁面不存在",
    "페이지를 찾을 수 없습니다",
    "الصفحة غير موجودة",
];

/// Path segments and host names of sign-in pages.
const LOGIN_PLACES: [&str; 14] = [
    "login",
    "log-in",
    "signin",
    "sign-in",
    "sso",
    "auth",
    "oauth",
    "anmelden",
    "einloggen",
    "connexion",
    "inloggen",
    "logga-in",
    "kirjaudu",
    "accounts",
];

/// Path segments and host names of pages that ask for consent.
const CONSENT_PLACES: [&str; 7] = ["consent", "cookie-consent", "cookiewall", "cookie-wall", "privacy-gate", "privacygate", "gdpr"];

/// Words of consent, in lower case.
const CONSENT_WORDS: [&str; 12] = [
    "cookie",
    "consent",
    "einwilligung",
    "zustimmung",
    "consentement",
    "consentimiento",
    "consenso",
    "toestemming",
    "samtycke",
    "согласи",
    "同意",
    "동의",
];

/// The reason to leave a page out as a stand-in.
pub(super) fn of(asked: &Url, landed: &Url, article: &Article, asks_password: bool) -> Option<Skip> {
    let words = text::words_up_to(&article.body, MAX_WORDS);
    if words >= MAX_WORDS {
        return None;
    }
    let title = article.title.as_deref().unwrap_or_default().to_lowercase();
    let body = if words < FEW_WORDS { article.body.to_lowercase() } else { String::new() };
    if let Some(phrase) = NOT_FOUND.iter().find(|phrase| says(&title, phrase) || body_says(&body, phrase)) {
        return Some(Skip::SoftNotFound(format!("it says “{phrase}”")));
    }
    let moved = asked.path() != landed.path() || asked.host_str() != landed.host_str();
    if let Some(place) = place(landed, &LOGIN_PLACES)
        && (asks_password || moved)
    {
        return Some(Skip::LoginWall(format!("`{place}` in its URL")));
    }
    if asks_password && words < FEW_WORDS && !article.extraction.page_kind.is_article() {
        return Some(Skip::LoginWall("it asks for a password and says little else".to_owned()));
    }
    if let Some(place) = place(landed, &CONSENT_PLACES).filter(|_| moved) {
        return Some(Skip::ConsentWall(format!("`{place}` in its URL")));
    }
    let said = format!("{title} {}", article.body.to_lowercase());
    let mentions: usize = CONSENT_WORDS.iter().map(|word| said.matches(word).count()).sum();
    let about = article.published.is_none() && mentions >= MENTIONS && mentions * 25 >= words;
    about.then(|| Skip::ConsentWall(format!("{mentions} mentions of consent in {words} words")))
}

/// Whether a headline begins or ends with a phrase, or is little more than it: "Oops! Page not found", "Error: 404 - Not found".
fn says(title: &str, phrase: &str) -> bool {
    let Some(at) = title.find(phrase) else { return false };
    let whole = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let bounded = whole(title[..at].chars().next_back()) && whole(title[at + phrase.len()..].chars().next());
    let rest = title.chars().count() - phrase.chars().count();
    // Scripts without spaces have no bounds between words.
    (bounded || !phrase.is_ascii()) && rest <= 14
}

/// Whether a very short text holds a whole phrase: a number alone says nothing there.
fn body_says(body: &str, phrase: &str) -> bool {
    phrase.chars().count() > 9 && body.contains(phrase)
}

/// The name among a URL's first host label and its path segments.
fn place<'a>(url: &'a Url, names: &[&str]) -> Option<&'a str> {
    let label = url.host_str().and_then(|host| host.split('.').next());
    let segments = url.path_segments().into_iter().flatten().map(|s| s.split(['.', ';']).next().unwrap_or(s));
    label.into_iter().chain(segments).find(|part| names.contains(&part.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(asked: &str, landed: &str, html: &str) -> Option<&'static str> {
        let article = crate::extract(html, Some(landed)).unwrap();
        let url = |raw: &str| Url::parse(raw).unwrap();
        of(&url(asked), &url(landed), &article, html.contains("type=password")).map(|skip| skip.reason())
    }

    const STORY: &str = "https://news.example/2026/03/story";

    #[test]
    fn missing_pages_that_answer_200() {
        for html in [
            "<h1>Page not found</h1><p>Try the search.</p>",
            "<title>Oops</title><h1>Oops!</h1><p>The page you were looking for has moved or never was.</p>",
            "<h1>404</h1>",
            "<h1>Fehler 404: Seite nicht gefunden</h1>",
            "<h1>お探しのページが見つかりません</h1>",
        ] {
            assert_eq!(reason(STORY, STORY, html), Some("soft_404"), "{html}");
        }
    }

    #[test]
    fn stories_about_such_pages_stay() {
        let part = |n: u32| {
            format!("<p>Chapter {n} of the archive lists {} lost pages of the town's first newspaper, one by one, with dates.</p>", n * 7)
        };
        let long: String = (1..14).map(part).collect();
        assert_eq!(reason(STORY, STORY, &format!("<h1>Page not found</h1>{long}")), None);
        assert_eq!(reason(STORY, STORY, "<h1>Body not found after the flood, mayor says</h1><p>Divers go on tomorrow.</p>"), None);
        assert_eq!(reason(STORY, STORY, "<h1>Road 4040 closes</h1><p>Until May.</p>"), None);
    }

    #[test]
    fn walls() {
        let form = "<h1>Welcome back</h1><form><input type=text><input type=password></form>";
        assert_eq!(reason(STORY, "https://news.example/login?back=story", form), Some("login_wall"));
        assert_eq!(reason(STORY, "https://login.news.example/", "<h1>Welcome back</h1>"), Some("login_wall"));
        assert_eq!(reason(STORY, STORY, form), Some("login_wall"));
        assert_eq!(reason(STORY, "https://consent.news.example/collect?to=story", "<h1>Before you go on</h1>"), Some("consent_wall"));
        let wall =
            "<h1>We value your privacy</h1><p>We use cookies. With your consent, our partners set cookies too. Accept all cookies?</p>";
        assert_eq!(reason(STORY, STORY, wall), Some("consent_wall"));
        assert_eq!(reason(STORY, STORY, "<h1>Bakery sells its last cookie</h1><p>The queue was long.</p>"), None);
    }
}
