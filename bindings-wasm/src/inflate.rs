//! Undoes DEFLATE (RFC 1951) for the script of a Code node, whose host cannot: a module of its own, of
//! two kilobytes, because JavaScript that runs only once is slower at this than all the rest of the
//! start together. There are few checks: the only input is what the build put into that very script.

use std::cell::RefCell;

/// Bits in each element of the input.
const UNIT_BITS: u32 = 14;
/// The longest code.
const LONGEST: usize = 15;
/// How many symbols a code can have.
const SYMBOLS: usize = 288;
/// The order in which the lengths of the codes for code lengths are given.
const ORDER: [u8; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
/// Codes up to so many bits are looked up at once.
const QUICK_BITS: u32 = 10;

/// Most elements of input, and most bytes of output.
const INPUT: usize = 100_000;
const OUTPUT: usize = 512 << 10;

thread_local! {
    static WORK: RefCell<Work> = const { RefCell::new(Work {
        input: [0; INPUT],
        output: [0; OUTPUT],
        literals: Code::NONE,
        distances: Code::NONE,
        at: 0,
        held: 0,
        bits: 0,
        written: 0,
    }) };
}

/// Where the input belongs: 16-bit elements with 14 bits each, the lowest first.
#[expect(
    unsafe_code,
    reason = "an export needs its name, and wasm-bindgen is larger than all of this"
)]
#[unsafe(no_mangle)]
pub extern "C" fn input() -> usize {
    WORK.with_borrow_mut(|work| work.input.as_mut_ptr() as usize)
}

/// Undoes the compression and answers where the bytes are.
#[expect(unsafe_code, reason = "as above")]
#[unsafe(no_mangle)]
pub extern "C" fn inflate() -> usize {
    WORK.with_borrow_mut(|work| {
        while work.block() {}
        work.output.as_ptr() as usize
    })
}

/// A canonical Huffman code.
struct Code {
    /// How many codes of each length there are.
    counts: [u16; LONGEST + 1],
    /// The symbols in the order of their codes.
    symbols: [u16; SYMBOLS],
    /// By the next bits, for codes that are not longer: the symbol, and in the low four bits the
    /// length. 0 for the beginning of a longer one.
    quick: [u16; 1 << QUICK_BITS],
}

impl Code {
    const NONE: Self =
        Self { counts: [0; LONGEST + 1], symbols: [0; SYMBOLS], quick: [0; 1 << QUICK_BITS] };

    fn set(&mut self, lengths: &[u8]) {
        self.counts = [0; LONGEST + 1];
        self.quick = [0; 1 << QUICK_BITS];
        let mut place = 0;
        let mut code = 0_u32;
        for length in 1..=LONGEST as u32 {
            for (symbol, _) in
                lengths.iter().enumerate().filter(|(_, own)| u32::from(**own) == length)
            {
                put(&mut self.symbols, place, symbol as u16);
                let count = get(&self.counts, length as usize);
                put(&mut self.counts, length as usize, count + 1);
                if length <= QUICK_BITS {
                    let mut at = (code.reverse_bits() >> (32 - length)) as usize;
                    while at < 1 << QUICK_BITS {
                        put(&mut self.quick, at, (symbol as u16) << 4 | length as u16);
                        at += 1 << length;
                    }
                }
                place += 1;
                code += 1;
            }
            code <<= 1;
        }
    }
}

/// All state of the work.
struct Work {
    input: [u16; INPUT],
    output: [u8; OUTPUT],
    literals: Code,
    distances: Code,
    at: usize,
    held: u64,
    bits: u32,
    written: usize,
}

impl Work {
    /// Undoes one block; `false` after the last.
    fn block(&mut self) -> bool {
        let is_last = self.take(1) == 1;
        match self.take(2) {
            0 => self.stored(),
            1 => {
                let mut lengths = [8; SYMBOLS];
                lengths.iter_mut().take(256).skip(144).for_each(|length| *length = 9);
                lengths.iter_mut().take(280).skip(256).for_each(|length| *length = 7);
                self.literals.set(&lengths);
                self.distances.set(&[5; 30]);
                self.symbols();
            }
            _ => {
                self.codes();
                self.symbols();
            }
        }
        !is_last
    }

