//! Orders to deliver again.

use super::delivery;
use crate::db::query;
use crate::desk::order::Order;
use crate::desk::{PersonalDesk, error};
use crate::event::Redeliver;
use app::desk::{Answer, AppError};
use app::model::{Redelivered, Redelivery, Scope, Time};

pub async fn redeliver(desk: &PersonalDesk, which: &Redelivery) -> Answer<Redelivered> {
    let subject = match which {
        Redelivery::One(id) => format!("delivery {id}"),
        Redelivery::Since { handler, after } => format!("{handler}, after event {after}"),
        Redelivery::Failed { handler } => format!("{handler}, what failed"),
    };
    let order = Order { needs: Scope::Vet, action: "delivery.redeliver", subject };
    desk.allowed(&order).await?;
    if let Err(refusal) = check(desk, which).await {
        desk.log(&order, refusal.code()).await;
        return Err(refusal);
    }
    desk.carry_out(order, Redeliver { which: which.clone(), now: desk.shared.clock.now() }).await
}

/// Somebody must deliver it: a handler that no configuration names has nobody.
async fn check(desk: &PersonalDesk, which: &Redelivery) -> Answer<()> {
    let mut read = desk.read().await?;
    let tx = &mut read.tx();
    let handler = match which {
        Redelivery::One(id) => delivery::detail(tx, *id).await?.delivery.handler,
        Redelivery::Since { handler, .. } | Redelivery::Failed { handler } => handler.clone(),
    };
    let sql = "SELECT gone_at FROM handler WHERE name = $1";
    let found: Option<(Option<Time>,)> =
        query(sql).bind(&handler).optional(tx).await.map_err(error::from_db)?;
    match found {
        None => Err(AppError::NotFound("handler")),
        Some((None,)) => Ok(()),
        Some((Some(_),)) => Err(AppError::refused(
            "handler_gone",
            format!(
                "The configuration has no handler {handler} any more, so that nobody would deliver to it. Name it there again first."
            ),
        )),
    }
}
