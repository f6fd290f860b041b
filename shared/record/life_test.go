package record_test

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"github.com/okence/okence/shared/domain/retention"
	"github.com/okence/okence/shared/record"
)

// TestEveryKindOfPersonalDataHasAnEnd: no personal field without something that
// ends it: a life of its own, by the tenant's pack; the record that it goes with;
// or who else ends it.
func TestEveryKindOfPersonalDataHasAnEnd(t *testing.T) {
	for _, k := range record.All() {
		if strings.HasPrefix(k.Name, "test-") {
			continue
		}
		personal := false
		for _, f := range k.Fields {
			personal = personal || f.Personal
		}
		said := 0
		for _, is := range []bool{k.End.Lives, k.End.With != "", k.End.By != ""} {
			if is {
				said++
			}
		}
		if said > 1 || personal && said == 0 {
			t.Errorf("kind %s: personal data, and what ends it is said %d times: Define it with exactly one of record.Lives, record.GoesWith, record.EndsBy", k.Name, said)
		}
		for _, p := range k.Parents {
			if record.ByName(p.Kind) == nil {
				t.Errorf("kind %s stands under %s, which is no kind", k.Name, p.Kind)
			}
		}
	}
}

type settler struct {
	ID   string    `json:"id" data:"technical"`
	In   string    `json:"in" data:"technical"`
	Of   string    `json:"of" data:"technical"`
	Many int       `json:"many" data:"technical"`
	At   time.Time `json:"at" data:"technical"`
}

// Retention looks where an empty record says that records of its kind live: one
// that lives elsewhere would be kept for good.
func TestARecordThatLivesWhereRetentionDoesNotLookIsRefused(t *testing.T) {
	kind := record.Define[settler]("test-settler", 1, record.Lives(func(s *settler) (out []retention.Life) {
		in := "platform"
		if s.In != "" {
			in = s.In
		}
		for i := range max(1, s.Many) {
			out = append(out, retention.Life{Store: in, Class: "channel", Of: cmp.Or(s.Of, "anyone"), Since: s.At.Add(time.Duration(i))})
		}
		return out
	}))
	at := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		rec settler
		ok  bool
	}{
		"where an empty one does": {settler{ID: "1", At: at}, true},
		"elsewhere":               {settler{ID: "1", In: "desk", At: at}, false},
		"of a class of person, and the empty one of anyone": {settler{ID: "1", Of: "servant", At: at}, false},
		"with more lives than it has owners":                {settler{ID: "1", Many: 2, At: at}, false},
	} {
		if _, err := kind.Split(&c.rec); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
	if !kind.LivesIn("platform", "channel") || kind.LivesIn("platform", "case") || record.Entries.LivesIn("", "") {
		t.Error("kinds live elsewhere than they say")
	}
	for _, c := range []struct {
		k    *record.Shape
		of   string
		want bool
	}{
		{record.Conversations.Shape, "servant", true}, {record.Conversations.Shape, "other", true},
		{record.Waitings.Shape, retention.Anyone, true}, {record.Waitings.Shape, "servant", false},
	} {
		if got := c.k.LivesOf("platform", c.of, "channel"); got != c.want {
			t.Errorf("a %s of class %s: %v", c.k.Name, c.of, got)
		}
	}
}
