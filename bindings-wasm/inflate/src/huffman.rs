//! Canonical Huffman codes.

use crate::{get, set};

/// The number of bits of the longest code word.
pub(crate) const MAX_CODE_LENGTH: usize = 15;
/// The largest number of symbols in a code.
pub(crate) const MAX_SYMBOLS: usize = 288;
/// Code words of up to this many bits are decoded with one table lookup.
pub(crate) const LOOKUP_BITS: u32 = 10;

/// A canonical Huffman code.
pub(crate) struct HuffmanCode {
    /// The number of code words of each length.
    pub(crate) counts: [u16; MAX_CODE_LENGTH + 1],
    /// The symbols in the order of their code words.
    pub(crate) symbols: [u16; MAX_SYMBOLS],
    /// Entries by the next [`LOOKUP_BITS`] bits: the symbol, and the length of its code word in the low
    /// four bits. An entry is 0 where a longer code word begins, or none.
    pub(crate) lookup: [u16; 1 << LOOKUP_BITS],
}

impl HuffmanCode {
    pub(crate) const EMPTY: Self = Self {
        counts: [0; MAX_CODE_LENGTH + 1],
        symbols: [0; MAX_SYMBOLS],
        lookup: [0; 1 << LOOKUP_BITS],
    };

    /// Rebuilds the code from the length of the code word of each symbol; 0 means that a symbol is unused.
    pub(crate) fn assign(&mut self, lengths: &[u8]) {
        self.counts = [0; MAX_CODE_LENGTH + 1];
        self.lookup = [0; 1 << LOOKUP_BITS];
        let mut symbol_index = 0;
        let mut code = 0_u32;
        for length in 1..=MAX_CODE_LENGTH as u32 {
            for (symbol, _) in
                lengths.iter().enumerate().filter(|(_, own)| u32::from(**own) == length)
            {
                set(&mut self.symbols, symbol_index, symbol as u16);
                let count = get(&self.counts, length as usize);
                set(&mut self.counts, length as usize, count + 1);
                if length <= LOOKUP_BITS {
                    // The first bit of a code word is the lowest bit of the index.
                    let mut index = (code.reverse_bits() >> (32 - length)) as usize;
                    while index < 1 << LOOKUP_BITS {
                        set(&mut self.lookup, index, (symbol as u16) << 4 | length as u16);
                        index += 1 << length;
                    }
                }
                symbol_index += 1;
                code += 1;
            }
            code <<= 1;
        }
    }
}
