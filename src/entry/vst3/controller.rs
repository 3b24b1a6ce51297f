//! `IEditController` and what else describes the plugin: the framework's answers, for questions that make sense.

use std::ffi::CStr;

use nice_plug::wrapper::vst3::vst3::{
    ComPtr, ComRef,
    Steinberg::{
        FIDString, IBStream, IPlugView,
        Vst::{
            BusDirection, CString, ChannelContext::IInfoListenerTrait, IAttributeList,
            IComponentHandler, IEditControllerTrait, IUnitInfoTrait, MediaType, ParamID,
            ParamValue, ParameterInfo, ParameterInfo_::ParameterFlags_, ProgramListID,
            ProgramListInfo, String128, TChar, UnitID, UnitInfo, ViewType, kRootUnitId,
        },
        int16, int32, kInternalError, kInvalidArgument, kResultFalse, kResultOk, tresult,
    },
};

use super::{guarded::guarded, object::Object, view::View};
use crate::{
    entry::{readings, text},
    params::READINGS,
    thread::MainThread,
};

/// Units of a `String128`.
const LONGEST_TEXT: usize = 128;

impl IEditControllerTrait for Object {
    /// The component is the same object, and has the state already.
    unsafe fn setComponentState(&self, _stream: *mut IBStream) -> tresult {
        kResultOk
    }

    unsafe fn setState(&self, _stream: *mut IBStream) -> tresult {
        kResultOk
    }

    unsafe fn getState(&self, _stream: *mut IBStream) -> tresult {
        kResultOk
    }

    unsafe fn getParameterCount(&self) -> int32 {
        (self.link.values.len() + READINGS) as int32
    }

    unsafe fn getParameterInfo(&self, index: int32, info: *mut ParameterInfo) -> tresult {
        let Some(place) = usize::try_from(index).ok().filter(|_| !info.is_null()) else {
            return kInvalidArgument;
        };
        if let Some(heard) = place.checked_sub(self.link.values.len()) {
            let Some(told) = heard_info(heard, self.listen_unit()) else {
                return kInvalidArgument;
            };
            // SAFETY: a place for one.
            unsafe { info.write(told) };
            return kResultOk;
        }
        guarded(kInternalError, || unsafe {
            // SAFETY: a place for one.
            self.framework.getParameterInfo(index, info)
        })
    }

    unsafe fn getParamStringByValue(
        &self,
        id: ParamID,
        value: ParamValue,
        string: *mut String128,
    ) -> tresult {
        if string.is_null() || value.is_nan() {
            return kInvalidArgument;
        }
        if let Some((_, reading)) = readings::find(id) {
            let (value, main) = (value.clamp(0.0, 1.0) as f32, MainThread::assume());
            let text = readings::text(reading, value, &self.link.params, &main);
            // SAFETY: a place for one.
            copy(&text, unsafe { &mut *string });
            return kResultOk;
        }
        guarded(kInternalError, || unsafe {
            // SAFETY: a place for one.
            self.framework
                .getParamStringByValue(id, value.clamp(0.0, 1.0), string)
        })
    }

    unsafe fn getParamValueByString(
        &self,
        id: ParamID,
        string: *mut TChar,
        value: *mut ParamValue,
    ) -> tresult {
        if string.is_null() || value.is_null() {
            return kInvalidArgument;
        }
        guarded(kInternalError, || {
            // SAFETY: a text that ends in 0, by the standard, or is as long as its type.
            let text = text::utf16((0..LONGEST_TEXT).map(|index| unsafe { *string.add(index) }));
            let meant = match readings::find(id) {
                Some((_, reading)) => reading.meant(&text).map(|value| reading.normalized(value)),
                None => self.link.values.meant_by(id, &text),
            };
            let Some(meant) = meant else {
                return kInvalidArgument;
            };
            // SAFETY: a place for a number.
            unsafe { value.write(ParamValue::from(meant)) };
            kResultOk
        })
    }

    unsafe fn normalizedParamToPlain(&self, id: ParamID, value: ParamValue) -> ParamValue {
        let value = if value.is_nan() { 0.0 } else { value };
        if let Some((_, reading)) = readings::find(id) {
            return reading.value(value as f32).into();
        }
        guarded(value, || unsafe {
            // SAFETY: only numbers.
            self.framework
                .normalizedParamToPlain(id, value.clamp(0.0, 1.0))
        })
    }

    unsafe fn plainParamToNormalized(&self, id: ParamID, plain: ParamValue) -> ParamValue {
        if let Some((_, reading)) = readings::find(id) {
            return reading
                .normalized(if plain.is_nan() { 0.0 } else { plain as f32 })
                .into();
        }
        let value = guarded(0.0, || unsafe {
            // SAFETY: only numbers.
            self.framework.plainParamToNormalized(id, plain)
        });
        if value.is_nan() {
            return 0.0;
        }
        value.clamp(0.0, 1.0)
    }

    unsafe fn getParamNormalized(&self, id: ParamID) -> ParamValue {
        if let Some((index, _)) = readings::find(id) {
            return self.link.params.readings.normalized(index).into();
        }
        self.link.values.get(id).map_or(0.0, Into::into)
    }

    unsafe fn setParamNormalized(&self, id: ParamID, value: ParamValue) -> tresult {
        // A host hands on what a block has told it of what is heard; nobody else can set it.
        if readings::find(id).is_some() || self.link.set(id, value) {
            kResultOk
        } else {
            kInvalidArgument
        }
    }

