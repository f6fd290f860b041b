package exchange

import (
	"testing"
	"time"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func TestPausesGrowToAnHourAndAWeekIsTheEnd(t *testing.T) {
	s := New("s1", "residence", start)
	s.Body = "{}"
	now := start
	var pauses []time.Duration
	for !s.Miss("http_503", now) {
		pauses = append(pauses, s.DueAt.Sub(now))
		now = s.DueAt
		if len(pauses) > 1000 {
			t.Fatal("it never ends")
		}
	}
	if pauses[0] != time.Minute || pauses[1] != 2*time.Minute || pauses[6] != time.Hour || pauses[len(pauses)-1] != time.Hour {
		t.Errorf("pauses %v", pauses[:8])
	}
	if now.Before(start.Add(GiveUp)) || now.After(start.Add(GiveUp+time.Hour)) || s.State != Expired || !s.Sends() {
		t.Errorf("ended %s after %s", s.State, now.Sub(start))
	}
}

func TestAWeekToTheSecond(t *testing.T) {
	s := New("s1", "residence", start)
	if s.Miss("no_answer", start.Add(GiveUp-time.Second)) {
		t.Error("given up a second early")
	}
	if !s.Miss("no_answer", start.Add(GiveUp)) {
		t.Error("not given up after a week")
	}
}

func TestWhatIsRefusedCanBeRedrivenUntilItsBodyGoes(t *testing.T) {
	s := New("s1", "residence", start)
	s.Body = "{}"
	s.Refuse("http_400", start)
	if s.Forget(start.Add(Kept-time.Second)) || !s.Sends() {
		t.Error("forgotten a second early")
	}
	if !s.Forget(start.Add(Kept)) || s.Sends() {
		t.Error("kept for too long")
	}
	if _, due := s.Due(); due {
		t.Error("still due")
	}
}

func TestWhatIsTakenIsForgottenAtOnce(t *testing.T) {
	s := New("s1", "residence", start)
	s.Body = "{}"
	s.Take(start)
	if s.Body != "" || s.Sends() || s.State != Taken || s.State.Validate() != nil || State("gone").Validate() == nil {
		t.Errorf("%+v", s)
	}
}
