//! Who acts: the user that the operating system runs this process as. The environment can be set to any name, so it is
//! asked only where the system's own list of users does not know the number.

/// The name that the audit gets.
pub fn actor() -> Option<String> {
    by_number().or_else(by_environment).or_else(|| number().map(|number| format!("uid:{number}")))
}

#[cfg(unix)]
fn number() -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    // The folder of a process belongs to its user.
    std::fs::metadata("/proc/self").ok().map(|folder| folder.uid())
}

#[cfg(not(unix))]
fn number() -> Option<u32> {
    None
}

fn by_number() -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    named(&users, number()?)
}

/// The name of a number in lines such as `anna:x:1000:1000:Anna:/home/anna:/bin/sh`.
fn named(users: &str, number: u32) -> Option<String> {
    users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next().filter(|name| !name.is_empty())?;
        let own: u32 = parts.nth(1)?.parse().ok()?;
        (own == number).then(|| name.to_owned())
    })
}

fn by_environment() -> Option<String> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(set)
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn users_are_found_by_their_number() {
        let users =
            "root:x:0:0:root:/root:/bin/bash\n# a comment\nanna:x:1000:1000:Anna:/home/anna:/bin/sh\n";
        assert_eq!(named(users, 1000).as_deref(), Some("anna"));
        assert_eq!(named(users, 0).as_deref(), Some("root"));
        assert_eq!(named(users, 100), None);
        assert_eq!(named("broken", 0), None);
    }
}
