pub mod bar;
pub mod compare;
pub mod current;
pub mod dialog;
pub mod menu;
