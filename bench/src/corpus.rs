//! What the pieces are measured on: a terminal's output as builds and servers write it, the same
//! in every run.

/// A small generator of numbers (xorshift64*), so that the text is the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) % below
    }
}

const WORDS: [&str; 16] = [
    "compiling",
    "finished",
    "warning:",
    "error",
    "request",
    "GET",
    "/api/v1/items",
    "200",
    "in",
    "12.4ms",
    "worker",
    "src/main.rs:42",
    "größe",
    "接続",
    "ok",
    "test",
];

/// About `bytes` of log: words in lines, a fifth of them coloured, some beyond ASCII.
pub fn log(bytes: usize) -> Vec<u8> {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let mut out = Vec::with_capacity(bytes + 256);
    while out.len() < bytes {
        for _ in 0..4 + numbers.next(12) {
            let word = WORDS[usize::try_from(numbers.next(16)).unwrap_or(0)];
            if numbers.next(5) == 0 {
                let color = 31 + numbers.next(7);
                out.extend_from_slice(format!("\x1b[1;{color}m{word}\x1b[0m ").as_bytes());
            } else {
                out.extend_from_slice(word.as_bytes());
                out.push(b' ');
            }
        }
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// `count` redraws of a full screen of 120 by 40, as a monitor or an editor writes them.
pub fn redraws(count: usize) -> Vec<u8> {
    let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
    let mut out = b"\x1b[?1049h".to_vec();
    for _ in 0..count {
        for row in 1..=40 {
            let column = 1 + numbers.next(20);
            let load = numbers.next(100);
            let color = numbers.next(256);
            let line = format!("\x1b[{row};{column}H\x1b[38;5;{color}m{load:>3}%\x1b[K\x1b[m bar");
            out.extend_from_slice(line.as_bytes());
        }
    }
    out
}
