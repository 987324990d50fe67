//! The browser half: JavaScript, WASM and CSS as cargo-leptos left them, compressed in advance where it did that.

use axum::Router;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use leptos::config::LeptosOptions;
use std::net::SocketAddr;
use std::path::PathBuf;
use tower::ServiceBuilder;
use tower_http::services::{ServeDir, ServeFile};

/// The list of hashed names lies beside the binary.
const HASHES: &str = "hash.txt";
/// The folder of built files, in the site and in urls.
const PACKAGE: &str = "pkg";

/// Found at run time: a binary that was moved takes its `site` along.
pub fn options(bind: SocketAddr) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name("coffer")
        .site_root(root().to_string_lossy())
        .site_pkg_dir(PACKAGE)
        .site_addr(bind)
        .hash_file(HASHES.into())
        .hash_files(beside_binary(HASHES).is_some_and(|file| file.exists()))
        .env(leptos::config::Env::PROD)
        .build()
}

/// `LEPTOS_SITE_ROOT`, else beside the binary, else where a build in the checkout leaves it.
#[allow(clippy::disallowed_methods, reason = "cargo-leptos says by its environment where it builds to")]
fn root() -> PathBuf {
    let named = std::env::var_os("LEPTOS_SITE_ROOT").map(PathBuf::from);
    let beside = beside_binary("site").filter(|folder| folder.is_dir());
    named.or(beside).unwrap_or_else(|| "target/site".into())
}

fn beside_binary(name: &str) -> Option<PathBuf> {
    Some(std::env::current_exe().ok()?.parent()?.join(name))
}

/// Files with their hash in the name never change, so that browsers may keep them for ever.
pub fn files(options: &LeptosOptions) -> Router {
    let keep = if options.hash_files { "public, max-age=31536000, immutable" } else { "no-cache" };
    let folder = PathBuf::from(&*options.site_root).join(PACKAGE);
    let files = ServeDir::new(folder).precompressed_br().precompressed_gzip();
    let cached = ServiceBuilder::new().map_response(move |mut response: Response<_>| {
        if response.status() == StatusCode::OK || response.status() == StatusCode::NOT_MODIFIED {
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(keep));
        }
        response
    });
    let root = |name: &str| ServeFile::new(PathBuf::from(&*options.site_root).join(name));
    Router::new()
        .nest_service(&format!("/{PACKAGE}"), cached.service(files))
        .route_service("/favicon.svg", root("favicon.svg"))
        .route_service("/robots.txt", root("robots.txt"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
    use std::fs;
    use tower::Service;

    #[tokio::test]
    async fn hashed_files_are_served_as_they_were_compressed_and_kept_for_ever() {
        let folder = std::env::temp_dir().join(format!("coffer-site-{}", std::process::id()));
        let name = "coffer.2r6Dk14Irv25C0C2GpcnAg.js";
        fs::create_dir_all(folder.join(PACKAGE)).unwrap();
        fs::write(folder.join(PACKAGE).join(name), "plain").unwrap();
        fs::write(folder.join(PACKAGE).join(format!("{name}.br")), "in advance").unwrap();
        let mut options = options(SocketAddr::from(([127, 0, 0, 1], 0)));
        options.site_root = folder.to_string_lossy().into();
        for (hash_files, kept) in [(true, "public, max-age=31536000, immutable"), (false, "no-cache")] {
            options.hash_files = hash_files;
            let mut files = files(&options);
            for (accepted, encoding, bytes) in [("gzip, br", "br", "in advance"), ("identity", "", "plain")] {
                let request = Request::get(format!("/{PACKAGE}/{name}")).header(ACCEPT_ENCODING, accepted);
                let answer = files.call(request.body(Body::empty()).unwrap()).await.unwrap();
                let header = |name| answer.headers().get(name).map_or("", |value| value.to_str().unwrap());
                assert_eq!((header(CONTENT_ENCODING), header(CACHE_CONTROL)), (encoding, kept));
                assert_eq!(to_bytes(answer.into_body(), 100).await.unwrap(), bytes);
            }
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
