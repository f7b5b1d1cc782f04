//! The rows of a sheet, read ahead by a thread of their own: the readers below borrow the workbook, so one place owns both
//! and hands over chunks. At most two chunks wait.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use super::error::Fault;
use super::rows::Chunk;
use super::survey::Survey;
use super::workbook::Workbook;

enum Message {
    Chunk(Chunk),
    End(Result<(), Fault>),
}

/// A sheet that is being read.
pub(super) struct Feed {
    chunks: Option<Receiver<Message>>,
    thread: Option<JoinHandle<()>>,
}

impl Feed {
    pub(super) fn start(workbook: Arc<Workbook>, sheet: String, survey: Arc<Survey>) -> io::Result<Self> {
        let (sender, chunks) = sync_channel(2);
        let read = move || run(&workbook, &sheet, &survey, &sender);
        let thread = Builder::new().name("xlsx".into()).spawn(read)?;
        Ok(Self { chunks: Some(chunks), thread: Some(thread) })
    }

    /// The next rows, or `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Chunk>, Fault> {
        let Some(chunks) = &self.chunks else { return Ok(None) };
        match chunks.recv() {
            Ok(Message::Chunk(chunk)) => return Ok(Some(chunk)),
            Ok(Message::End(end)) => {
                self.chunks = None;
                end?;
            }
            Err(_) => {
                self.chunks = None;
                return Err(Fault::damaged("reading it stopped without a reason"));
            }
        }
        Ok(None)
    }
}

fn run(workbook: &Workbook, sheet: &str, survey: &Survey, sender: &SyncSender<Message>) {
    let end = workbook.read(sheet, survey, &mut |chunk| sender.send(Message::Chunk(chunk)).is_ok());
    // Nobody listens any more when the source was dropped.
    let _ = sender.send(Message::End(end));
}

impl Drop for Feed {
    /// The thread ends with the chunk at hand.
    fn drop(&mut self) {
        self.chunks = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
