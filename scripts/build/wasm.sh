#!/usr/bin/env bash
# Builds bindings-wasm to WebAssembly with its JavaScript glue, in five variants:
#
#   scripts/build/wasm.sh              all variants for release (some minutes)
#   scripts/build/wasm.sh development  the first three, unoptimised, to target/wasm-dev
#
#   target/wasm-pkg/rules      for Node and browsers
#   target/wasm-pkg/client     the network client, loaded on first use
#   target/wasm-pkg/documents  schemas and context managers, loaded on first use
#   target/wasm-pkg/code-node  the rules for the pasted Code-node script
#   target/wasm-pkg/inflate    the decompressor for that script (bindings-wasm/inflate)
#
# The wasm target comes from the toolchain, from `rustup target add`, or from Debian packages (whose standard
# library is built from source). Does nothing when the inputs did not change.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"

target=wasm32-unknown-unknown
case ${1:-release} in
  release) profile=wasm out=$root/target/wasm-pkg variants=(rules client documents code-node inflate) ;;
  development) profile=dev out=$root/target/wasm-dev variants=(rules client documents) ;;
  *) echo "usage: scripts/build/wasm.sh [release|development]" >&2 && exit 2 ;;
esac
say() { echo "wasm: $*"; }
. scripts/setup/lock.sh
# Several steps may run this script at the same time, and all variants compile to the same file name.
take_lock "wasm-$profile"
fail() {
  echo "wasm: $*" >&2
  exit 1
}

# --- choose the source of the wasm target ----------------------------------------------------

has_target() {
  local libdir
  libdir=$(rustc --print target-libdir --target "$target" 2>/dev/null) || return 1
  [ -n "$(ls "$libdir"/libstd-*.rlib 2>/dev/null)" ]
}

# Prints the path of a program of a Debian package. On PATH another program of that name may come first.
debian_program() {
  dpkg -L "$1" 2>/dev/null | grep -E "/bin/$2\$" | head -n 1
}

# Prints the path of a linker: `rust-lld` of a toolchain, or `wasm-ld`.
find_linker() {
  local sysroot host found
  for rustc in rustc "$(debian_program rustc-web rustc)"; do
    [ -n "$rustc" ] || continue
    sysroot=$("$rustc" --print sysroot 2>/dev/null) || continue
    host=$("$rustc" -vV | sed -n 's/^host: //p')
    found=$sysroot/lib/rustlib/$host/bin/rust-lld
    [ -x "$found" ] && echo "$found" && return
  done
  command -v wasm-ld || true
}

choose_route() {
  if has_target; then
    route=toolchain
  elif command -v rustup >/dev/null && say "adding $target with rustup" &&
    rustup target add "$target" && has_target; then
    route=toolchain
  else
    route=debian
    if [ -z "$(debian_program cargo-web cargo)" ] || [ -z "$(debian_program rustc-web rustc)" ] ||
      ! dpkg -s rust-web-src >/dev/null 2>&1; then
      scripts/setup/apt-install.sh rustc-web cargo-web rust-web-src ||
        fail "the target $target is missing: run \`rustup target add $target\`, or install the Debian packages rustc-web, cargo-web and rust-web-src"
    fi
    debian_cargo=$(debian_program cargo-web cargo)
    debian_rustc=$(debian_program rustc-web rustc)
    linker=$(find_linker)
    [ -n "$linker" ] || fail "rust-lld and wasm-ld are missing: install lld"
  fi
}

# WASM_ROUTE=debian forces the Debian packages, to test them on a machine with rustup.
if [ "${WASM_ROUTE:-}" = debian ]; then
  has_target() { false; }
  rustup() { false; }
fi
choose_route

# --- compare the inputs with the last build --------------------------------------------------

inputs() {
  echo "$route ${WASM_STD:-}"
  if [ "$route" = debian ]; then "$debian_rustc" -vV; else rustc -vV; fi
  find Cargo.toml Cargo.lock scripts/build/wasm.sh core/Cargo.toml core/src bindings-wasm/Cargo.toml \
    bindings-wasm/src bindings-wasm/inflate bindings-wasm/package-lock.json tools/wasm-bindgen -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
}

stamp=$(inputs | sha256sum | cut -d ' ' -f 1)
if [ "$(cat "$out/stamp" 2>/dev/null)" = "$stamp" ]; then
  say "up to date"
  exit 0
fi

# --- tools -----------------------------------------------------------------------------------

bindgen=$(scripts/build/wasm-bindgen.sh)
wasm_opt=
if [ "$profile" = wasm ]; then
  scripts/setup/node-deps.sh bindings-wasm
  wasm_opt=$root/bindings-wasm/node_modules/.bin/wasm-opt
fi

# --- build -----------------------------------------------------------------------------------

