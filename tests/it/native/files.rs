//! Static files. On Cloudflare the platform serves the same ones; tests/worker holds that it does.

use crate::harness::{Native, Server};

#[tokio::test]
async fn a_static_file_is_served_with_the_headers_of_every_answer() {
    let server = Server::on(Native::new(&[]));
    let get = async |path: &str| server.request("GET", path).send().await.unwrap();
    let file = get("/robots.txt").await;
    assert_eq!(file.status(), 200);
    assert!(file.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    let dynamic = get("/api/ping").await;
    for name in ["content-security-policy", "x-content-type-options", "referrer-policy"] {
        assert_eq!(file.headers().get(name), dynamic.headers().get(name), "{name}");
        assert!(file.headers().contains_key(name), "{name}");
    }
    assert_eq!(get("/_headers").await.status(), 404, "the platform's own file is not one of ours");
}
