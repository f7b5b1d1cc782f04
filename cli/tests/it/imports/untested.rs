//! The code that is not only for tests.

use syn::{Attribute, ImplItem, Item};

/// The items without those that only tests see, at any depth of modules and implementations.
pub fn without_tests(mut items: Vec<Item>) -> Vec<Item> {
    items.retain(|item| !only_for_tests(attributes(item)));
    for item in &mut items {
        match item {
            Item::Mod(child) => {
                if let Some((_, inner)) = &mut child.content {
                    *inner = without_tests(std::mem::take(inner));
                }
            }
            Item::Impl(block) => {
                block.items.retain(|item| !matches!(item, ImplItem::Fn(f) if only_for_tests(&f.attrs)));
            }
            _ => {}
        }
    }
    items
}

fn only_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("test")
            || attribute.path().is_ident("cfg")
                && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
