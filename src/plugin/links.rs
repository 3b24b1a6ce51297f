//! The project's pages on the web, for hosts that show them. Hosts take nothing else: a manual that comes with the plugin, as the
//! one in About does, has no address that holds on every machine. While Cargo.toml names no repository there is no page, and a host that is told of
//! none shows no link.

/// The project's place, as Cargo.toml names it; empty while it names none.
pub const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// What every control does.
pub const MANUAL: Option<&str> = page(concat!(
    env!("CARGO_PKG_REPOSITORY"),
    "/blob/main/docs/guide.md"
));

/// Where to tell what is wrong.
pub const SUPPORT: Option<&str> = page(concat!(env!("CARGO_PKG_REPOSITORY"), "/issues"));

/// A page of the [`REPOSITORY`], if there is one.
const fn page(url: &'static str) -> Option<&'static str> {
    if REPOSITORY.is_empty() {
        None
    } else {
        Some(url)
    }
}
