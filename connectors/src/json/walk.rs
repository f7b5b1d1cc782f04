//! The way through documents to the next record: past blanks and commas, into lists, along the path to the list of records,
//! past members that are none.

use std::sync::Arc;

use jiter::Jiter;

use super::skip::Skip;

/// Names of members that are kept to be told, and how much of each.
const TOLD: usize = 20;
const TOLD_CHARS: usize = 60;

/// Where a walk is.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    /// Names of the members that lead to the list of records; none where each document is a record or a list of them.
    path: Arc<[String]>,
    /// Objects of the path that are open.
    depth: usize,
    state: State,
    skip: Option<Skip>,
    /// The list of records was found.
    pub found: bool,
    /// Members beside the path: how many, and the names of the first.
    pub passed: u64,
    pub passed_names: Vec<String>,
    /// A comma stood before the end of the list.
    pub trailing_comma: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between documents.
    Top,
    /// In an object of the path, before a member.
    Member { first: bool },
    /// In an object of the path, behind a member.
    AfterMember,
    /// In the list of records, before one.
    Element { first: bool },
    /// In the list of records, behind one.
    AfterElement,
}

/// A place on a walk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    state: State,
    depth: usize,
    found: bool,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// So many bytes were passed over.
    Passed(usize),
    /// A value in the place of a record, behind so many bytes. It is not passed over.
    Value(usize),
    /// So many bytes were passed over, and more text is needed.
    More(usize),
    /// Nothing comes any more.
    End,
    /// The text ends where something is missing.
    CutOff,
    /// What stands so many bytes further on cannot be.
    Damaged(usize, &'static str),
}

impl Walk {
    pub(super) fn new(path: Vec<String>) -> Self {
        Self {
            path: path.into(),
            depth: 0,
            state: State::Top,
            skip: None,
            found: false,
            passed: 0,
            passed_names: Vec::new(),
            trailing_comma: false,
        }
    }

    /// The names that lead to the list of records.
    pub(super) fn path(&self) -> &[String] {
        &self.path
    }

    /// Where it is, to come back to it where a value turns out to be cut off.
    pub(super) fn mark(&self) -> Mark {
        Mark { state: self.state, depth: self.depth, found: self.found }
    }

    /// Goes back to where a step to a value began.
    pub(super) fn back_to(&mut self, mark: Mark) {
        (self.state, self.depth, self.found) = (mark.state, mark.depth, mark.found);
    }

    /// It is between documents, not in one.
    pub(super) fn is_between(&self) -> bool {
        self.state == State::Top && self.skip.is_none()
    }

    /// The next step in `text`. `ended`: nothing follows it.
    pub(super) fn step(&mut self, text: &[u8], ended: bool) -> Step {
        if self.skip.is_some() {
            return self.go_on_skipping(text, ended);
        }
        let blanks = self.blanks(text);
        let Some(byte) = text.get(blanks).copied() else {
            return match (ended, self.state) {
                (false, _) => Step::More(blanks),
                (true, State::Top) => Step::End,
                (true, _) => Step::CutOff,
            };
        };
        match self.state {
            State::Top => self.document(byte, blanks),
            State::Member { first } => self.member(text, blanks, ended, first),
            State::AfterMember => match byte {
                b',' => self.go(State::Member { first: false }, blanks + 1),
                b'}' => self.leave(blanks + 1),
                _ => Step::Damaged(blanks, "a comma or } is missing behind a member"),
            },
            State::Element { first } => match byte {
                b']' => {
                    self.trailing_comma |= !first;
                    self.leave_list(blanks + 1)
                }
                b',' => Step::Damaged(blanks, "a record is missing before the comma"),
                _ => {
                    self.state = State::AfterElement;
                    Step::Value(blanks)
                }
            },
            State::AfterElement => match byte {
                b',' => self.go(State::Element { first: false }, blanks + 1),
                b']' => self.leave_list(blanks + 1),
                _ => Step::Damaged(blanks, "a comma or ] is missing behind a record"),
            },
        }
    }

