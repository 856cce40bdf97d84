"""What bounds the rows that are not reached, from their profiles (`perf record`, callgrind, and parts timed
alone). The factors are computed of what was measured; the sentences are for a person to keep true."""

BOUNDS = {
    "1": "Row 1b's figure beside a slow peer: what shortens that row shortens this one.",
    "1b": "59 % of the time is the walk and the writer, flat: no instruction takes 5 %. 34 % is CPython, of "
    "which `PyDict_Next` is 15 %, `PyUnicode_AsUTF8AndSize` 3 %, and the tuple that the payload keeps 3 %. "
    "The stable ABI has a call for each string and each member, where orjson reads the objects themselves.",
    "1c": "As row 1b, with a scope that is another object in each dict.",
    "2c": "Nearly half of the time CPython makes and frees dicts, texts and numbers (875 dicts of four members, where "
    "the peer makes 1,001): 5 % allocation, 10 % copying and filling dicts, 8 % freeing. The scan of the bytes is 9 %, "
    "names and scopes 10 %, the collector 4 %; nothing else takes 3 %. The winners pass through three tables "
    "on their way, and values that are hidden are made too.",
    "4": "Row 4b's figure beside a slow peer.",
    "4b": "As row 1b.",
    "8": "The scanner is 67 % and flat; what shows in it are branches that no processor foresees, one or two a "
    "token.",
    "9": "`JSON.stringify` alone is 0.8 of the peer. On top come a look at each value, for what it would change "
    "or drop (0.4 of the stringify), the scan (0.7), and 0.25 for a call that builds a whole request.",
    "9b": "As row 9.",
    "10": "`JSON.parse` makes the same objects on both sides; the rest is the scan in WebAssembly and the text "
    "that comes back.",
    "11b": "An absolute time, and machines differ. Five sixths are the evaluation of the script (its text is parsed, "
    "unpacked and compiled), the rest is the first check.",
    "11c": "An absolute time, and this machine is slow: row 8 took 20 µs of its own on the machine of 2026-11-21. The script is built for size: with the core for speed the check takes 0.63 of "
    "that, but the inspector, which loads the same module, would take more than its 250 kB.",
    "12": "181 kB of it are WebAssembly: checks, coercion, bodies, requests. The same for size alone, without requests "
    "and options, is what the Code node's script unpacks: 145 kB. So no setting of the compiler reaches the goal.",
    "12c": "The JSON Schema crate with the Unicode tables of its regular expressions; without the tables `\\p{L}` "
    "would get other verdicts than in Rust and Python.",
    "13": "The peer only writes. Here each key is also measured, held against the rules and kept until its object "
    "ends, and each place in the value is known for an issue. Most of the time is in a member, where it is flat.",
}
