//! Tests of the output of a process.

use super::*;

const WRITTEN: usize = 4 * IDLE_LOG;

/// A terminal with some output, of which a viewer has acknowledged the first byte and left.
fn left_behind() -> Output {
    let output = Output::terminal(Size::DEFAULT, Arc::default(), &Arc::default());
    let viewer = ViewerId(1);
    output.join(viewer, Some(0), &Arc::default());
    output.append(&vec![b'x'; WRITTEN]);
    output.catch_up();
    output.ack(viewer, 1);
    output.leave(viewer);
    output
}

fn holds(output: &Output, offset: u64) -> bool {
    let mut cursor = output.lock().log.cursor_at(offset).expect("it was written");
    let next = output.read(&mut cursor, 1, &mut BytesMut::new());
    !matches!(next, Next::Lost(_))
}

#[tokio::test(start_paused = true)]
async fn what_a_lost_viewer_had_not_received_is_kept_for_a_while() {
    let output = left_behind();
    assert_eq!(output.room(), TERMINAL_LOG - WRITTEN + 1);
    output.cool();
    assert!(holds(&output, 1));
    tokio::time::advance(AWAY).await;
    output.cool();
    assert!(!holds(&output, 1));
    assert!(holds(&output, (WRITTEN - IDLE_LOG) as u64));
    assert_eq!(output.room(), TERMINAL_LOG);
}

#[tokio::test(start_paused = true)]
async fn a_program_runs_on_when_a_lost_viewer_does_not_come_back() {
    let output = left_behind();
    output.append(&vec![b'x'; output.room()]);
    output.catch_up();
    assert_eq!(output.room(), 0);
    while output.room() == 0 {
        output.room_changed().await;
    }
    assert_eq!(output.room(), TERMINAL_LOG);
}

/// More than an idle terminal holds, less than its screen would be told to catch up with.
const SHORT: usize = 1024 * 1024;

#[tokio::test(start_paused = true)]
async fn a_terminal_that_ends_before_its_screen_was_needed_is_put_away() {
    let output = Output::terminal(Size::DEFAULT, Arc::default(), &Arc::default());
    let viewer = ViewerId(1);
    output.join(viewer, Some(0), &Arc::default());
    output.append(&vec![b'x'; SHORT]);
    output.mark(Mark::End);
    assert!(!output.lags() && output.is_warm());
    output.cool();
    assert!(holds(&output, 0), "its viewer has seen nothing");
    output.ack(viewer, 10);
    assert!(holds(&output, 10) && !holds(&output, 9));
    output.ack(viewer, SHORT as u64);
    assert!(!output.is_warm() && holds(&output, (SHORT - IDLE_LOG) as u64));
}

#[tokio::test]
async fn what_is_held_is_counted_and_given_back() {
    let memory = Arc::new(Memory::default());
    let output = Output::terminal(Size::DEFAULT, Arc::default(), &memory);
    let pipe = Output::pipe(Channel::Stdout, &memory);
    assert_eq!(memory.held(), 0);
    output.append(&vec![b'x'; SHORT]);
    assert_eq!(memory.held(), SHORT as u64);
    output.catch_up();
    assert!(memory.held() > SHORT as u64, "and the screen");
    output.cool();
    assert!(memory.held() < SHORT as u64);
    pipe.append(&[b'x'; 100]);
    drop(output);
    assert_eq!(memory.held(), 128);
    drop(pipe);
    assert_eq!(memory.held(), 0);
}
