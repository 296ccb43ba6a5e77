//! The phone over HTTP and the example bot.
