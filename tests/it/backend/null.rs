//! The null backend does nothing, and says so.

use server::network::null::Null;
use server::network::{Backend, BackendClass, BackendError, SendOutcome};

#[tokio::test]
async fn null_gives_nothing_sends_nothing_and_receives_nothing() {
    let null = Null;
    assert_eq!(null.class(), BackendClass::Null);
    assert!(!null.can_prepare());
    assert!(matches!(null.connect().await, Err(BackendError::Unsupported(_))));
    assert!(matches!(null.node().await, Err(BackendError::Unsupported(_))));
    assert!(matches!(null.new_address("").await, Err(BackendError::Unsupported(_))));
    assert!(matches!(null.totals().await, Err(BackendError::Unsupported(_))));
    assert!(matches!(null.send_prepared(&[]).await, SendOutcome::Refused { .. }));
    assert!(matches!(null.send_many(&[], "").await, SendOutcome::Refused { .. }));
    assert!(matches!(null.test_prepared(&[]).await, Err(BackendError::Unsupported(_))));
    assert!(matches!(null.sent_since("00").await, Err(BackendError::Unsupported(_))));
    assert_eq!((null.uptime().await.unwrap(), null.can_replace()), (None, false));
    assert!(!null.owns("anything").await.unwrap());
    assert_eq!(null.unspent().await.unwrap(), []);
    assert_eq!(null.transaction("00").await.unwrap(), None);
    let since = null.since(None, 1).await.unwrap();
    assert_eq!((since.txids, since.cursor), (Vec::<String>::new(), None));
    assert!(null.simulated().is_none());
}
