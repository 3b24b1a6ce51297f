//! What becomes clear of a note before it is played is known from its beginning on.

use crate::morph::notes::{ahead::Ahead, chord::HeardChord, follower::HeardNote};

/// Hops ahead of what is played.
const LOOKAHEAD: usize = 3;

/// A note's hop: how long since its onset, its pitch in Hz if that is clear, and its level in dB.
fn hop(note: u32, since: u32, hz: Option<f32>, level_db: f32) -> HeardNote {
    HeardNote {
        note,
        since: Some(since),
        struck: since == 0,
        clear: hz.is_some(),
        pitched: hz.is_some(),
        hz: hz.unwrap_or(100.0),
        steady_hz: hz.unwrap_or(100.0),
        level_db,
        loudest_db: level_db,
        ..HeardNote::default()
    }
}

/// What is played of lines.
fn played(lines: &[HeardNote]) -> Vec<HeardNote> {
    let mut ahead = Ahead::default();
    let mut played = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        ahead.hear(*line, HeardChord::NONE, 0.0, LOOKAHEAD);
        if index >= LOOKAHEAD {
            played.extend(ahead.play().map(|heard| heard.line));
        }
    }
    played
}

#[test]
fn a_note_is_played_at_its_pitch_and_level_from_its_onset_on() {
    let mut lines = vec![hop(1, 9, Some(300.0), -20.0)];
    lines.extend([
        hop(2, 0, None, -30.0),
        // A part of the pitch, as a string's knock has.
        hop(2, 1, Some(220.0), -25.0),
        hop(2, 2, Some(440.0), -20.0),
    ]);
    lines.extend((3..9).map(|since| hop(2, since, Some(440.0), -20.0)));
    let played = played(&lines);
    for line in played.iter().filter(|line| line.note == 2) {
        assert!(line.clear, "{line:?}");
        assert_eq!((line.hz, line.loudest_db, line.unclear), (440.0, -20.0, 0));
    }
    let sinces: Vec<_> = played.iter().map(|line| line.since).collect();
    assert_eq!(
        sinces[..3],
        [Some(0), Some(1), Some(2)],
        "the hop before has no room"
    );
}

#[test]
fn a_knock_far_below_the_note_that_it_begins_isn_t_played() {
    let mut lines = vec![hop(1, 0, Some(105.0), -20.0), hop(1, 1, Some(105.0), -18.0)];
    lines.extend((2..9).map(|since| hop(1, since, Some(392.0), -20.0)));
    let played = played(&lines);
    assert!(played.iter().all(|line| line.hz == 392.0), "{played:?}");
}

#[test]
fn what_comes_before_a_tone_that_begins_softly_is_none_of_it() {
    // Breath, 30 dB below the tone.
    let mut lines = vec![HeardNote::NONE; 2];
    lines.extend([hop(1, 0, None, -50.0), hop(1, 1, None, -45.0)]);
    lines.extend((2..9).map(|since| hop(1, since, Some(440.0), -20.0)));
    let played = played(&lines);
    let unclear: Vec<_> = played
        .iter()
        .filter(|line| line.note == 1)
        .map(|line| (line.clear, line.unclear))
        .collect();
    assert_eq!(unclear[..4], [(false, 1), (false, 2), (true, 2), (true, 2)]);
}

#[test]
fn a_chord_is_one_from_its_onset_on_and_none_before() {
    let mut ahead = Ahead::default();
    let mut found = Vec::new();
    for index in 0..12u32 {
        let mut chord = HeardChord::NONE;
        if index >= 6 {
            chord.sure = 0.9;
            chord.plural = 1.0;
            chord.notes[2] = hop(7, index - 4, Some(330.0), -26.0);
        }
        let line = HeardNote {
            struck: index == 4,
            ..hop(1, index + 1, None, if index < 4 { -40.0 } else { -20.0 })
        };
        ahead.hear(line, chord, 0.0, LOOKAHEAD);
        if index as usize >= LOOKAHEAD {
            let heard = ahead.play().unwrap();
            found.push((
                heard.chord.sure,
                heard.chord.plural,
                heard.chord.notes[2].since,
            ));
        }
    }
    // From the hop 1 on; the chord began at the hop 4.
    assert_eq!(found[..3], [(0.0, 0.0, None); 3]);
    assert_eq!(found[3], (0.9, 1.0, Some(0)));
    assert_eq!(found[4], (0.9, 1.0, Some(1)));
    assert_eq!(found[5], (0.9, 1.0, Some(2)));
}

#[test]
fn without_lookahead_each_hop_is_played_as_it_was_heard() {
    let mut ahead = Ahead::default();
    for since in 0..5 {
        let clear = (since > 1).then_some(440.0);
        ahead.hear(hop(1, since, clear, -20.0), HeardChord::NONE, 1.0, 0);
        let heard = ahead.play().unwrap();
        assert_eq!(heard.line.since, Some(since));
        assert_eq!(
            (heard.line.clear, heard.line.unclear),
            (since > 1, 2.min(since + 1))
        );
        assert_eq!(heard.rises_db, 1.0);
    }
    ahead.skip(0);
    assert!(ahead.play().is_none());
}

#[test]
fn a_quick_note_s_pitch_is_no_other_s_and_what_is_never_played_is_forgotten() {
    // A fourth higher before an onset could be told.
    let mut lines: Vec<_> = (0..6)
        .map(|since| hop(1, since, Some(330.0), -20.0))
        .collect();
    lines.extend((6..12).map(|since| hop(1, since, Some(440.0), -20.0)));
    let pitches: Vec<_> = played(&lines).iter().map(|line| line.hz).collect();
    assert_eq!(pitches[..5], [330.0; 5]);
    assert_eq!(pitches[5..], [440.0; 4]);

    let mut ahead = Ahead::default();
    for since in 0..1_000 {
        ahead.hear(hop(1, since, None, -20.0), HeardChord::NONE, 0.0, LOOKAHEAD);
    }
    let newest = std::iter::from_fn(|| ahead.play()).collect::<Vec<_>>();
    assert_eq!(newest.len(), LOOKAHEAD);
}
