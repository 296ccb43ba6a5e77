// What the journey itself did, written down while it did it: the truth that the screens are
// compared with. Nothing in here was asked of Relevo.

export class Book {
  /** Handoffs in the order in which they were asked for. */
  episodes = [];
  /** Everybody who began to talk, or was handed over before they had said a word. */
  started = [];

  /** Somebody begins to talk on a line. */
  begins(line, who) {
    this.started.push({ channel: line.channel, who });
  }

  /** A handoff was asked for. What becomes of it is set on the answer. */
  asked(line, who, { rule = null, reason }) {
    const episode = {
      channel: line.channel,
      who,
      rule,
      reason,
      accepted: false,
      answered: false,
      end: null,
      rating: null,
      /** Messages of the contact and of agents; `null`: not counted by hand. */
      said: null,
      replied: null,
    };
    this.episodes.push(episode);
    return episode;
  }
}

/** The rule that whoever asks for a person gets one, as the preset calls it. */
export const PERSON = { rule: "Pide una persona", reason: "user_request" };

/** A handoff that went as it should. */
export function finished(episode, said, replied) {
  Object.assign(episode, { accepted: true, answered: true, end: "agent_closed", said, replied });
}
