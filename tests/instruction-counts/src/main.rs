//! The core's hot paths, one at a time, for a tool that counts instructions.
//!
//! Without arguments, prints their names. With a name, runs that path twice: the first time for what
//! is made once in a process, the second inside [`counted`], which is where the tool counts.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a run that meets the unexpected should stop there"
)]

mod inputs;
mod paths;

use std::hint::black_box;
use std::process::ExitCode;

use paths::PATHS;

/// The only function whose instructions, and those of all that it calls, are counted.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    work();
    black_box(());
}

fn main() -> ExitCode {
    let Some(wanted) = std::env::args().nth(1) else {
        for (name, _) in PATHS {
            println!("{name}");
        }
        return ExitCode::SUCCESS;
    };
    let Some((_, make)) = PATHS.iter().find(|(name, _)| *name == wanted) else {
        println!("no such path: {wanted}");
        return ExitCode::FAILURE;
    };
    let mut work = make();
    work();
    counted(&mut *work);
    ExitCode::SUCCESS
}
