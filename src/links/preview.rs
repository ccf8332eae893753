//! The pictures a Dropbox notice carries about itself: a logo, an avatar. They are links, but no deliveries.

use super::Provider;

const PICTURES: [&str; 5] = [".png", ".jpg", ".jpeg", ".webp", ".gif"];
const DECORATION: [&str; 4] = ["ms", "logo", "avatar", "profile"];

/// Whether `url` is a Dropbox picture shown in place (`/scl/fi/…?raw=1`) that is named like decoration. Case is ignored.
pub(super) fn is_preview_image(url: &str) -> bool {
    let url = url.to_ascii_lowercase();
    let Some((_, address)) = url.split_once("://") else { return false };
    let address = address.split_once('#').map_or(address, |(address, _)| address);
    let (place, query) = address.split_once('?').unwrap_or((address, ""));
    let (authority, path) = place.split_once('/').unwrap_or((place, ""));
    let host = authority.split_once(':').map_or(authority, |(host, _)| host);
    let file = path.rsplit_once('/').map_or(path, |(_, file)| file);
    Provider::of_host(host) == Some(Provider::Dropbox)
        && path.starts_with("scl/fi/")
        && query.split('&').any(|pair| pair == "raw=1")
        && PICTURES.iter().any(|ending| file.ends_with(ending))
        && DECORATION.iter().any(|name| file.starts_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoration_shown_in_place() {
        let rows = [
            ("https://www.dropbox.com/scl/fi/x/MS.png?rlkey=1&raw=1", true),
            ("https://www.dropbox.com:443/scl/fi/x/Avatar-3.JPEG?raw=1#top", true),
            ("https://dropbox.com/scl/fi/x/profile.webp?raw=1", true),
            ("https://www.dropbox.com/scl/fi/x/photo.png?raw=1", false),
            ("https://www.dropbox.com/scl/fi/x/logo.png?raw=0", false),
            ("https://www.dropbox.com/scl/fi/x/logo.png?raw=10", false),
            ("https://www.dropbox.com/scl/fi/x/logo.svg?raw=1", false),
            ("https://www.dropbox.com/s/x/logo.png?raw=1", false),
            ("https://fromsmash.com/scl/fi/x/logo.png?raw=1", false),
            ("https://www.dropbox.com/scl/fi/x/a?u=/logo.png&raw=1", false),
        ];
        for (url, preview) in rows {
            assert_eq!(is_preview_image(url), preview, "{url}");
        }
    }
}
