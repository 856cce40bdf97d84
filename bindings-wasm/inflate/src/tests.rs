//! Decompresses blocks of each type. zlib wrote the compressed bytes, except where a test writes
//! bits.

use crate::decoder::UNIT_BITS;
use crate::{DECODER, set};

/// Decompresses bytes after packing them into the units that the module reads.
fn inflate(compressed: &[u8]) -> Vec<u8> {
    DECODER.with_borrow_mut(|decoder| {
        // Tests may share a thread, and the module decompresses only once.
        decoder.input.fill(0);
        decoder.input_index = 0;
        decoder.bit_buffer = 0;
        decoder.bit_count = 0;
        decoder.output_length = 0;
        for bit in 0..compressed.len() * 8 {
            if compressed[bit / 8] >> (bit % 8) & 1 == 1 {
                let index = bit / UNIT_BITS as usize;
                let unit = decoder.input[index] | 1 << (bit % UNIT_BITS as usize);
                set(&mut decoder.input, index, unit);
            }
        }
        decoder.decode();
        decoder.output[..decoder.output_length].to_vec()
    })
}

/// Bits as DEFLATE stores them: lowest first, Huffman codes highest first.
#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    /// The number of bits in `bytes`.
    length: usize,
}

impl BitWriter {
    /// Writes the lowest `count` bits of a number.
    fn bits(&mut self, value: usize, count: usize) {
        for bit in 0..count {
            if self.length.is_multiple_of(8) {
                self.bytes.push(0);
            }
            self.bytes[self.length / 8] |= ((value >> bit & 1) as u8) << (self.length % 8);
            self.length += 1;
        }
    }

    /// Writes a code word of `count` bits.
    fn code(&mut self, code: usize, count: usize) {
        for bit in (0..count).rev() {
            self.bits(code >> bit, 1);
        }
    }
}

#[test]
fn a_stored_block_is_copied() {
    let compressed =
        b"\x01\x0f\x00\xf0\xff\x73\x74\x6f\x72\x65\x64\x20\x61\x73\x20\x69\x74\x20\x69\x73";
    assert_eq!(inflate(compressed), b"stored as it is");
}

#[test]
fn a_block_with_the_fixed_code_is_decoded() {
    let compressed =
        b"\x0b\x4f\x2d\x52\x28\x4a\xcd\x2c\x49\x2d\x51\x28\xce\x57\x28\x2e\x48\x04\x32\x52\
        \x4a\x8b\x92\x33\x14\xfc\x12\x93\x33\x4a\x14\x4a\xf3\x52\x14\xc2\x33\xf3\x52\xec\x01";
    assert_eq!(inflate(compressed), b"Wer reitet so spaet durch Nacht und Wind?");
}

#[test]
fn a_copy_may_overlap_its_source() {
    assert_eq!(inflate(b"\x4b\x4c\x1c\x05\xa3\x60\x14\x0c\x77\x00\x00"), [b'a'; 1000]);
}

#[test]
fn code_words_longer_than_the_lookup_are_decoded() {
    // The block defines its own code. The letters occur in Fibonacci numbers, which leads to code words of 1 to
    // 13 bits.
    let compressed = b"\
        \x05\xc1\x41\x02\xc3\x30\x0c\xc3\xb0\xb7\x6e\x6b\x13\x5b\x22\xff\x7f\x1d\xf0\xf9\xfe\x7e\
        \xcf\xf3\xbc\xef\xfb\xbe\xe7\x9c\x73\xce\x39\xf7\xde\x7b\xef\xbd\xf7\xde\x7b\x67\x66\x66\
        \x66\x66\x66\x66\x66\x66\x66\x66\x77\x77\x77\x77\x77\x77\x77\x77\x77\x77\x77\x77\x77\x77\
        \x77\x77\x37\x49\x92\x24\x49\x92\x24\x49\x92\x24\x49\x92\x24\x49\x92\x24\x49\x92\x24\x49\
        \x92\xb4\x6d\xdb\xb6\x6d\xdb\xb6\x6d\xdb\xb6\x6d\xdb\xb6\x6d\xdb\xb6\x6d\xdb\xb6\x6d\xdb\
        \xb6\x6d\xdb\xb6\x6d\xdb\xb6\x6d\xdb\xb6\x6d\xdb\x16\x00\x00\x00\x00\x00\x00\x00\x00\x00\
        \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
        \x00\x00\x00\x00\x40\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\
        \x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\
        \x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\x55\xd5\x3f\
        ";
    let mut expected = Vec::new();
    let (mut count, mut next) = (1, 1);
    for symbol in b'a'..=b'm' {
        expected.extend(vec![symbol; count]);
        (count, next) = (next, count + next);
    }
    assert_eq!(inflate(compressed), expected);
}

#[test]
fn a_second_block_copies_from_the_largest_distance() {
    let stored: Vec<u8> = (0..32_768_u32).map(|n| (n * n % 251) as u8).collect();
    let mut writer = BitWriter::default();
    writer.bits(0, 3);
    writer.bits(0, 5);
    writer.bits(stored.len(), 16);
    writer.bits(!stored.len() & 0xffff, 16);
    for &byte in &stored {
        writer.bits(usize::from(byte), 8);
    }
    // The last block: the fixed code, one copy of 258 bytes over 32,768, and the end.
    writer.bits(0b011, 3);
    writer.code(0b1100_0101, 8);
    writer.code(29, 5);
    writer.bits(8191, 13);
    writer.code(0, 7);
    let expected = [stored.as_slice(), &stored[..258]].concat();
    assert_eq!(inflate(&writer.bytes), expected);
}
