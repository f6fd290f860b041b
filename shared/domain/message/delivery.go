package message

import "time"

// Delivery is how the sending of an outbound message goes. A message without
// one was sent by somebody else (staff, in the provider's own application).
//
// Sending is two commits around a call: Claim before it, Settle after it. What
// dies between them stays in Sending until its time is over, and is Unknown
// then: repeating the call could send it twice, so nothing repeats it by itself.
type Delivery struct {
	AttemptID string    `json:"attempt_id,omitempty"` // of the newest call, ours
	Tries     int       `json:"tries,omitempty"`      // calls begun
	QueuedAt  time.Time `json:"queued_at"`            // when it was asked for

	// DueAt is when a queued message is to be tried, and when the call of one
	// in Sending is given up for lost.
	DueAt time.Time `json:"due_at"`

	Parts int `json:"parts,omitempty"` // of an SMS, as it is charged

	// Rights says that it is about the person's own request or a claim: it goes
	// while their data is restricted (art. 18(2) GDPR); anything else waits.
	Rights bool `json:"rights,omitempty"`
}

// CallLife is how long a call to a provider may be under way before it is given
// up for lost: well over the time limit of the function that makes it.
const CallLife = 3 * time.Minute

// GiveUp is how long after it was asked for a message is tried at all. An
// answer that is days late answers nothing; an adviser sees that it failed.
const GiveUp = 72 * time.Hour

// Codes of our own, beside those of providers, for why a message failed or waits.
const (
	CodeExpired  = "expired"  // GiveUp is over
	CodeWindow   = "window"   // the provider takes free text for a time after the person's last message only
	CodeNoSecret = "account"  // the account has no secret to send with
	CodeLost     = "lost"     // the call ended without an answer
	CodeAddress  = "address"  // nobody to send to
	CodeChannel  = "channel"  // nothing can be sent this way
	CodeHeld     = "withheld" // the person's data is restricted (art. 18 GDPR)
)

// Window is how long after a person's last message WhatsApp takes free text
// (Cloud API, "Customer service windows"), by the time of that message.
const Window = 24 * time.Hour

// Enqueue makes m wait to be sent.
func (m *Message) Enqueue(now time.Time) {
	m.Direction, m.State, m.StateAt = Out, Queued, now
	m.Delivery = &Delivery{QueuedAt: now, DueAt: now}
}

// Due says when m wants attention, and whether it does at all.
func (m *Message) Due() (time.Time, bool) {
	if m.Delivery == nil || m.Direction != Out || (m.State != Queued && m.State != Sending) {
		return time.Time{}, false
	}
	return m.Delivery.DueAt, true
}

// Claim begins a call for m, if there is one to be made now: true means that
// the caller, once that is committed, makes it, and nobody else does. A call
// that was begun long ago and never settled leaves m Unknown.
func (m *Message) Claim(attemptID string, now time.Time) bool {
	due, ok := m.Due()
	switch {
	case !ok || now.Before(due):
		return false
	case m.State == Sending:
		m.Advance(Unknown, CodeLost, now)
		return false
	case now.Sub(m.Delivery.QueuedAt) >= GiveUp:
		m.Advance(Failed, CodeExpired, now)
		return false
	}
	m.State, m.StateAt, m.Code = Sending, now, ""
	m.Delivery.AttemptID, m.Delivery.DueAt = attemptID, now.Add(CallLife)
	m.Delivery.Tries++
	return true
}

// Postpone lets a queued message wait until an instant, and says why.
func (m *Message) Postpone(code string, until time.Time) {
	if m.State == Queued {
		m.Code, m.Delivery.DueAt = code, until
	}
}

// Settle notes how the call attemptID ended. Sent, Failed and Unknown are for
// good, as far as this call goes; Queued means that the provider did not take
// it, and that it is to be tried again at next. What the provider has told
// meanwhile stands if it goes further.
func (m *Message) Settle(attemptID string, s State, code string, now, next time.Time) {
	if s == Queued {
		mine := m.Delivery.AttemptID == attemptID && (m.State == Sending || m.State == Unknown)
		if mine { // the one way back: the call is known to have done nothing
			m.State, m.StateAt, m.Code, m.Delivery.DueAt = Queued, now, code, next
		}
		return
	}
	m.Advance(s, code, now)
}

// Backoff is how long a message rests after its nth call that the provider did
// not take: 15 s, doubling up to an hour.
func Backoff(n int) time.Duration {
	return min(15*time.Second<<min(max(n-1, 0), 10), time.Hour)
}
