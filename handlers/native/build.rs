//! Lists the files of `static/` for the server: path, media type, tag, bytes.

use std::collections::hash_map::DefaultHasher;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    // Asked now, not compiled in: a build folder that checkouts share would name the one that compiled this first.
    let own = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("no CARGO_MANIFEST_DIR")?;
    let folder = Path::new(&own).join("../../static").canonicalize()?;
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut paths = Vec::new();
    find(&folder, &mut paths)?;
    paths.sort();
    let mut code = String::from("/// Every file, in the order of their paths.\npub(super) const FILES: &[File] = &[\n");
    for path in paths {
        let bytes = fs::read(&path)?;
        let source = path.to_str().ok_or("a name that is not UTF-8")?;
        let url = format!("/{}", path.strip_prefix(&folder)?.display());
        let kind = content_type(&path).ok_or_else(|| format!("{}: of no known media type", path.display()))?;
        let etag = format!("\"{:016x}\"", hash(&bytes));
        writeln!(
            code,
            "File {{ path: {url:?}, content_type: {kind:?}, etag: {etag:?}, bytes: include_bytes!({source:?}) }},"
        )?;
    }
    code.push_str("];\n");
    let out = std::env::var_os("OUT_DIR").ok_or("no OUT_DIR")?;
    Ok(fs::write(Path::new(&out).join("assets.rs"), code)?)
}

/// Files in folders of folders. Names with `_` or `.` in front speak to the platform or to the system.
fn find(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(['_', '.']) {
            continue;
        }
        if entry.file_type()?.is_dir() { find(&entry.path(), found)? } else { found.push(entry.path()) }
    }
    Ok(())
}

/// The media types that wrangler gives the same names. An unknown one fails the build: guessing it would be a page that does not show.
fn content_type(path: &Path) -> Option<&'static str> {
    Some(match path.extension()?.to_str()? {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "woff2" => "font/woff2",
        _ => return None,
    })
}

/// Tells versions of one file apart; nothing more hangs on it.
fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
