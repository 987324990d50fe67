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
