//! One HTTP/1.1 answer, read as it comes (RFC 9112): its head, and a body by length, in chunks, or until the
//! connection ends.

use httparse::{EMPTY_HEADER, Header, Status, parse_chunk_size, parse_headers};
use std::time::Duration;

/// 100 entries of 32 KB and their envelopes, with room.
const LARGEST_BODY: usize = 8 * 1024 * 1024;
/// The longest head, and the longest piece between two chunks.
const LONGEST_HEAD: usize = 16 * 1024;
const MOST_HEADERS: usize = 64;
/// Nobody is asked to stay away for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// An answer, whole.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Answer {
    pub(in super::super) status: u16,
    pub(in super::super) retry_after: Option<Duration>,
    pub(in super::super) body: Vec<u8>,
    /// Another request may follow on its connection.
    pub(super) keeps_open: bool,
}

/// What came is no HTTP, or too much of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// An answer of which a part has come. While nothing has, it holds no memory.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// What came and was not understood yet.
    unread: Vec<u8>,
    head: Option<Head>,
    body: Vec<u8>,
    next: Next,
}

#[derive(Debug)]
struct Head {
    status: u16,
    retry_after: Option<Duration>,
    keeps_open: bool,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Default)]
enum Next {
    #[default]
    Head,
    /// So many bytes of the body.
    Body(usize),
    /// All there is.
    UntilEnd,
    ChunkSize,
    Chunk(usize),
    /// The end of the line behind a chunk.
    ChunkEnd,
    Trailers,
    Nothing,
}

impl Reading {
    /// Takes what came; the answer once it is whole.
    pub(super) fn take(&mut self, came: &[u8]) -> Result<Option<Answer>, Malformed> {
        self.unread.extend_from_slice(came);
        while self.step()? {
            if let Next::Nothing = self.next {
                // Whoever says more than was asked for is not asked again.
                let open = self.unread.is_empty();
                return Ok(self.answer(open));
            }
        }
        Ok(None)
    }

    /// Whether anything came.
    pub(super) fn has_begun(&self) -> bool {
        self.head.is_some() || !self.unread.is_empty()
    }

    /// The connection ended: that is the end of some answers.
    pub(super) fn end(&mut self) -> Option<Answer> {
        match self.next {
            Next::UntilEnd => self.answer(false),
            _ => None,
        }
    }

    fn answer(&mut self, open: bool) -> Option<Answer> {
        let head = self.head.take()?;
        Some(Answer {
            status: head.status,
            retry_after: head.retry_after,
            body: std::mem::take(&mut self.body),
            keeps_open: open && head.keeps_open,
        })
    }

    /// Understands the next part; `false` if more of it has to come.
    fn step(&mut self) -> Result<bool, Malformed> {
        match self.next {
            Next::Head => self.head(),
            Next::Body(left) => Ok(self.some(left, Next::Body, Next::Nothing)?),
            Next::Chunk(left) => Ok(self.some(left, Next::Chunk, Next::ChunkEnd)?),
            Next::UntilEnd => {
                let all = self.unread.len();
                self.some(all, |_| Next::UntilEnd, Next::UntilEnd)?;
                Ok(false)
            }
            Next::ChunkSize => {
                let parsed = parse_chunk_size(&self.unread).map_err(|_| Malformed)?;
                let Some((length, size)) = self.complete(parsed)? else {
                    return Ok(false);
                };
                self.unread.drain(..length);
                self.next = match usize::try_from(size).map_err(|_| Malformed)? {
                    0 => Next::Trailers,
                    some => Next::Chunk(some),
                };
                Ok(true)
            }
            Next::ChunkEnd => match self.unread.get(..2) {
                Some(b"\r\n") => {
                    self.unread.drain(..2);
                    self.next = Next::ChunkSize;
                    Ok(true)
                }
                Some(_) => Err(Malformed),
                None => Ok(false),
            },
            Next::Trailers => {
                let mut room = [EMPTY_HEADER; MOST_HEADERS];
                let parsed = parse_headers(&self.unread, &mut room).map_err(|_| Malformed)?;
                let Some((length, _)) = self.complete(parsed)? else {
                    return Ok(false);
                };
                self.unread.drain(..length);
                self.next = Next::Nothing;
                Ok(true)
            }
            Next::Nothing => Ok(false),
        }
    }

