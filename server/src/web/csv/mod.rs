//! Lists as files: comma-separated values (RFC 4180) of the same rows, under the same filter, as the page of the same
//! name. Rows are read page by page and sent as they come, so that a million of them need no more memory than one page.
//! A list is one value of `List` (`lists.rs`, `network.rs`); the text is made in `text.rs`.

mod lists;
mod network;
mod text;

use app::desk::{Answer, AppError, Desk};
use app::model::{Export, FieldError, Page, Paging};
use app::page::{Query, error, link};
use async_trait::async_trait;
use axum::body::{Body, Bytes};
use axum::extract::Extension;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Router, extract::Path};
use futures_util::Stream;
use futures_util::stream::try_unfold;
use std::future::Future;
use std::io;
use std::sync::Arc;
use text::Cell;

/// Rows read and sent at once: the most that a page may have.
const CHUNK_ROWS: i64 = 200;

/// A list that can be taken along.
#[async_trait]
trait List: Send + Sync + 'static {
    fn export(&self) -> Export;
    /// Of the file, without date and ending.
    fn name(&self) -> String;
    fn head(&self) -> &'static [&'static str];
    async fn page(&self, desk: &dyn Desk, paging: Paging) -> Answer<Page<Vec<Cell>>>;
}

pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    type Asker = Extension<Arc<dyn Desk>>;
    Router::new()
        .route("/transactions.csv", get(|desk: Asker, uri: Uri| send(desk.0, uri, lists::transactions)))
        .route("/addresses.csv", get(|desk: Asker, uri: Uri| send(desk.0, uri, lists::addresses)))
        .route(
            "/network-transactions.csv",
            get(|desk: Asker, uri: Uri| send(desk.0, uri, network::network_transactions)),
        )
        .route("/broadcasts.csv", get(|desk: Asker, uri: Uri| send(desk.0, uri, network::broadcasts)))
        .route("/audit-log.csv", get(|desk: Asker, uri: Uri| send(desk.0, uri, lists::audit_log)))
        .route(
            "/accounts/{account}/history.csv",
            get(|desk: Asker, Path(account): Path<String>, uri: Uri| {
                send(desk.0, uri, move |query| lists::history(&account, query))
            }),
        )
}

/// `list`: from the URL, with what is wrong with it.
async fn send<L: List>(
    desk: Arc<dyn Desk>,
    uri: Uri,
    list: impl FnOnce(&Query) -> (L, Vec<FieldError>),
) -> Response {
    let asked = uri.path_and_query().map_or_else(|| uri.path().to_owned(), ToString::to_string);
    let Some(query) = Query::of_request(&asked) else { return StatusCode::BAD_REQUEST.into_response() };
    let (list, faults) = list(&query);
    match begin(&desk, &list, faults, &asked).await {
        Ok((first, name)) => file(desk, list, first, &name),
        Err(AppError::Unauthorized) => {
            Redirect::to(&link("/sign-in", [("next", asked.as_str())])).into_response()
        }
        Err(problem) => (error::status(&problem), format!("{problem}\n")).into_response(),
    }
}

/// The first page is read before anything is answered, so that a refusal has its status; then the export is logged.
async fn begin<L: List>(
    desk: &Arc<dyn Desk>,
    list: &L,
    faults: Vec<FieldError>,
    asked: &str,
) -> Answer<(Page<Vec<Cell>>, String)> {
    let frame = desk.frame().await?;
    if !faults.is_empty() {
        return Err(AppError::Invalid(faults));
    }
    let first = list.page(desk.as_ref(), paging(None)).await?;
    desk.begin_export(list.export(), asked).await?;
    Ok((first, format!("coffer-{}-{}.csv", list.name(), frame.now.date())))
}

fn paging(after: Option<String>) -> Paging {
    Paging { after, before: None, limit: Some(CHUNK_ROWS) }
}

fn file<L: List>(desk: Arc<dyn Desk>, list: L, first: Page<Vec<Cell>>, name: &str) -> Response {
    let head = text::line(list.head().iter().map(|name| Cell::text(*name)));
    let list = Arc::new(list);
    let chunks = chunks(head, first, move |after| {
        let (desk, list) = (desk.clone(), list.clone());
        async move { list.page(desk.as_ref(), paging(Some(after))).await }
    });
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, Body::from_stream(chunks)).into_response()
}

/// Where the next chunk comes from.
enum Next {
    Rows(String, Page<Vec<Cell>>),
    Cursor(String),
    End,
}

/// The head and the first page, then page by page to the end. A failure ends the stream with an error, which breaks
/// the connection: a file that was cut must not look whole.
fn chunks<F, Read>(head: String, first: Page<Vec<Cell>>, read: F) -> impl Stream<Item = io::Result<Bytes>>
where
    F: Fn(String) -> Read,
    Read: Future<Output = Answer<Page<Vec<Cell>>>>,
{
    try_unfold((Next::Rows(head, first), read), |(next, read)| async move {
        let (begun, page) = match next {
            Next::End => return Ok(None),
            Next::Rows(head, page) => (head, page),
            Next::Cursor(after) => (String::new(), read(after).await.map_err(broken)?),
        };
        let text = page.items.into_iter().fold(begun, |text, row| text + &text::line(row));
        let next = page.older.map_or(Next::End, Next::Cursor);
        Ok(Some((Bytes::from(text), (next, read))))
    })
}

fn broken(problem: AppError) -> io::Error {
    tracing::warn!(%problem, "an export was broken off");
    io::Error::other(problem.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::StreamExt;
    use std::sync::atomic::{AtomicI64, Ordering};

    /// Rows `first` to 0, falling, as a list is paged.
    fn numbers(after: i64) -> Page<Vec<Cell>> {
        let last = (after - CHUNK_ROWS).max(0);
        let items = (last..after).rev().map(|number| vec![Cell::number(number)]).collect();
        Page { items, newer: None, older: (last > 0).then(|| last.to_string()) }
    }

    #[tokio::test]
    async fn rows_are_read_only_as_the_file_is_taken() {
        let reads = Arc::new(AtomicI64::new(0));
        let counted = reads.clone();
        let read = move |after: String| {
            counted.fetch_add(1, Ordering::Relaxed);
            let page = numbers(after.parse().unwrap());
            async move { Ok(page) }
        };
        let mut chunks = Box::pin(chunks("number\r\n".into(), numbers(100_000), read));
        let (mut rows, mut largest) = (0, 0);
        for expected in 0.. {
            let Some(chunk) = chunks.next().await else { break };
            let chunk = String::from_utf8(chunk.unwrap().to_vec()).unwrap();
            assert_eq!(reads.load(Ordering::Relaxed), expected, "a chunk a page, and no page ahead");
            (rows, largest) = (rows + chunk.lines().count(), largest.max(chunk.len()));
        }
        assert_eq!(rows, 100_001);
        assert!(largest < 2_000, "{largest} bytes at once");
    }

    #[tokio::test]
    async fn a_file_that_breaks_off_ends_with_an_error() {
        let read = |_| async { Err(AppError::Internal { incident: "0".into() }) };
        let chunks: Vec<_> = chunks(String::new(), numbers(1_000), read).collect().await;
        assert_eq!(chunks.len(), 2);
        assert!(chunks[0].is_ok() && chunks[1].is_err());
        let body = Body::from_stream(futures_util::stream::iter(chunks));
        assert!(axum::body::to_bytes(body, usize::MAX).await.is_err());
    }
}
