//! An allocator that ends the process when the audio thread uses it.
//!
//! The C library's allocation functions are defined in this test's executable, so that every library in the process, the
//! plugin's among them, calls these: what is checked is the very file that ships, and what it allocates in Rust or in C,
//! in its framework or in its own code. [`arm`] is per thread.
//!
//! Source of the scheme: glibc's manual, "Replacing malloc"; what is forwarded to are glibc's own names.

use std::{
    cell::Cell,
    ffi::{c_int, c_void},
    sync::atomic::{AtomicUsize, Ordering},
};

unsafe extern "C" {
    fn __libc_malloc(size: usize) -> *mut c_void;
    fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
    fn __libc_realloc(memory: *mut c_void, size: usize) -> *mut c_void;
    fn __libc_memalign(alignment: usize, size: usize) -> *mut c_void;
    fn __libc_free(memory: *mut c_void);
}

thread_local! {
    /// Whether this thread may not allocate now. Without a destructor and without an initialiser, it needs no memory itself.
    static ARMED: Cell<bool> = const { Cell::new(false) };
}

/// Calls of all threads so far.
static CALLS: AtomicUsize = AtomicUsize::new(0);

/// From here on this thread may allocate and free nothing, or it may again.
pub fn arm(armed: bool) {
    ARMED.set(armed);
}

/// How often this process has allocated or freed so far.
pub fn calls() -> usize {
    CALLS.load(Ordering::Relaxed)
}

/// Counts a call of `function`. Ends the process, with a stack trace, if this thread may not make it.
fn count(function: &str) {
    CALLS.fetch_add(1, Ordering::Relaxed);
    if ARMED.replace(false) {
        eprintln!(
            "{function} on the audio thread:\n{}",
            std::backtrace::Backtrace::force_capture()
        );
        std::process::abort();
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    count("malloc");
    // SAFETY: the caller's own call, passed on; so below.
    unsafe { __libc_malloc(size) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn calloc(number: usize, size: usize) -> *mut c_void {
    count("calloc");
    // SAFETY: as above.
    unsafe { __libc_calloc(number, size) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(memory: *mut c_void, size: usize) -> *mut c_void {
    count("realloc");
    // SAFETY: as above.
    unsafe { __libc_realloc(memory, size) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn free(memory: *mut c_void) {
    if !memory.is_null() {
        count("free");
    }
    // SAFETY: as above.
    unsafe { __libc_free(memory) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memalign(alignment: usize, size: usize) -> *mut c_void {
    count("memalign");
    // SAFETY: as above.
    unsafe { __libc_memalign(alignment, size) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn aligned_alloc(alignment: usize, size: usize) -> *mut c_void {
    count("aligned_alloc");
    // SAFETY: as above.
    unsafe { __libc_memalign(alignment, size) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn posix_memalign(
    place: *mut *mut c_void,
    alignment: usize,
    size: usize,
) -> c_int {
    count("posix_memalign");
    // SAFETY: as above; the place is the caller's.
    unsafe {
        let memory = __libc_memalign(alignment, size);
        if memory.is_null() {
            return libc::ENOMEM;
        }
        place.write(memory);
    }
    0
}
