//! When a failed webhook is tried again.

use std::time::Duration;

/// How stubborn a platform is with one webhook.
#[derive(Debug, Clone, Copy)]
pub struct Persistence {
    /// Pauses before each further try, in seconds of platform time; the last one repeats.
    pub pauses_s: &'static [u64],
    /// After this much platform time the webhook is given up, in seconds.
    pub give_up_s: u64,
    /// How long one try may take, in real time.
    pub timeout: Duration,
}

/// WhatsApp: at once, then ever more rarely for seven days.
pub const WHATSAPP: Persistence = Persistence {
    pauses_s: &[0, 2, 10, 30, 120, 600, 1800, 3600, 7200, 14400],
    give_up_s: 7 * 24 * 3600,
    timeout: Duration::from_secs(10),
};

/// Messenger and Instagram: an answer within five seconds; after an hour of failures the app loses
/// its subscription to the page.
pub const MESSENGER: Persistence = Persistence {
    pauses_s: &[0, 2, 10, 30, 120, 300, 600, 900],
    give_up_s: 3600,
    timeout: Duration::from_secs(5),
};

impl Persistence {
    /// Pause before try number `tries` + 1 when `tries` failed, or `None` to give up.
    pub fn pause_after(&self, tries: usize) -> Option<u64> {
        let pause = |n: usize| {
            self.pauses_s
                .get(n)
                .or(self.pauses_s.last())
                .copied()
                .unwrap_or(0)
        };
        let waited: u64 = (0..tries).map(pause).sum();
        (waited <= self.give_up_s).then(|| pause(tries.saturating_sub(1)))
    }
}

/// Telegram: the first retry at once, then 2, 4, 8 … seconds, never more than about a minute.
pub fn telegram_pause_s(tries: u32) -> u64 {
    match tries {
        0 | 1 => 0,
        n => 2u64.saturating_pow(n - 1).min(90),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messenger_gives_up_after_an_hour_and_whatsapp_does_not() {
        let tries = |p: Persistence| (1..).take_while(|n| p.pause_after(*n).is_some()).count();
        assert!(tries(MESSENGER) < 15);
        assert!(tries(WHATSAPP) > 40);
        assert_eq!(WHATSAPP.pause_after(1), Some(0));
        assert_eq!(WHATSAPP.pause_after(2), Some(2));
    }

    #[test]
    fn telegram_retries_at_once_then_doubles() {
        let pauses: Vec<u64> = (1..9).map(telegram_pause_s).collect();
        assert_eq!(pauses, [0, 2, 4, 8, 16, 32, 64, 90]);
    }
}
