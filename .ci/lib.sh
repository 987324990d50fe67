# What the scripts in this folder share: where things lie, and how Debian packages are asked for.
# Sourced, never run.

# Outside the checkout, so that a fresh clone starts warm.
COFFER_TOOLS=${COFFER_TOOLS:-$HOME/.cache/coffer/tools}
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$HOME/.cache/coffer/target}
export COFFER_TOOLS CARGO_TARGET_DIR

say() { printf '[%s] %s\n' "${0##*/}" "$*"; }
die() { printf '[%s] %s\n' "${0##*/}" "$*" >&2; exit 1; }

# A registry's index may answer from an older copy than the lock file was made from; it then catches up.
retry() { local i; for i in 1 2 3 4 5 6; do "$@" && return 0; sleep 3; done; return 1; }

# Debian packages that the machine still lacks: `lack PACKAGE PROBE` notes PACKAGE unless PROBE (a shell
# command) succeeds, so that a tool that came from elsewhere counts; `install_lacking` gets what was noted.
LACKING=()
lack() { eval "$2" >/dev/null 2>&1 || LACKING+=("$1"); }

install_lacking() {
  [ ${#LACKING[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "please install what Debian calls: ${LACKING[*]}"
  local as=()
  if [ "$(id -u)" != 0 ]; then
    as=(sudo)
    # With a person at the terminal sudo may ask for the password; without one it must not hang.
    [ -t 0 ] || as=(sudo -n)
    command -v sudo >/dev/null && "${as[@]}" true 2>/dev/null ||
      die "not root and no sudo. Please have installed: apt-get install --no-install-recommends ${LACKING[*]}"
  fi
  say "apt-get install ${LACKING[*]}"
  retry "${as[@]}" apt-get update -qq
  retry "${as[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${LACKING[@]}" >/dev/null
  LACKING=()
}

# `cargo install` into the tools folder. None of these tools is a bottleneck, so they are compiled cheaply.
# First as its author locked it; where that lock asks for a newer compiler, with what this compiler can take.
install_crate() { # name version extra arguments...
  local name=$1 version=$2; shift 2
  local command=(env CARGO_PROFILE_RELEASE_LTO=false CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
    CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_STRIP=true
    CARGO_PROFILE_RELEASE_OPT_LEVEL="${OPT_LEVEL:-0}" CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback
    cargo install "$name" --version "$version" --root "$COFFER_TOOLS" --force
    --target-dir "$COFFER_TOOLS/build" "$@")
  say "cargo install $name $version (once per machine)"
  "${command[@]}" --locked || retry "${command[@]}"
}
