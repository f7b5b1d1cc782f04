//! Embeds the shipped project anew when a file of it comes or goes: `include_dir!` alone does not notice.

fn main() {
    println!("cargo::rerun-if-changed=project");
}
