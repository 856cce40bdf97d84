//! Runs one hot path of the core under a tool that counts instructions.
//!
//! Without arguments the program prints the names of the paths. With a name it runs the path twice: first to initialise
//! what a process creates once, then inside [`counted`], where the tool counts.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a run should stop at an unexpected result"
)]

mod inputs;
mod paths;

use std::hint::black_box;
use std::process::ExitCode;

use paths::PATHS;

/// The only function whose instructions, including those of its callees, are counted.
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    work();
    black_box(());
}

fn main() -> ExitCode {
    let Some(requested) = std::env::args().nth(1) else {
        for (name, _) in PATHS {
            println!("{name}");
        }
        return ExitCode::SUCCESS;
    };
    let Some((_, prepare)) = PATHS.iter().find(|(name, _)| *name == requested) else {
        println!("unknown path: {requested}. Run the program without arguments to list the paths.");
        return ExitCode::FAILURE;
    };
    let mut work = prepare();
    work();
    counted(&mut *work);
    ExitCode::SUCCESS
}
