//! Priority for the thread that the sound waits for.
//!
//! It comes before all ordinary threads and after every audio thread. A system that refuses, as many do to users without the right to real-time priorities, runs it
//! as before: curves may then be late on a busy machine.

use std::io;

pub(super) use system::raise;

/// What a raised thread holds until it ends.
pub(super) struct Raised {
    #[cfg(windows)]
    _task: system::Task,
}

/// Linux and the BSDs: a real-time class.
#[cfg(all(unix, not(target_os = "macos")))]
mod system {
    use thread_priority::{
        Error, RealtimeThreadSchedulePolicy, ThreadPriority, ThreadPriorityValue,
        ThreadSchedulePolicy, set_thread_priority_and_policy, thread_native_id,
    };

    use super::{Raised, io};

    /// Of 99. Hosts ask for far more.
    const PRIORITY: u8 = 5;

    /// Asks the system to run the calling thread before ordinary ones.
    ///
    /// # Errors
    /// Why it won't.
    pub fn raise() -> io::Result<Raised> {
        let priority = ThreadPriorityValue::try_from(PRIORITY).map_err(io::Error::other)?;
        set_thread_priority_and_policy(
            thread_native_id(),
            ThreadPriority::Crossplatform(priority),
            ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::RoundRobin),
        )
        .map(|()| Raised {})
        .map_err(|why| match why {
            Error::OS(code) => io::Error::from_raw_os_error(code),
            why => io::Error::other(why.to_string()),
        })
    }
}

/// macOS: the highest class of service below its audio threads. A POSIX priority would take the thread out of these classes.
#[cfg(target_os = "macos")]
mod system {
    use super::{Raised, io};

    /// As above.
    #[allow(
        unsafe_code,
        reason = "the standard library doesn't know of classes of service"
    )]
    pub fn raise() -> io::Result<Raised> {
        let class = libc::qos_class_t::QOS_CLASS_USER_INTERACTIVE;
        // SAFETY: it changes nothing but the calling thread's class.
        match unsafe { libc::pthread_set_qos_class_self_np(class, 0) } {
            0 => Ok(Raised {}),
            code => Err(io::Error::from_raw_os_error(code)),
        }
    }
}

/// Windows: a task of the multimedia class scheduler. Hosts' audio threads are `Pro Audio`, which comes before it.
#[cfg(windows)]
mod system {
    use windows_sys::{
        Win32::{
            Foundation::HANDLE,
            System::Threading::{AvRevertMmThreadCharacteristics, AvSetMmThreadCharacteristicsW},
        },
        w,
    };

    use super::{Raised, io};

    /// The calling thread's task, until dropped there.
    pub struct Task(HANDLE);

    /// As above.
    #[allow(
        unsafe_code,
        reason = "the standard library doesn't know of the scheduler"
    )]
    pub fn raise() -> io::Result<Raised> {
        let mut index = 0;
        // SAFETY: a text that ends in 0, and a place for a number.
        let task = unsafe { AvSetMmThreadCharacteristicsW(w!("Audio"), &mut index) };
        if task.is_null() {
            return Err(io::Error::last_os_error());
        }
        Ok(Raised { _task: Task(task) })
    }

    impl Drop for Task {
        #[allow(unsafe_code, reason = "as above")]
        fn drop(&mut self) {
            // SAFETY: the thread's own task, given back once.
            unsafe { AvRevertMmThreadCharacteristics(self.0) };
        }
    }
}
