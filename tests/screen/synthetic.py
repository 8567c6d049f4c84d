#!/usr/bin/env python3
"""Writes one stream per terminal feature to tests/recordings/synthetic-<name>.bin."""

import pathlib

OUT = pathlib.Path(__file__).parent.parent / "recordings"
E = "\x1b"
C = "\x1b["


def lines(count, text="line {n}"):
    return "".join(text.format(n=n) + "\r\n" for n in range(1, count + 1))


STREAMS = {
    "plain": lines(60) + "prompt$ ",
    "colors16": "".join(f"{C}{30 + n};{100 + n}mcolour{n}{C}m {C}{90 + n}m{C}{40 + n}mbright{C}0m\r\n" for n in range(8)),
    "colors256": "".join(f"{C}38;5;{n}m{C}48;5;{255 - n}m{n:4}{C}m" + ("\r\n" if n % 12 == 11 else "") for n in range(256)),
    "truecolor": "".join(f"{C}38;2;{n};{255 - n};128m{C}48;2;0;{n};{n}mx{C}m" for n in range(256)) + f"\r\n{C}38:2::9:8:7mcolon{C}48:5:77mx{C}m",
    "attributes": "".join(f"{C}{n}mstyle {n}{C}0m {C}{n}mon{C}{off}moff\r\n" for n, off in ((1, 22), (2, 22), (3, 23), (4, 24), (5, 25), (7, 27), (8, 28), (9, 29))) + f"{C}1;3;4;7mall{C}22;27mless",
    "underlines": "".join(f"{C}4:{n}m{C}58:5:{n * 20}munder {n}{C}59m plain colour{C}4:0m none\r\n" for n in range(1, 6)) + f"{C}4m{C}58;2;1;2;3mrgb{C}24m end",
    "bce": f"{C}44mblue{C}K\r\n{C}2Jcleared\r\n{C}41m{C}Jbelow{C}42m\r\n{C}1Kx{C}10X{C}3@{C}2P{C}m done{C}K\r\n" + f"{C}45m" + lines(30),
    "wrap": "a long text that goes on and on, " * 20 + "\r\nshort\r\n" + "x" * 80 + "y" + "\r\n" + "z" * 80,
    "wrap-erase": "w" * 200 + f"{C}A{C}K" + "v" * 170 + f"{C}2A{C}2K{C}B{C}1K{C}Bq" + "u" * 100 + f"\r{C}X" + f"{C}L" + "t" * 90 + f"{C}A{C}M" + "s" * 90,
    "pending": "p" * 80 + f"{C}31m" + "q" * 80 + f"{C}6n" + "r" * 79 + "\b" + "s" * 3 + f"{C}?7l" + "t" * 100 + f"{C}?7hu" + "\r\n" + "v" * 80 + f"{E}7\r\nw{E}8x",
    "wide": "漢字かな交じり文" * 8 + "\r\n" + "a" + "漢" * 60 + f"{C}5Gx{C}8Gy{C}3G{C}P{C}2@{C}1X" + "\r\n" + "é" * 30 + "한국어" * 20,
    "combining": "e\u0301a\u0308o\u0302 " * 20 + "\r\n" + "n\u0303\u0323" * 70 + "\r\n" + "क्षि " * 10,
    "emoji": "smile 😀 party 🎉 flag end\r\n" + "👍" * 45 + "\r\n" + "🚀 launch " * 12,
    "linedraw": f"{E}(0lqqqqwqqqqk\r\nx    x    x\r\nmqqqqvqqqqj{E}(B plain\r\n{E})0\x0exqx\x0f text \x0e`afgn~{E}(0q\x0fq{E}(B",
    "shift": f"{E})0{E}*0a\x0eq{E}nq{E}oq\x0fq\x0e" + "tu" + f"{E}7\x0fz{E}8y\x0fx",
    "uk": f"{E}(A#pound# {E}(B#hash#",
    "region": f"{C}5;15r" + lines(30) + f"{C}5;1H{E}M{E}Mtop{C}15;1H{E}D{E}Ebottom{C}10;1H{C}3Lins{C}2Mdel{C}3S{C}2T" + f"{C}20;1Hout of it\n\n\n" + f"{C}7;1Hin",
    "region-top": f"{C}1;10r" + lines(25) + f"{C}24;1Hstatus{C}10;1H" + lines(12) + "w" * 170,
    "origin": f"{C}4;12r{C}?6h{C}1;1Hfirst{C}99;99Hx{C}3;5Hmid{C}6n{C}d{C}2Gy{C}?6l{C}1;1Habs{C}?6h{C}2;2Hinside",
    "tabs": f"a\tb\tc\r\n{C}3g{C}1;5H{E}H{C}1;20H{E}H{C}1;60H{E}H\r\n\tA\tB\tC\tD\r\n{C}20G{C}g\r\tE\tF{C}2ZG{C}IH",
    "insert": f"abcdef\r{C}4hXYZ{C}4lQ\r\n{C}4h" + "m" * 90 + "漢" + f"\r{C}4hnn",
    "edit": "0123456789" * 8 + f"{C}1;5H{C}5P{C}3@{C}4X{C}20G{C}99P\r\n" + "0123456789" * 7 + f"\r{C}10C{C}10@{C}K{C}1K",
    "lines-edit": lines(20) + f"{C}5;1H{C}3L{C}10;1H{C}4M{C}3;7H{C}L{C}24;1H{C}L{C}1;1H{C}M{C}99M",
    "erase": lines(23) + f"{C}10;5H{C}J{C}5;5H{C}1J{C}2;1Hagain{C}2J{C}3;3Hnew{C}3J" + lines(40) + f"{C}H{C}2J{C}3Jx",
    "erase-second-row": "one\r\ntwo\r\nthree" + f"{C}2;2H{C}1J",
    "alt": lines(40) + f"{C}5;10H{C}31m{C}?1049h{C}H{C}32malt text{C}10;10Hmore{C}44m{C}K" + f"{C}?1049l" + "back " + f"{C}?1049h{C}2Jagain{C}?1049l{C}m end",
    "alt47": lines(10) + f"{C}3;3H{E}7{C}5;5H{C}?47hin alt{C}?47l out {E}8saved{C}?1047hbuffer{C}10;10Hx{C}?1047lback{C}?1048h{C}1;1Hy{C}?1048lz",
    "alt-region": lines(30) + f"{C}2;5r{C}?1049h{C}3;20r{C}3;1H" + lines(30) + f"{C}4h{C}?1049l" + "x\r\n" * 8,
    "decsc": f"{C}4;7H{C}1;35m{E}(0{E}7q{C}m{E}(B{C}10;10Hplain{E}8q{C}s{C}1;1Hx{C}uq" + f"{E}(B{C}m",
    "modes": f"{C}?1h{E}={C}?2004h{C}?1004h{C}?25lhidden{C}?12h{C}?45h{C}?1000h{C}?1006h" + "text " * 30 + f"{C}?1003h{C}?1016h{C}20hx\ny" + f"{C}?1003l{E}>{C}?25h",
    "mouse": f"{C}?9hx{C}?1002hy{C}?1006h" + "z" * 20 + f"{C}?1002l{C}?1000hw{C}?1006l{C}?1015h{C}?1005hv",
    "cursor-style": "".join(f"{C}{n} qstyle {n}\r\n" for n in range(7)) + f"{C}?25l",
    "title": f"{E}]2;first title\x07text {E}]0;second; with semicolon{E}\\more {C}22;0t{E}]2;third\x07x{C}23;0ty",
    "links": f"{E}]8;;http://example.org/a\x07link{E}]8;;\x07 plain {E}]8;id=7;http://example.org/b;c{E}\\two {C}1mbold{C}m{E}]8;;{E}\\\r\n{E}]8;;http://example.org/" + "long text " * 12 + f"{E}]8;;{E}\\",
    "links2": f"{E}]8;;http://example.org/\x07" + "wrapped link " * 12 + f"\r\nopen still {C}4munder",
    "palette": f"{E}]4;1;#ff8800;2;rgb:12/34/56\x07{C}31mred{C}32mgreen{E}]10;#ffffff{E}\\{E}]11;rgb:0000/1111/2222\x07{E}]12;#0f0\x07x{E}]104;1\x07y{E}]111\x07",
    "kitty": f"{C}>1u{C}>5uab{C}=2;2u{C}?1049h{C}>3ualt{C}<u{C}?1049l{C}<1uc{C}>4;2mmodify{C}>4m",
    "reset": lines(30) + f"{C}31m{C}5;10r{C}?6h{C}4hred{E}c" + "after reset" + f"{C}1m{C}?25l{C}3;9r{C}!psoft",
    "decaln": f"{C}44m{E}#8{C}5;5H{C}mhere{C}J",
    "repeat": f"a{C}10b-{C}200b\r\n漢{C}5b\r\n{C}31mz{C}3b",
    "controls": "a\x00b\x01c\x05d\x7fe\x0bvt\x0cff\rcr\b\b\bbs\x07\x18\x1ax" + f"{E}[3\x0812;5\nHy{E}[12\x18z{E}[{E}[1mw",
    "c1": "a\u009b31mred\u009bm\u0085nel\u0084ind\u008dri\u009d2;c1 title\u009cx\u0088",
    "utf8-bad": b"ok \xff\xfe bad \xe2\x82 cut \xf0\x9f\x98 more \xc0\xaf end \xe2\x82\xac",
    "strings": f"a{E}Pqignored sixel data{E}\\b{E}_Gapc{E}\\c{E}^pm{E}\\d{E}Xsos{E}\\e{E}]1337;File=x:" + "A" * 9000 + "\x07f" + f"{E}P$qm{E}\\g",
    "sync": f"before{C}?2026h{C}H{C}2Jinside " + "text " * 30 + f"{C}?2026lafter{C}?2026h more{C}?2026l done",
    "bracketed": f"$ {C}?2004hls{C}?2004l\r\n" + lines(5) + f"{C}?2004h$ ",
    "deep": "".join(f"{C}{31 + n % 7}m{n} " + ("漢" if n % 5 == 0 else "x") * (n % 40) + f"{C}m\r\n" for n in range(400)),
    "cursor-moves": f"{C}10;10Ha{C}3Ab{C}2Bc{C}5Cd{C}9De{C}Ef{C}2Fg{C}40Gh{C}12di{C}5ej{C}3ak{C}`l{C}99;99Hm{C}99An",
    "region-moves": f"{C}8;12r{C}10;1H{C}9Aa{C}10;1H{C}9Bb{C}3;1H{C}9Ac{C}20;1H{C}30Bd{C}10;3H{E}M{E}M{E}M{E}Me",
}


def main():
    OUT.mkdir(exist_ok=True)
    for name, stream in STREAMS.items():
        data = stream if isinstance(stream, bytes) else stream.encode()
        (OUT / f"synthetic-{name}.bin").write_bytes(data)


if __name__ == "__main__":
    main()
