//! The decoder of DEFLATE blocks.

use crate::huffman::{HuffmanCode, LOOKUP_BITS, MAX_CODE_LENGTH, MAX_SYMBOLS};
use crate::{get, set};

/// Data bits of each input unit.
pub(crate) const UNIT_BITS: u32 = 14;
/// The greatest number of input units.
pub(crate) const MAX_INPUT_UNITS: usize = 100_000;
/// The greatest number of output bytes.
const MAX_OUTPUT_BYTES: usize = 512 << 10;
/// The greatest number of symbols in a distance code.
const MAX_DISTANCE_SYMBOLS: usize = 32;
/// The order in which a block lists the lengths of its code-length codes (RFC 1951, section 3.2.7).
const CODE_LENGTH_ORDER: [u8; 19] =
    [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The state of a decompression.
pub(crate) struct Decoder {
    /// 16-bit units with [`UNIT_BITS`] bits each, lowest bits first.
    pub(crate) input: [u16; MAX_INPUT_UNITS],
    pub(crate) output: [u8; MAX_OUTPUT_BYTES],
    /// The code of literals and copy lengths; while a block defines its codes, the code of their lengths.
    literals: HuffmanCode,
    /// The code of copy distances.
    distances: HuffmanCode,
    /// The next input unit to read.
    pub(crate) input_index: usize,
    /// The bits that were read and not used yet, lowest first.
    pub(crate) bit_buffer: u64,
    /// The number of bits in `bit_buffer`.
    pub(crate) bit_count: u32,
    /// Bytes written to `output`.
    pub(crate) output_length: usize,
}

impl Decoder {
    pub(crate) const EMPTY: Self = Self {
        input: [0; MAX_INPUT_UNITS],
        output: [0; MAX_OUTPUT_BYTES],
        literals: HuffmanCode::EMPTY,
        distances: HuffmanCode::EMPTY,
        input_index: 0,
        bit_buffer: 0,
        bit_count: 0,
        output_length: 0,
    };

    /// Decompresses every block of the input.
    pub(crate) fn decode(&mut self) {
        while self.decode_block() {}
    }

    /// Decompresses one block; returns `false` after the last one.
    fn decode_block(&mut self) -> bool {
        let is_last = self.take_bits(1) == 1;
        match self.take_bits(2) {
            0 => self.copy_stored(),
            1 => {
                // The fixed codes of RFC 1951, section 3.2.6.
                let mut lengths = [8; MAX_SYMBOLS];
                lengths.iter_mut().take(256).skip(144).for_each(|length| *length = 9);
                lengths.iter_mut().take(280).skip(256).for_each(|length| *length = 7);
                self.literals.assign(&lengths);
                self.distances.assign(&[5; 30]);
                self.decode_symbols();
            }
            _ => {
                self.read_codes();
                self.decode_symbols();
            }
        }
        !is_last
    }

    /// Fills the buffer to more than 48 bits, which is more than one read uses. Zeros follow the input.
    fn refill(&mut self) {
        while self.bit_count <= 48 {
            self.bit_buffer |= u64::from(get(&self.input, self.input_index)) << self.bit_count;
            self.input_index += 1;
            self.bit_count += UNIT_BITS;
        }
    }

    fn take_bits(&mut self, count: u32) -> usize {
        self.refill();
        self.take_buffered_bits(count)
    }

    /// Takes bits without a refill. The caller ensures that the buffer contains them.
    fn take_buffered_bits(&mut self, count: u32) -> usize {
        let value = self.bit_buffer & ((1 << count) - 1);
        self.bit_buffer >>= count;
        self.bit_count -= count;
        value as usize
    }

    /// Copies an uncompressed block.
    fn copy_stored(&mut self) {
        // A unit is not a byte, so the position in a byte is counted from the start of the input.
        let used_bits = (self.input_index as u32 * UNIT_BITS - self.bit_count) % 8;
        self.take_bits((8 - used_bits) % 8);
        let length = self.take_bits(16);
        // The complement of the length, which would only detect damaged input.
        self.take_bits(16);
        for _ in 0..length {
            let byte = self.take_bits(8);
            self.push(byte as u8);
        }
    }

    /// Reads the codes of a block that defines its own.
    fn read_codes(&mut self) {
        let literal_count = self.take_bits(5) + 257;
        let total_count = literal_count + self.take_bits(5) + 1;
        let code_length_count = self.take_bits(4) + 4;
        let mut lengths = [0_u8; MAX_SYMBOLS + MAX_DISTANCE_SYMBOLS];
        for &symbol in CODE_LENGTH_ORDER.iter().take(code_length_count) {
            let length = self.take_bits(3);
            set(&mut lengths, usize::from(symbol), length as u8);
        }
        self.literals.assign(lengths.get(..CODE_LENGTH_ORDER.len()).unwrap_or_default());
        let mut lengths = [0_u8; MAX_SYMBOLS + MAX_DISTANCE_SYMBOLS];
        let mut index = 0;
        while index < total_count {
            let symbol = self.decode_symbol(false);
            let (length, repetitions) = match symbol {
                16 => (get(&lengths, index.wrapping_sub(1)), 3 + self.take_bits(2)),
                17 => (0, 3 + self.take_bits(3)),
                18 => (0, 11 + self.take_bits(7)),
                length => (length as u8, 1),
            };
            for _ in 0..repetitions {
                set(&mut lengths, index, length);
                index += 1;
            }
        }
        let (literals, distances) = lengths.split_at_checked(literal_count).unwrap_or_default();
        self.literals.assign(literals);
        self.distances.assign(distances);
    }

    /// Decodes one symbol of the distance code or, if `is_distance` is false, of the literal code.
    fn decode_symbol(&mut self, is_distance: bool) -> usize {
        self.refill();
        let code = if is_distance { &self.distances } else { &self.literals };
        let entry = get(&code.lookup, self.bit_buffer as usize & ((1 << LOOKUP_BITS) - 1));
        let (symbol, length) = if entry == 0 {
            let (mut value, mut first, mut symbol_index, mut length) = (0, 0, 0, 0);
            loop {
                value |= (self.bit_buffer >> length) as usize & 1;
                length += 1;
                let count = usize::from(get(&code.counts, length));
                if value < first + count || length == MAX_CODE_LENGTH {
                    break (get(&code.symbols, symbol_index + value - first), length as u32);
                }
                symbol_index += count;
                first = (first + count) << 1;
                value <<= 1;
            }
        } else {
            (entry >> 4, u32::from(entry & 15))
        };
        self.take_buffered_bits(length);
        usize::from(symbol)
    }

    /// Decodes literals and copies of earlier output until the end of the block.
    fn decode_symbols(&mut self) {
        loop {
            let symbol = self.decode_symbol(false);
            // Symbols below 256 are bytes, 256 ends the block, and later ones begin a copy.
            let Some(code) = symbol.checked_sub(256) else {
                self.push(symbol as u8);
                continue;
            };
            if code == 0 {
                return;
            }
            // The tables of RFC 1951, section 3.2.5, as formulas.
            let length = match code - 1 {
                length_code @ 0..=7 => 3 + length_code,
                28 => 258,
                length_code => {
                    let extra_bits = length_code as u32 / 4 - 1;
                    3 + ((4 + length_code % 4) << extra_bits) + self.take_bits(extra_bits)
                }
            };
            let distance = match self.decode_symbol(true) {
                distance_code @ 0..=1 => 1 + distance_code,
                distance_code => {
                    let extra_bits = distance_code as u32 / 2 - 1;
                    1 + ((2 + distance_code % 2) << extra_bits) + self.take_bits(extra_bits)
                }
            };
            // Byte by byte, because source and target may overlap.
            for _ in 0..length {
                let byte = get(&self.output, self.output_length.wrapping_sub(distance));
                self.push(byte);
            }
        }
    }

    fn push(&mut self, byte: u8) {
        set(&mut self.output, self.output_length, byte);
        self.output_length += 1;
    }
}
