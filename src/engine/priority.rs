//! Priority for the thread that the sound waits for.

#[cfg(unix)]
use thread_priority::{
    RealtimeThreadSchedulePolicy, ThreadSchedulePolicy, set_thread_priority_and_policy,
    thread_native_id,
};
use thread_priority::{ThreadPriority, ThreadPriorityValue};

/// Where the system lets us, the thread comes before all ordinary ones, but after every audio thread: hosts ask for far
/// more. Of 99.
const PRIORITY: u8 = 5;

/// Asks the system to run the calling thread before ordinary ones. A system that refuses, as many do to users without
/// the right to real-time priorities, runs it as before: curves may then be late on a busy machine.
pub(super) fn raise() {
    let Ok(value) = ThreadPriorityValue::try_from(PRIORITY) else {
        return;
    };
    let priority = ThreadPriority::Crossplatform(value);
    #[cfg(unix)]
    let _ = set_thread_priority_and_policy(
        thread_native_id(),
        priority,
        ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::RoundRobin),
    );
    #[cfg(not(unix))]
    let _ = thread_priority::set_current_thread_priority(ThreadPriority::Max);
}