    /// What was parsed, if all of it is there; it may not go on for ever.
    fn complete<T>(&self, parsed: Status<T>) -> Result<Option<T>, Malformed> {
        match parsed {
            Status::Complete(it) => Ok(Some(it)),
            Status::Partial if self.unread.len() > LONGEST_HEAD => Err(Malformed),
            Status::Partial => Ok(None),
        }
    }

    /// Moves what is there of `left` bytes into the body.
    fn some(
        &mut self,
        left: usize,
        more: impl Fn(usize) -> Next,
        then: Next,
    ) -> Result<bool, Malformed> {
        let there = left.min(self.unread.len());
        if self.body.len() + there > LARGEST_BODY {
            return Err(Malformed);
        }
        self.body.extend(self.unread.drain(..there));
        self.next = match left - there {
            0 => then,
            rest => more(rest),
        };
        Ok(left == there)
    }

    fn head(&mut self) -> Result<bool, Malformed> {
        let mut room = [EMPTY_HEADER; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut room);
        let parsed = response.parse(&self.unread).map_err(|_| Malformed)?;
        let Some(length) = self.complete(parsed)? else {
            return Ok(false);
        };
        let status = response.code.ok_or(Malformed)?;
        let version = response.version.ok_or(Malformed)?;
        let (head, next) = understand(status, version, response.headers)?;
        self.unread.drain(..length);
        // «100 Continue» and its like come before the answer.
        if status >= 200 {
            (self.head, self.next) = (Some(head), next);
        }
        Ok(true)
    }
}

