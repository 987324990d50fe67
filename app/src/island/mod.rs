//! The only code that runs in the browser. An island gets no secret, and every page is whole without it.

mod live;
mod local_time;

pub use live::Live;
pub use local_time::LocalTime;
