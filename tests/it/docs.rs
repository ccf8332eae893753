//! The documentation leads somewhere: its links, and the commands it begins with.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(page: &Path) -> String {
    std::fs::read_to_string(page).unwrap_or_else(|error| panic!("{}: {error}", page.display()))
}

/// The README and every guide under `docs`.
fn pages() -> Vec<PathBuf> {
    let guides = std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let guides = guides.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    guides.chain([root().join("README.md")]).collect()
}

/// What a page links to, outside its blocks of code; addresses on the web are left out.
fn links(text: &str) -> Vec<&str> {
    let prose = text.split("```").step_by(2);
    let targets = prose.flat_map(|part| part.split("](").skip(1)).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.starts_with("http")).collect()
}

/// The anchor of a heading, as the forges make it; or the one that the page writes itself.
fn has_anchor(text: &str, anchor: &str) -> bool {
    let slug = |heading: &str| -> String {
        let kept =
            heading.to_lowercase().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>();
        kept.replace(' ', "-")
    };
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    text.contains(&format!("id=\"{anchor}\"")) || headings.map(slug).any(|it| it == anchor)
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let mut seen = 0;
    for page in pages() {
        for link in links(&read(&page)) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.with_file_name("").join(file) };
            let what = format!("{}: {link}", page.display());
            assert!(target.exists(), "{what}");
            assert!(anchor.is_empty() || has_anchor(&read(&target), anchor), "{what}");
            seen += 1;
        }
    }
    assert!(seen > 15, "only {seen} links");
}

#[test]
fn the_readme_has_two_commands_a_picture_and_the_guides() {
    let readme = read(&root().join("README.md"));
    let (_, section) = readme.split_once("\n## Two commands\n").unwrap();
    let block = section.split("```").nth(1).unwrap();
    let commands: Vec<_> = block.lines().skip(1).filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(commands, ["scripts/run", "scripts/test"]);
    for command in commands {
        let mode = std::fs::metadata(root().join(command)).unwrap().permissions().mode();
        assert!(mode & 0o111 != 0, "{command} cannot be run");
    }
    assert!(readme.contains("\n## What happens to a mail\n"));
    let links = links(&readme);
    for guide in ["docs/flow.svg", "docs/gmail.md", "docs/configuration.md", "docs/architecture.md", "docs/proofs.md"] {
        assert!(links.contains(&guide), "{guide}");
    }
    assert!(read(&root().join("docs/flow.svg")).contains("<svg"));
}