    fn fill(&mut self) {
        while self.bits <= 48 {
            self.held |= u64::from(get(&self.input, self.at)) << self.bits;
            self.at += 1;
            self.bits += UNIT_BITS;
        }
    }

    fn take(&mut self, count: u32) -> usize {
        self.fill();
        self.take_held(count)
    }

    /// The same where there are enough bits for certain.
    fn take_held(&mut self, count: u32) -> usize {
        let value = self.held & ((1 << count) - 1);
        self.held >>= count;
        self.bits -= count;
        value as usize
    }

    fn stored(&mut self) {
        // Elements are no bytes, so the place within the byte is counted from the beginning.
        let behind = (self.at as u32 * UNIT_BITS - self.bits) % 8;
        self.take((8 - behind) % 8);
        let length = self.take(16);
        self.take(16);
        for _ in 0..length {
            let byte = self.take(8);
            self.write(byte as u8);
        }
    }

    fn codes(&mut self) {
        let literals = self.take(5) + 257;
        let all = literals + self.take(5) + 1;
        let given = self.take(4) + 4;
        let mut lengths = [0_u8; SYMBOLS + 32];
        for &place in ORDER.iter().take(given) {
            let length = self.take(3);
            put(&mut lengths, usize::from(place), length as u8);
        }
        self.literals.set(lengths.get(..ORDER.len()).unwrap_or_default());
        let mut lengths = [0_u8; SYMBOLS + 32];
        let mut place = 0;
        while place < all {
            let symbol = self.symbol(false);
            let (length, times) = match symbol {
                16 => (get(&lengths, place.wrapping_sub(1)), 3 + self.take(2)),
                17 => (0, 3 + self.take(3)),
                18 => (0, 11 + self.take(7)),
                length => (length as u8, 1),
            };
            for _ in 0..times {
                put(&mut lengths, place, length);
                place += 1;
            }
        }
        let (literals, rest) = lengths.split_at_checked(literals).unwrap_or_default();
        self.literals.set(literals);
        self.distances.set(rest);
    }

    fn symbol(&mut self, is_distance: bool) -> usize {
        self.fill();
        let code = if is_distance { &self.distances } else { &self.literals };
        let entry = get(&code.quick, self.held as usize & ((1 << QUICK_BITS) - 1));
        let (symbol, length) = if entry == 0 {
            let (mut value, mut first, mut place, mut length) = (0, 0, 0, 0);
            loop {
                value |= (self.held >> length) as usize & 1;
                length += 1;
                let count = usize::from(get(&code.counts, length));
                if value < first + count || length == LONGEST {
                    break (get(&code.symbols, place + value - first), length as u32);
                }
                place += count;
                first = (first + count) << 1;
                value <<= 1;
            }
        } else {
            (entry >> 4, u32::from(entry & 15))
        };
        self.take_held(length);
        usize::from(symbol)
    }

    fn symbols(&mut self) {
        loop {
            let symbol = self.symbol(false);
            let Some(code) = symbol.checked_sub(256) else {
                self.write(symbol as u8);
                continue;
            };
            if code == 0 {
                return;
            }
            // 48 bits hold a code of each kind with its extra bits.
            let length = match code - 1 {
                code @ 0..=7 => 3 + code,
                28 => 258,
                code => {
                    let extra = code as u32 / 4 - 1;
                    3 + ((4 + code % 4) << extra) + self.take(extra)
                }
            };
            let distance = match self.symbol(true) {
                code @ 0..=1 => 1 + code,
                code => {
                    let extra = code as u32 / 2 - 1;
                    1 + ((2 + code % 2) << extra) + self.take(extra)
                }
            };
            // Byte by byte: the two may overlap.
            for _ in 0..length {
                let byte = get(&self.output, self.written.wrapping_sub(distance));
                self.write(byte);
            }
        }
    }

    fn write(&mut self, byte: u8) {
        put(&mut self.output, self.written, byte);
        self.written += 1;
    }
}

fn get<T: Copy + Default>(from: &[T], place: usize) -> T {
    from.get(place).copied().unwrap_or_default()
}

fn put<T>(into: &mut [T], place: usize, value: T) {
    if let Some(element) = into.get_mut(place) {
        *element = value;
    }
}