/// What the head says, and how the body comes.
fn understand(status: u16, version: u8, headers: &[Header<'_>]) -> Result<(Head, Next), Malformed> {
    let mut head = Head {
        status,
        retry_after: None,
        keeps_open: version == 1,
    };
    let (mut length, mut chunked) = (None, false);
    for header in headers {
        let value = std::str::from_utf8(header.value).unwrap_or_default().trim();
        if header.name.eq_ignore_ascii_case("content-length") {
            // Two lengths are two answers.
            let told = parse_length(value).ok_or(Malformed)?;
            if length.replace(told).is_some_and(|before| before != told) {
                return Err(Malformed);
            }
        } else if header.name.eq_ignore_ascii_case("transfer-encoding") {
            if chunked || !value.eq_ignore_ascii_case("chunked") {
                return Err(Malformed);
            }
            chunked = true;
        } else if header.name.eq_ignore_ascii_case("connection") {
            let mut said = value.split(',').map(str::trim);
            head.keeps_open &= !said.any(|it| it.eq_ignore_ascii_case("close"));
        } else if header.name.eq_ignore_ascii_case("retry-after") {
            let wait = value.parse().ok().map(Duration::from_secs);
            head.retry_after = wait.map(|wait| wait.min(LONGEST_WAIT));
        }
    }
    let next = match (status, chunked, length) {
        // Nobody asked to speak another protocol.
        (101, ..) => return Err(Malformed),
        (100..200, ..) => Next::Head,
        (204 | 304, ..) => Next::Nothing,
        (_, true, None) => Next::ChunkSize,
        // Somebody on the way may have read it otherwise.
        (_, true, Some(_)) => return Err(Malformed),
        (_, false, Some(0)) => Next::Nothing,
        (_, false, Some(length)) => Next::Body(length),
        (_, false, None) => Next::UntilEnd,
    };
    Ok((head, next))
}

fn parse_length(value: &str) -> Option<usize> {
    let digits = !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit());
    let length = value.parse().ok().filter(|_| digits)?;
    Some(length).filter(|length| *length <= LARGEST_BODY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Reads bytes in pieces, and then the connection ends.
    fn read(pieces: &[&[u8]]) -> Result<Answer, Malformed> {
        let mut reading = Reading::default();
        for piece in pieces {
            if let Some(answer) = reading.take(piece)? {
                return Ok(answer);
            }
        }
        reading.end().ok_or(Malformed)
    }

    fn answer(status: u16, body: &str, keeps_open: bool) -> Answer {
        Answer {
            status,
            retry_after: None,
            body: body.into(),
            keeps_open,
        }
    }

    #[test]
    fn a_body_comes_by_length_in_chunks_or_until_the_end() {
        for (text, expected) in [
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhola",
                answer(200, "hola", true),
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
                answer(200, "", true),
            ),
            (
                "HTTP/1.1 200\r\nTransfer-Encoding: Chunked\r\n\r\n3;x=y\r\nhol\r\n1\r\na\r\n0\r\nx: y\r\n\r\n",
                answer(200, "hola", true),
            ),
            ("HTTP/1.1 500 No\r\n\r\nhola", answer(500, "hola", false)),
            ("HTTP/1.1 204 No\r\n\r\n", answer(204, "", true)),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na",
                answer(200, "a", true),
            ),
            (
                "HTTP/1.1 200 OK\r\nConnection: keep-alive, Close\r\ncontent-length: 1\r\n\r\na",
                answer(200, "a", false),
            ),
            (
                "HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na",
                answer(200, "a", false),
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab",
                answer(200, "a", false),
            ),
            (
                "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\na",
                answer(200, "a", true),
            ),
        ] {
            assert_eq!(read(&[text.as_bytes()]), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_answer_is_not_taken_for_one() {
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(65));
        let long = format!("HTTP/1.1 200 OK\r\na: {}", "b".repeat(LONGEST_HEAD));
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        for text in [
            "",
            "<html>",
            "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nhol",
            "HTTP/1.1 200 OK\r\ncontent-length: -4\r\n\r\nhola",
            "HTTP/1.1 200 OK\r\ncontent-length: 4, 4\r\n\r\nhola",
            "HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nhola",
            "HTTP/1.1 200 OK\r\ncontent-length: 9999999999\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
            "HTTP/1.1 101 Switching\r\n\r\n",
            &format!("{chunked}3\r\nholaa\r\n0\r\n\r\n"),
            &format!("{chunked}zz\r\n"),
            &format!("{chunked}ffffffffffffffff1\r\n"),
            &format!("{chunked}3\r\nhol\r\n"),
            &many,
            &long,
        ] {
            assert_eq!(read(&[text.as_bytes()]), Err(Malformed), "{text:.80}");
        }
    }

    #[test]
    fn an_answer_without_end_is_given_up() {
        for head in [
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7ffffff\r\n",
        ] {
            let mut reading = Reading::default();
            assert_eq!(reading.take(head.as_bytes()), Ok(None));
            let piece = vec![b'x'; 1024 * 1024];
            let given_up = (0..9).map(|_| reading.take(&piece));
            assert!(given_up.collect::<Result<Vec<_>, _>>().is_err(), "{head}");
        }
    }

    #[test]
    fn a_wait_is_read_and_bounded() {
        for (told, wait) in [("7", Some(7)), ("99999", Some(3600)), ("soon", None)] {
            let text =
                format!("HTTP/1.1 429 No\r\nretry-after: {told}\r\ncontent-length: 0\r\n\r\n");
            let read = read(&[text.as_bytes()]).unwrap();
            assert_eq!(read.retry_after, wait.map(Duration::from_secs));
        }
    }

    proptest! {
        #[test]
        fn however_it_is_cut_it_is_the_same_answer(
            body in prop::collection::vec(any::<u8>(), 0..200),
            chunks in prop::collection::vec(1..40_usize, 0..20),
            cuts in prop::collection::vec(1..30_usize, 1..60),
            by_length: bool,
        ) {
            let mut text = b"HTTP/1.1 200 OK\r\n".to_vec();
            if by_length {
                text.extend(format!("content-length: {}\r\n\r\n", body.len()).bytes());
                text.extend(&body);
            } else {
                text.extend(b"transfer-encoding: chunked\r\n\r\n");
                let (mut rest, mut sizes) = (&body[..], chunks.iter().cycle());
                while !rest.is_empty() {
                    let size = sizes.next().copied().unwrap_or(7).min(rest.len());
                    let (chunk, left) = rest.split_at(size);
                    text.extend(format!("{size:x}\r\n").bytes());
                    text.extend(chunk);
                    text.extend(b"\r\n");
                    rest = left;
                }
                text.extend(b"0\r\n\r\n");
            }
            let (mut pieces, mut rest) = (Vec::new(), &text[..]);
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, left) = rest.split_at((*cut).min(rest.len()));
                pieces.push(piece);
                rest = left;
            }
            let expected = Answer { status: 200, retry_after: None, body, keeps_open: true };
            prop_assert_eq!(read(&pieces), Ok(expected));
        }

        #[test]
        fn whatever_comes_is_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut odd = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
            odd.extend(&bytes);
            for text in [&bytes, &odd] {
                let _ = read(&[text]);
            }
        }
    }
}
