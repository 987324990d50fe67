//! The only code that runs in the browser. An island gets no secret, and every page is whole without it.

mod copy;
mod live;
mod local_time;

pub use copy::Copy;
pub use live::Live;
pub use local_time::LocalTime;
