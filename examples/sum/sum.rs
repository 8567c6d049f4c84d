//! Adds up what it is sent, a number a line:
//! `rustc -o sum examples/sum/sum.rs && awp --mode lines -- ./sum`

fn main() -> std::io::Result<()> {
    let mut total = 0;
    for line in std::io::stdin().lines() {
        let line = line?;
        match line.parse::<i64>() {
            Ok(number) => {
                total += number;
                println!("{total}");
            }
            Err(_) => eprintln!("not a number: {line}"),
        }
    }
    Ok(())
}
