//! Frames: what is written reads back, and nothing else is read.

use proptest::prelude::*;

use super::*;

fn lane() -> impl Strategy<Value = Lane> {
    let channel = prop_oneof![
        Just(Channel::Stdin),
        Just(Channel::Stdout),
        Just(Channel::Stderr),
        Just(Channel::Tty)
    ];
    (any::<u16>(), channel).prop_map(|(process, channel)| Lane {
        process: ProcessId(process),
        channel,
    })
}

fn frame() -> impl Strategy<Value = Frame> {
    let number = 0..MAX_NUMBER;
    let size = (1..=Size::MAX, 1..=Size::MAX).prop_map(|(cols, rows)| Size { cols, rows });
    let bytes = proptest::collection::vec(any::<u8>(), 0..200).prop_map(Bytes::from);
    (0..10, lane(), number.clone(), number, size, bytes).prop_map(
        |(kind, lane, offset, other, size, bytes)| match kind {
            0 => Frame::Control(bytes),
            1 => Frame::Input {
                lane,
                seq: offset,
                bytes,
            },
            2 => Frame::InputEnd { lane, seq: offset },
            3 => Frame::Ack { lane, offset },
            4 => Frame::Output {
                lane,
                offset,
                bytes,
            },
            5 => Frame::Size { lane, offset, size },
            6 => Frame::End { lane, offset },
            7 => Frame::Snapshot {
                lane,
                offset,
                size,
                skipped: other,
                bytes,
            },
            8 => Frame::Gap {
                lane,
                from: offset,
                offset: other,
            },
            _ => Frame::InputAck { lane, seq: offset },
        },
    )
}

proptest! {
    #[test]
    fn what_is_written_reads_back(frame in frame()) {
        let decoded = Frame::decode(frame.encode());
        prop_assert!(decoded.is_ok_and(|decoded| decoded == frame));
    }

    /// Any bytes either are refused or are exactly what the frame that they read as is written as.
    #[test]
    fn there_is_one_way_to_write_a_frame(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let bytes = Bytes::from(bytes);
        if let Ok(frame) = Frame::decode(bytes.clone()) {
            let again = frame.encode();
            let header = if bytes[0] == CONTROL { HEADER } else { 0 };
            prop_assert_eq!(&again[header..], &bytes[header..]);
        }
    }

    #[test]
    fn a_cut_frame_of_fixed_length_is_refused(lane in lane(), offset in 0..MAX_NUMBER, cut in 1_usize..12) {
        let whole = Frame::Ack { lane, offset }.encode();
        let short = whole.slice(..whole.len() - cut);
        prop_assert_eq!(Frame::decode(short).err(), Some(FrameError::Short));
    }
}

#[test]
fn a_frame_over_the_limit_is_refused() {
    let long = Bytes::from(vec![0; MAX_FRAME + 1]);
    assert_eq!(Frame::decode(long).err(), Some(FrameError::Long));
}