    /// Blanks; between documents also what programs put there: the mark of a record's beginning, byte order marks.
    fn blanks(&self, text: &[u8]) -> usize {
        let top = self.state == State::Top;
        let mut at = 0;
        while let Some(rest @ [byte, ..]) = text.get(at..) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                0x1E if top => at += 1,
                0xEF if top && rest.starts_with(b"\xEF\xBB\xBF") => at += 3,
                _ => break,
            }
        }
        at
    }

    fn go(&mut self, state: State, passed: usize) -> Step {
        self.state = state;
        Step::Passed(passed)
    }

    fn document(&mut self, byte: u8, blanks: usize) -> Step {
        match byte {
            b'[' if self.path.is_empty() => {
                self.found = true;
                self.go(State::Element { first: true }, blanks + 1)
            }
            b'{' if !self.path.is_empty() => {
                self.depth = 0;
                self.go(State::Member { first: true }, blanks + 1)
            }
            b',' => {
                Step::Damaged(blanks, "a comma stands between documents, and no [ stands before the first")
            }
            _ if self.path.is_empty() => Step::Value(blanks),
            // Only an object can have the list.
            _ => self.skip_from(byte, blanks),
        }
    }

    /// Leaves an object of the path.
    fn leave(&mut self, passed: usize) -> Step {
        let state = if self.depth == 0 { State::Top } else { State::AfterMember };
        self.depth = self.depth.saturating_sub(1);
        self.go(state, passed)
    }

    fn leave_list(&mut self, passed: usize) -> Step {
        self.go(if self.path.is_empty() { State::Top } else { State::AfterMember }, passed)
    }

    fn member(&mut self, text: &[u8], blanks: usize, ended: bool, first: bool) -> Step {
        match text.get(blanks) {
            Some(b'"') => {}
            Some(b'}') if first => return self.leave(blanks + 1),
            _ => return Step::Damaged(blanks, "the name of a member must stand in double quotes here"),
        }
        let rest = text.get(blanks..).unwrap_or_default();
        let mut json = Jiter::new(rest);
        let name = match json.next_str() {
            Ok(name) => name.to_owned(),
            Err(e) => {
                let fault = super::value::Fault::from(e);
                return match (fault.is_cut_off(), ended) {
                    (true, false) => Step::More(0),
                    (true, true) => Step::CutOff,
                    _ => Step::Damaged(blanks + fault.at, fault.what()),
                };
            }
        };
        let colon = blanks + json.current_index();
        let at_colon = text.get(colon..).unwrap_or_default();
        let gap = self.blanks(at_colon);
        let value = match at_colon.get(gap) {
            Some(b':') => colon + gap + 1,
            Some(_) => return Step::Damaged(colon + gap, "a colon is missing behind the name of a member"),
            None if ended => return Step::CutOff,
            None => return Step::More(0),
        };
        let at_value = text.get(value..).unwrap_or_default();
        let gap = self.blanks(at_value);
        match at_value.get(gap) {
            Some(byte) => self.enter(&name, *byte, value + gap),
            None if ended => Step::CutOff,
            None => Step::More(0),
        }
    }

    /// A member of an object of the path, whose value begins with `byte`, behind `at` bytes.
    fn enter(&mut self, name: &str, byte: u8, at: usize) -> Step {
        self.state = State::AfterMember;
        let last = self.depth + 1 == self.path.len();
        let on_path = self.path.get(self.depth).is_some_and(|wanted| wanted == name);
        match byte {
            b'[' if on_path && last => {
                self.found = true;
                self.go(State::Element { first: true }, at + 1)
            }
            b'{' if on_path && last => {
                self.found = true;
                Step::Value(at)
            }
            b'{' if on_path => {
                self.depth += 1;
                self.go(State::Member { first: true }, at + 1)
            }
            _ => {
                self.passed += 1;
                if self.passed_names.len() < TOLD {
                    self.passed_names.push(name.chars().take(TOLD_CHARS).collect());
                }
                self.skip_from(byte, at)
            }
        }
    }

    /// Passes over the value that begins with `byte`, behind `at` bytes.
    fn skip_from(&mut self, byte: u8, at: usize) -> Step {
        if !matches!(byte, b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'N' | b'I') {
            return Step::Damaged(at, "a value is expected here");
        }
        self.skip = Some(Skip::default());
        Step::Passed(at)
    }

    fn go_on_skipping(&mut self, text: &[u8], ended: bool) -> Step {
        let Some(skip) = &mut self.skip else { return Step::Passed(0) };
        let (len, done) = skip.pass(text);
        if done || (ended && skip.may_end()) {
            self.skip = None;
            return Step::Passed(len);
        }
        if ended { Step::CutOff } else { Step::More(len) }
    }
}
