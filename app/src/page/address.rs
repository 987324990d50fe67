//! One address.

use super::{Content, Visit};
use crate::desk::{Answer, AppError};

pub async fn show(_: Visit) -> Answer<Content> {
    Err(AppError::NotFound("page"))
}
