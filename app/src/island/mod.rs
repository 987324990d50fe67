//! The only code that runs in the browser. An island gets no secret, and every page is whole without it.

mod copy;
mod day_zone;
mod find_box;
mod keys;
mod live;
mod local_time;

pub use copy::Copy;
pub use day_zone::DayZone;
pub use find_box::FindBox;
pub use keys::{Keys, OPENER, PLACES};
pub use live::Live;
pub use local_time::LocalTime;