# Prints rustc flags that remove the folders of this machine from the source paths in panic messages.
remap_flags() {
  local sysroot crates=${CARGO_HOME:-$HOME/.cargo}/registry/src from
  sysroot=$("${debian_rustc:-rustc}" --print sysroot)
  for from in "$root" "$sysroot" "$(readlink -f "$sysroot/lib/rustlib/src/rust")" "$crates" "$crates"/*; do
    echo "\"--remap-path-prefix=$from=.\","
  done
}

# Succeeds if the standard library can be built from source. Optimised for size and without panic messages, it
# halves the size of a module.
can_build_std() {
  # WASM_STD=plain forces the prebuilt standard library, to test this case.
  [ "${WASM_STD:-}" != plain ] || return 1
  [ "$route" = debian ] && return
  local source
  source=$(rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock
  [ -f "$source" ] && return
  command -v rustup >/dev/null || return 1
  say "adding rust-src with rustup"
  rustup component add rust-src >/dev/null 2>&1 && [ -f "$source" ]
}

# Builds one variant; for release with the standard library from source, if possible.
#
#   build VARIANT LEVEL CARGO-ARGUMENTS…    LEVEL is the optimisation for size, s or z
#
# Optimisation for speed makes the module a third larger and no faster.
build() {
  local variant=$1
  if [ "$profile" = dev ]; then
    compile plain "$@"
    bind "$@"
    return
  fi
  if can_build_std; then
    if compile std "$@"; then
      bind "$@"
      return
    fi
    say "$variant: cannot build the standard library from source: using the prebuilt one, which makes the module larger"
  else
    say "$variant: the source of the standard library is missing, so the module is larger: run \`rustup component add rust-src\`"
  fi
  compile plain "$@"
  bind "$@"
}

compile() {
  local library=$1 variant=$2 level=$3
  shift 3
  local flags panic=abort folder=$root/target/wasm
  # Sets RUSTC_BOOTSTRAP only when needed, because cargo runs all build scripts again when it changes.
  local -a bootstrap=()
  local -a extra=()
  # Development builds share one target folder.
  [ "$profile" != dev ] || folder=$root/target
  flags=$(remap_flags | tr '\n' ' ')
  if [ "$library" = std ]; then
    panic=immediate-abort folder=$root/target/wasm-std bootstrap=(RUSTC_BOOTSTRAP=1)
    extra=(-Zpanic-immediate-abort -Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size)
    # No message uses `Debug` output or the location of a panic.
    flags+='"-Zunstable-options", "-Zlocation-detail=none", "-Zfmt-debug=none",'
  elif [ "$route" = debian ]; then
    bootstrap=(RUSTC_BOOTSTRAP=1)
    extra=(-Zbuild-std=std,panic_abort)
  fi
  flags+='"--cfg=sha2_backend_soft=\"compact\"",'
  local -a arguments=(build --quiet --lib --target "$target" --profile "$profile" "${extra[@]}" "$@")
  if [ "$profile" = wasm ]; then
    arguments+=(
      --config 'profile.wasm.inherits="release"'
      --config "profile.wasm.opt-level=\"$level\""
      --config "profile.wasm.panic=\"$panic\""
      --config 'profile.wasm.strip="debuginfo"'
      --config "target.$target.rustflags=[$flags]"
    )
  fi
  say "$variant: compiling (route: $route, library: $library)"
  if [ "$route" = debian ]; then
    folder=$root/target/debian-${profile}-$library
    env "${bootstrap[@]}" RUSTC="$debian_rustc" RUSTUP_TOOLCHAIN= \
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$linker" \
      "$debian_cargo" "${arguments[@]}" --target-dir "$folder" || return 1
  else
    env "${bootstrap[@]}" cargo "${arguments[@]}" --target-dir "$folder" || return 1
  fi
  local file=cognigy_context_wasm.wasm
  [ "$variant" != inflate ] || file=cognigy_context_inflate.wasm
  compiled=$folder/$target/${profile/dev/debug}/$file
}

bind() {
  local variant=$1 level=$2
  say "$variant: generating the JavaScript glue${wasm_opt:+ and optimising}"
  rm -rf "${out:?}/$variant"
  mkdir -p "$out/$variant"
  if [ "$variant" = inflate ]; then
    # Its functions take and return only numbers, which need no glue.
    cp "$compiled" "$out/$variant/cognigy_context_wasm_bg.wasm"
  else
    # After a panic a new instance is created. The Code-node script needs none, because it runs once.
    local -a reset=()
    [ "$variant" = code-node ] || reset=(--reset-state)
    "$bindgen" "${reset[@]}" "$compiled" "$out/$variant" || return 1
  fi
  [ -n "$wasm_opt" ] || return 0
  # Only these features: with all of them the module would need more than Node 18 supports.
  "$wasm_opt" "$out/$variant/cognigy_context_wasm_bg.wasm" -o "$out/$variant/optimised.wasm" \
    "-O$level" --converge \
    --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext \
    --enable-mutable-globals --enable-reference-types --enable-multivalue \
    --strip-debug --strip-producers || return 1
  mv "$out/$variant/optimised.wasm" "$out/$variant/cognigy_context_wasm_bg.wasm"
}

rm -f "$out/stamp"
for variant in "${variants[@]}"; do
  case $variant in
    rules | inflate) level=s ;;
    *) level=z ;;
  esac
  feature=${variant/code-node/small}
  package=(--package cognigy-context-wasm --no-default-features --features "$feature")
  [ "$variant" != inflate ] || package=(--package cognigy-context-inflate)
  build "$variant" "$level" "${package[@]}"
done
echo "$stamp" >"$out/stamp"
[ "$profile" = wasm ] || exit 0
for variant in "${variants[@]}"; do
  file=$out/$variant/cognigy_context_wasm_bg.wasm
  say "$variant: $(wc -c <"$file") bytes, $(gzip -9 <"$file" | wc -c) gzipped"
done
