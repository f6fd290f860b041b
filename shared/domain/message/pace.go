package message

import "time"

// Pace holds back what goes to one recipient, or through one account, after the
// provider asked for it. Its ID is a keyed hash of the account, and of the
// recipient. No document: nothing is held back.
type Pace struct {
	ID       string    `json:"id" data:"technical"`
	RestsTo  time.Time `json:"rests_to" data:"technical"` // nothing goes before
	Failures int       `json:"failures" data:"technical"` // in a row
	Code     string    `json:"code,omitempty" data:"technical"`
}

// Rest holds back until now+after, or longer if it rests longer already.
func (p *Pace) Rest(code string, now time.Time, after time.Duration) {
	p.Failures++
	p.Code = code
	if until := now.Add(after); until.After(p.RestsTo) {
		p.RestsTo = until
	}
}

// Try reports whether a message may go at the instant now. After a rest one
// goes first, as a trial: the others wait until it is settled, or lost.
func (p *Pace) Try(now time.Time) bool {
	if p.Failures == 0 {
		return true
	}
	if now.Before(p.RestsTo) {
		return false
	}
	p.RestsTo = now.Add(CallLife)
	return true
}

// Pause is how long an account rests after its nth refusal in a row: 15
// minutes, doubling up to six hours. It is tried again by itself, since what
// mends it (a new token, a paid bill) happens elsewhere.
func Pause(n int) time.Duration {
	return min(15*time.Minute<<min(max(n-1, 0), 5), 6*time.Hour)
}
