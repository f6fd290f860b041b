package policy

import (
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/period"
)

// The terms of 10 June 2024 in Ljubljana (B2.7), by the pack that is in force on
// that day: what the code counts is what the pack says.
func TestNoticeAndWithdrawalAreCountedFromThePack(t *testing.T) {
	effect := time.Date(2024, 6, 9, 22, 0, 0, 0, time.UTC) // 00:00 on 10 June
	fifth := time.Date(2024, 6, 5, 22, 0, 0, 0, time.UTC)  // the end of 5 June
	third := time.Date(2024, 6, 7, 22, 0, 0, 0, time.UTC)  // the end of 7 June
	saopnet := pack(t, "saopnet").At(effect).Changes
	for _, c := range []struct {
		name       string
		of         Changes
		told, want time.Time
	}{
		{"told in the last second of the fifth day", saopnet, fifth.Add(-time.Second), fifth},
		{"told a second later: until the day before", saopnet, fifth, effect},
		{"told in the last second for notice", saopnet, third.Add(-time.Second), effect},
		{"a pack that says nothing, in time", Changes{}, fifth.Add(-time.Second), fifth},
		{"a pack that says nothing, late", Changes{}, fifth, effect},
		{"a pack that asks for notice early enough needs no later day", Changes{Notice: Span{7, Day}, Withdraw: Span{5, Day}}, fifth, fifth},
		{"a pack with days of its own, late", Changes{Withdraw: Span{5, Day}, WithdrawLate: Span{2, Day}}, fifth, time.Date(2024, 6, 8, 22, 0, 0, 0, time.UTC)},
	} {
		if got, err := c.of.WithdrawBy(period.SI, effect, c.told); err != nil || !got.Equal(c.want) {
			t.Errorf("%s: %v %v, want %v", c.name, got, err, c.want)
		}
	}
	for name, c := range map[string]struct {
		of   Changes
		want time.Time
	}{
		"saopnet":                     {saopnet, third},
		"a pack that says nothing":    {Changes{}, third},
		"a pack that asks for a week": {Changes{Notice: Span{7, Day}}, time.Date(2024, 6, 3, 22, 0, 0, 0, time.UTC)},
	} {
		if got, err := c.of.NoticeBy(period.SI, effect); err != nil || !got.End.Equal(c.want) {
			t.Errorf("%s: %v %v, want %v", name, got.End, err, c.want)
		}
	}
	if _, err := (Changes{Notice: Span{0, Day}}).NoticeBy(period.SI, effect); err == nil {
		t.Error("no days at all are counted")
	}
	if _, err := saopnet.WithdrawBy("HR", effect, effect); err == nil {
		t.Error("counted in a jurisdiction that there is not")
	}
}