    unsafe fn setComponentHandler(&self, handler: *mut IComponentHandler) -> tresult {
        // SAFETY: the host's own object, or null.
        let handler = unsafe { ComRef::from_raw(handler) };
        let handler = handler.map(|handler| handler.to_com_ptr());
        self.link.set_handler(handler, &MainThread::assume());
        kResultOk
    }

    unsafe fn createView(&self, name: FIDString) -> *mut IPlugView {
        // SAFETY: a text that ends in 0, by the standard, or null.
        if name.is_null() || unsafe { CStr::from_ptr(name) != CStr::from_ptr(ViewType::kEditor) } {
            return std::ptr::null_mut();
        }
        guarded(std::ptr::null_mut(), || {
            let view = self.view.get_or_init(|| {
                // SAFETY: a new view, with a reference that is ours.
                unsafe { ComPtr::from_raw(self.framework.createView(name)) }
            });
            view.clone()
                .and_then(|view| View::around(view, self.link.clone()))
                .map_or(std::ptr::null_mut(), ComPtr::into_raw)
        })
    }
}

impl Object {
    /// The unit that what is heard is in: that of its averaging.
    fn listen_unit(&self) -> UnitID {
        let unit = |index| {
            // SAFETY: numbers, and texts that may be empty; and a place for one.
            let info = guarded(None, || unsafe {
                let mut info: ParameterInfo = std::mem::zeroed();
                (self.framework.getParameterInfo(index, &mut info) == kResultOk).then_some(info)
            })?;
            (info.id == readings::number("average")).then_some(info.unitId)
        };
        (0..self.link.values.len() as int32)
            .find_map(unit)
            .unwrap_or(kRootUnitId)
    }
}

/// Describes the reading of that index, in a unit; `None` if there is none.
fn heard_info(index: usize, unit: UnitID) -> Option<ParameterInfo> {
    let (id, reading) = readings::at(index)?;
    let mut info = ParameterInfo {
        id,
        title: [0; LONGEST_TEXT],
        shortTitle: [0; LONGEST_TEXT],
        units: [0; LONGEST_TEXT],
        stepCount: 0,
        defaultNormalizedValue: reading.normalized(0.0).into(),
        unitId: unit,
        flags: ParameterFlags_::kIsReadOnly as int32,
    };
    for place in [&mut info.title, &mut info.shortTitle] {
        copy(&reading.name(), place);
    }
    Some(info)
}

/// Copies a text as far as there is room, and ends it with 0.
fn copy(text: &str, room: &mut String128) {
    let most = room.len() - 1;
    let units = text.encode_utf16().take(most).chain(std::iter::once(0));
    for (place, unit) in room.iter_mut().zip(units) {
        *place = unit as TChar;
    }
}

impl IUnitInfoTrait for Object {
    unsafe fn getUnitCount(&self) -> int32 {
        // SAFETY: nothing is handed over.
        guarded(0, || unsafe { self.framework.getUnitCount() })
    }

    unsafe fn getUnitInfo(&self, index: int32, info: *mut UnitInfo) -> tresult {
        if info.is_null() || index < 0 {
            return kInvalidArgument;
        }
        guarded(kInternalError, || unsafe {
            // SAFETY: a place for one.
            self.framework.getUnitInfo(index, info)
        })
    }

    unsafe fn getProgramListCount(&self) -> int32 {
        0
    }

    unsafe fn getProgramListInfo(&self, _index: int32, _info: *mut ProgramListInfo) -> tresult {
        kInvalidArgument
    }

    unsafe fn getProgramName(
        &self,
        _list: ProgramListID,
        _program: int32,
        _name: *mut String128,
    ) -> tresult {
        kInvalidArgument
    }

    unsafe fn getProgramInfo(
        &self,
        _list: ProgramListID,
        _program: int32,
        _id: CString,
        _value: *mut String128,
    ) -> tresult {
        kInvalidArgument
    }

    unsafe fn hasProgramPitchNames(&self, _list: ProgramListID, _program: int32) -> tresult {
        kInvalidArgument
    }

    unsafe fn getProgramPitchName(
        &self,
        _list: ProgramListID,
        _program: int32,
        _pitch: int16,
        _name: *mut String128,
    ) -> tresult {
        kInvalidArgument
    }

    unsafe fn getSelectedUnit(&self) -> UnitID {
        // SAFETY: nothing is handed over.
        unsafe { self.framework.getSelectedUnit() }
    }

    unsafe fn selectUnit(&self, _unit: UnitID) -> tresult {
        kResultFalse
    }

    unsafe fn getUnitByBus(
        &self,
        _media: MediaType,
        _direction: BusDirection,
        _bus: int32,
        _channel: int32,
        _unit: *mut UnitID,
    ) -> tresult {
        kResultFalse
    }

    unsafe fn setUnitProgramData(
        &self,
        _list_or_unit: int32,
        _program: int32,
        _data: *mut IBStream,
    ) -> tresult {
        kInvalidArgument
    }
}

impl IInfoListenerTrait for Object {
    unsafe fn setChannelContextInfos(&self, list: *mut IAttributeList) -> tresult {
        if list.is_null() {
            return kInvalidArgument;
        }
        guarded(kInternalError, || unsafe {
            // SAFETY: the host's own.
            self.framework.setChannelContextInfos(list)
        })
    }
}
