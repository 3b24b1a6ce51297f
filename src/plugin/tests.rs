//! A plugin that is called by hand, without a host.

use nice_plug::params::persist::PersistentField;

use super::*;
use crate::model::tests::SlowModels;

/// A host that listens to nothing.
struct Deaf;

impl ActivateContext<Moodring> for Deaf {
    fn plugin_api(&self) -> PluginApi {
        PluginApi::Clap
    }
    fn execute(&self, (): ()) {}
    fn set_latency_samples(&self, _: u32) {}
    fn set_current_voice_capacity(&self, _: u32) {}
}

#[test]
fn the_editor_is_served_while_models_are_loaded() {
    let folder = tempfile::tempdir().unwrap();
    let slow = SlowModels::new(folder.path());
    let mut plugin = Moodring::default();
    plugin.params.models.set(Some(slow.reference.clone()));
    let telemetry = plugin.telemetry.clone();
    let waits = slow.hold();
    std::thread::scope(|scope| {
        let activation = scope.spawn(|| {
            let config = BufferConfig {
                sample_rate: 48_000.0,
                min_buffer_size: None,
                max_buffer_size: 512,
                process_mode: ProcessMode::Realtime,
            };
            plugin.activate(&Moodring::AUDIO_IO_LAYOUTS[0], &config, &mut Deaf)
        });
        slow.wait_for_who_waits();
        let free = telemetry.try_lock().is_ok();
        drop(waits);
        assert!(activation.join().unwrap());
        assert!(free, "what the editor draws from is locked");
    });
}
