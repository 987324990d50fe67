//! Listens on `/live`. Silence is a lost connection: the server says at least every five seconds that it is alive
//! and its database answers. While it is lost the page is asked for again each time the connection is tried.

use super::State;
use super::page::{self, Fetched};
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, MessageEvent, WebSocket};

/// Three times as long as the server is silent at most.
const SILENCE_MS: f64 = 15_000.0;
const WATCH: Duration = Duration::from_secs(2);
/// A look without a reason, for what the server's own look has missed.
const LOOK_MS: f64 = 30_000.0;
/// Between two looks: a busy wallet changes many times a second, and nobody reads that fast.
const PAUSE: Duration = Duration::from_millis(400);
/// Between two tries to connect: doubled each time, from half a second up to this.
const TRY_MAX_MS: u64 = 10_000;

/// One page has one of these; the browser has one thread.
#[derive(Default)]
struct Listener {
    topics: RefCell<Vec<String>>,
    state: RefCell<Option<RwSignal<State>>>,
    socket: RefCell<Option<WebSocket>>,
    heard_at: Cell<f64>,
    looked_at: Cell<f64>,
    tries: Cell<u32>,
    looking: Cell<bool>,
    /// Something changed that wasn't looked at yet.
    behind: Cell<bool>,
}

thread_local! {
    static LISTENER: Listener = Listener::default();
}

fn with<T>(work: impl FnOnce(&Listener) -> T) -> T {
    LISTENER.with(work)
}

fn now() -> f64 {
    js_sys::Date::now()
}

fn set(state: State) {
    let on = if state == State::Live { "on" } else { "still" };
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-live", on);
    }
    if let Some(signal) = with(|it| *it.state.borrow())
        && signal.get_untracked() != state
    {
        signal.set(state);
    }
}

fn state() -> State {
    with(|it| *it.state.borrow()).map_or(State::Still, |signal| signal.get_untracked())
}

/// Begins, where the page says that it is shown live.
pub fn start(signal: RwSignal<State>) {
    with(|it| *it.state.borrow_mut() = Some(signal));
    set(State::Still);
    let topics = document().get_element_by_id("main").and_then(|main| main.get_attribute("data-topics"));
    let Some(topics) = topics else { return };
    with(|it| *it.topics.borrow_mut() = topics.split(' ').map(str::to_owned).collect());
    connect();
    let _ = set_interval_with_handle(watch, WATCH);
    let seen = Closure::<dyn FnMut(Event)>::new(|_| {
        if with(|it| it.behind.get()) {
            look();
        }
    });
    let _ = document().add_event_listener_with_callback("visibilitychange", seen.as_ref().unchecked_ref());
    seen.forget();
}

/// By the button: figures stand still until it is lifted.
pub fn pause(paused: bool) {
    if paused {
        set(State::Paused);
        return;
    }
    let open =
        with(|it| it.socket.borrow().as_ref().is_some_and(|socket| socket.ready_state() == WebSocket::OPEN));
    set(if open { State::Live } else { State::Lost });
    look();
}

fn connect() {
    let Ok(host) = location().host() else { return };
    let scheme = if location().protocol().is_ok_and(|scheme| scheme == "https:") { "wss" } else { "ws" };
    let Ok(socket) = WebSocket::new(&format!("{scheme}://{host}/live")) else { return };
    on(&socket, "open", |_| {
        with(|it| {
            it.tries.set(0);
            it.heard_at.set(now());
        });
        if state() != State::Paused {
            set(State::Live);
        }
        // What changed between the making of the page and this moment.
        look();
    });
    on(&socket, "message", |event| {
        with(|it| it.heard_at.set(now()));
        let word = event.dyn_ref::<MessageEvent>().and_then(|event| event.data().as_string());
        if word.is_some_and(|word| with(|it| it.topics.borrow().contains(&word))) {
            look();
        }
    });
    on(&socket, "close", |_| lost());
    with(|it| *it.socket.borrow_mut() = Some(socket));
}

fn on(socket: &WebSocket, name: &str, act: impl FnMut(Event) + 'static) {
    let act = Closure::<dyn FnMut(Event)>::new(act);
    let _ = socket.add_event_listener_with_callback(name, act.as_ref().unchecked_ref());
    act.forget();
}

fn lost() {
    if state() == State::Out {
        return;
    }
    if state() != State::Paused {
        set(State::Lost);
    }
    let tries = with(|it| it.tries.replace(it.tries.get() + 1));
    let wait = (500_u64 << tries.min(6)).min(TRY_MAX_MS);
    // Browsers that lost the same server don't come back in the same moment.
    let jitter = js_sys::Math::random() * 0.5 + 0.75;
    set_timeout(
        || {
            connect();
            look();
        },
        Duration::from_millis(wait).mul_f64(jitter),
    );
}

fn watch() {
    let (silent, old) =
        with(|it| (now() - it.heard_at.get() > SILENCE_MS, now() - it.looked_at.get() > LOOK_MS));
    if state() == State::Live && silent {
        // Its close event may be long in coming, so it is told at once; `lost` follows by the event.
        set(State::Lost);
        with(|it| it.socket.borrow().as_ref().map(WebSocket::close));
    } else if state() == State::Live && old {
        look();
    }
}

/// Asks for the page again, now or when the look that is under way has ended. A page that nobody sees waits.
fn look() {
    let waits = document().hidden() || matches!(state(), State::Paused | State::Out | State::Still);
    with(|it| it.behind.set(true));
    if waits || with(|it| it.looking.replace(true)) {
        return;
    }
    with(|it| {
        it.behind.set(false);
        it.looked_at.set(now());
    });
    leptos::task::spawn_local(async {
        let fetched = page::fetch().await;
        match fetched {
            Ok(Fetched::Page(_)) if state() == State::Paused => {}
            Ok(Fetched::Page(new)) => page::apply(&new),
            Ok(Fetched::SignedOut) => set(State::Out),
            // The connection's own fate is told by the socket; a page that can't be had is no news.
            Err(_) => with(|it| it.behind.set(true)),
        }
        set_timeout(
            || {
                with(|it| it.looking.set(false));
                if with(|it| it.behind.get()) {
                    look();
                }
            },
            PAUSE,
        );
    });
}
