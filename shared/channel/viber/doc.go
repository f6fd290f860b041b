// Package viber reads the callbacks of a Viber bot (developers.viber.com, REST
// Bot API, "Callbacks").
//
// Proof: X-Viber-Content-Signature is the hex HMAC-SHA256 of the raw body under
// the bot's authentication token, without any prefix.
//
// A body is one event. set_webhook makes Viber call at once with the event
// "webhook" and fails unless it hears 200; its timestamp may be no time at all.
// message_token is an unsigned number beyond 2^53, bare in the documentation
// and quoted in a sample of Viber's own Python library. Viber repeats an event
// after about five seconds without an answer: an event is the same by event,
// token and user.
//
// Opening the chat (conversation_started) is no subscription, but the one event
// whose answer may hold a message: exactly one, the welcome (WelcomeText), in
// the person's language. Every other event is answered by an empty 200.
//
// A person is an id of this one bot: no phone number, so the same person on
// another channel has to be linked by themselves or by an adviser. Links to
// files expire: fetch them at once. There is no word of which bot was written
// to; an account has one (Message.Line stays empty).
//
// Not exercised against Viber itself: the fields of client_status and action
// (kept as control events), and how long Viber repeats.
package viber
