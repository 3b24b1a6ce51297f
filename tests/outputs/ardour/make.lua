-- Makes a session in the folder SESSION: Moodring on an audio track that holds so many SECONDS of silence, and its MIDI output at a MIDI track.
local backend = AudioEngine:set_backend("None (Dummy)", "Moodring", "")
backend:set_driver("20x Speed")
backend:set_device_name("Silence")
backend:set_sample_rate(44100)
backend:set_buffer_size(1024)
assert(create_session(os.getenv("SESSION"), "session", 44100))

local last, normal = ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal
local midi = ARDOUR.ChanCount(ARDOUR.DataType("midi"), 1)
local music = Session:new_audio_track(2, 2, nil, 1, "Music", last, normal, true):front()
local take = Session:new_midi_track(midi, midi, true, ARDOUR.PluginInfo(), nil, nil, 1, "Take", last, normal, true):front()
local plugin = ARDOUR.LuaAPI.new_plugin(Session, "Moodring", ARDOUR.PluginType.VST3, "")
assert(not plugin:isnil(), "Ardour doesn't list the plugin")
assert(music:add_processor_by_index(plugin, 0, nil, true) == 0)
assert(take:input():midi(0):connect(music:output():midi(0):name()) == 0)

local armed = music:to_track():rec_enable_control()
armed:set_value(1, PBD.GroupControlDisposition.NoGroup)
Session:maybe_enable_record()
sleep(1)
Session:request_roll(ARDOUR.TransportRequestSource.TRS_UI)
while Session:transport_sample() < tonumber(os.getenv("SECONDS")) * 44100 do
    sleep(1)
end
Session:request_stop(false, false, ARDOUR.TransportRequestSource.TRS_UI)
sleep(2)
armed:set_value(0, PBD.GroupControlDisposition.NoGroup)
sleep(1)
Session:save_state("")
close_session()
quit()
