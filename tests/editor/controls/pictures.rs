//! Pictures of what opens, of the marks, and of Bypass, in both themes and at three sizes.

use std::sync::Arc;

use crate::common::{
    MAIN,
    concert::{concert, settings},
    editor::*,
    picture::{Textures, compare, halved, picture},
};
use egui::{Role, Vec2};
use egui_kittest::{Harness, kittest::Queryable};
use moodring::{
    editor::{Automation, HostSide, LEAST_SIZE, Mapping, Page, Theme},
    params::{EDITOR_SIZE, MorphSource},
};
use nice_plug::prelude::{Param, ParamSetter};

const LARGE: (f32, f32) = (1_440.0, 900.0);

/// What is done before the picture is taken.
type Change = fn(&mut Harness<'static, World>, &HostSide);

#[test]
fn what_opens_and_what_is_marked_looks_as_it_did_in_both_themes_at_three_sizes() {
    let cases: [(&str, Page, Change); 5] = [
        // Where there is room for map and knobs there are no tabs.
        ("knobs", Page::Overview, |editor, _| {
            if let Some(tab) = editor.query_by_label("Show Knobs") {
                tab.click();
            }
            settle(editor);
        }),
        ("browser", Page::Morph, |editor, _| {
            editor
                .get_by_role_and_label(Role::ComboBox, "Target")
                .click();
            settle(editor);
        }),
        ("menu", Page::Morph, |editor, _| {
            // In the least window the knobs are there, too.
            control(editor, "Brightness").click_secondary();
            settle(editor);
        }),
        ("marks", Page::Morph, |editor, host| {
            let params = editor.state().params.clone();
            for id in ["mix", "latent_2"] {
                params.locks.toggle(id, &MAIN);
            }
            for (param, automation) in [
                (params.knobs[2].shift.as_ptr(), Automation::Playing),
                (params.knobs[3].shift.as_ptr(), Automation::Recording),
                (params.knobs[4].shift.as_ptr(), Automation::Overriding),
                (params.mix.as_ptr(), Automation::Present),
            ] {
                host.indicate(param, |told| told.automation = automation);
            }
            for param in [params.mix.as_ptr(), params.knobs[5].shift.as_ptr()] {
                host.indicate(param, |told| {
                    told.mapping = Some(Mapping {
                        color: Some([0xe0, 0x40, 0x40]),
                        ..Mapping::default()
                    });
                });
            }
            editor.run();
        }),
        ("bypassed", Page::Overview, |editor, _| {
            let World { params, host, .. } = editor.state();
            ParamSetter::new(&**host).set_parameter(&params.bypass, true);
            editor.run();
        }),
    ];
    let mut changed = Vec::new();
    for (name, page, change) in cases {
        for theme in [Theme::Dark, Theme::Light] {
            for (size, of) in [
                (LEAST_SIZE, "small"),
                (EDITOR_SIZE, "usual"),
                (LARGE, "large"),
            ] {
                if name == "knobs" && of != "small" {
                    continue;
                }
                let textures = Textures::default();
                let window = window(Vec2::from(size), 1.0).renderer(textures.clone());
                let host = Arc::new(HostSide::default());
                let state = left_on(page, theme).in_host(host.clone());
                let mut editor = open_in(window, concert(), state);
                settings(&editor.state().params);
                {
                    let World { params, host, .. } = editor.state();
                    let setter = ParamSetter::new(&**host);
                    setter.set_parameter(&params.morph_source, MorphSource::Named);
                }
                editor.run();
                change(&mut editor, &host);
                let path = format!("tests/pictures/{name}-{theme:?}-{of}.png").to_lowercase();
                let shown = picture(&editor, &textures, MARGIN, theme.palette().panel);
                changed.extend(compare(&path, &halved(&shown)).err());
            }
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}
