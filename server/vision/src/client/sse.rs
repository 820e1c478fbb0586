//! Server-sent events (WHATWG HTML, 9.2.6), as far as streams of completions use them.

/// Takes a stream of bytes apart into the data of its events.
#[derive(Debug, Default)]
pub(super) struct SseParser {
    /// Bytes of a line that has not ended.
    line: Vec<u8>,
    /// Data of an event that has not ended.
    data: String,
    has_data: bool,
    /// A carriage return ended the last line: a line feed behind it belongs to it.
    after_return: bool,
}

impl SseParser {
    /// The data of the events that end within `bytes`.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut events = Vec::new();
        for &byte in bytes {
            match byte {
                b'\n' if self.after_return => self.after_return = false,
                b'\n' | b'\r' => {
                    self.after_return = byte == b'\r';
                    self.end_line(&mut events);
                }
                _ => {
                    self.after_return = false;
                    self.line.push(byte);
                }
            }
        }
        events
    }

    /// The data of an event that the end of the stream leaves without its empty line. Some servers do.
    pub(super) fn finish(&mut self) -> Option<String> {
        let mut events = Vec::new();
        self.end_line(&mut events);
        self.end_event(&mut events);
        events.pop()
    }

    fn end_line(&mut self, events: &mut Vec<String>) {
        let line = String::from_utf8_lossy(&self.line).into_owned();
        self.line.clear();
        if line.is_empty() {
            self.end_event(events);
        } else if let Some(data) = line.strip_prefix("data:") {
            if self.has_data {
                self.data.push('\n');
            }
            self.has_data = true;
            self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
        }
    }

    fn end_event(&mut self, events: &mut Vec<String>) {
        if std::mem::take(&mut self.has_data) {
            events.push(std::mem::take(&mut self.data));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_whole_however_the_bytes_are_cut() {
        let stream =
            ": hello\r\ndata: {\"a\":\r\ndata: \"ä\"}\r\n\r\nevent: x\ndata:2\n\ndata: last";
        for step in 1..stream.len() {
            let mut parser = SseParser::default();
            let mut events: Vec<String> = stream
                .as_bytes()
                .chunks(step)
                .flat_map(|bytes| parser.push(bytes))
                .collect();
            events.extend(parser.finish());
            assert_eq!(events, ["{\"a\":\n\"ä\"}", "2", "last"], "step {step}");
        }
    }
}
